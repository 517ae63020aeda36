import CLinux

/// The memory of the whole process; for `main`.
public enum ProcessMemory {
  /// Has the C library give large blocks back to the system as soon as they are free.
  ///
  /// Left alone, it learns from the first large message that is freed to keep blocks of that size,
  /// up to 32 MiB each, among small ones that stay: a server then never shrinks to what it needs.
  /// From 1 MiB on, asking the system costs little beside filling the block.
  public static func giveBackLargeBlocks() {
    mallopt(M_MMAP_THRESHOLD, 1 << 20)
    // Setting one of them keeps both from changing; 128 KiB would be too little to keep.
    mallopt(M_TRIM_THRESHOLD, 4 << 20)
  }
}
