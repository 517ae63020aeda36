/// Writes binary output from its last byte to its first.
///
/// A length stands before what it measures and a presence before its values. Written backwards,
/// both are known when their turn comes: one pass over the message, no sizes computed beforehand,
/// nothing moved afterwards.
struct ReverseWriter: ~Copyable {
  private var start: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  /// The first byte written so far.
  private(set) var cursor: UnsafeMutableRawPointer

  init(capacity: Int) {
    start = .allocate(byteCount: max(capacity, 64), alignment: 16)
    end = start + max(capacity, 64)
    cursor = end
  }

  deinit { start.deallocate() }

  /// How many bytes were written.
  @inline(__always)
  var count: Int { end - cursor }

  /// What was written, first byte first; valid until the next write.
  var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: cursor, count: count) }

  /// Begins anew, keeping the memory.
  mutating func reset() { cursor = end }

  @inline(__always)
  private mutating func reserve(_ byteCount: Int) {
    if cursor - start < byteCount { grow(byteCount) }
  }

  @inline(never)
  private mutating func grow(_ byteCount: Int) {
    let (used, capacity) = (count, end - start)
    let larger = max(capacity * 2, used + byteCount)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    (memory + larger - used).copyMemory(from: cursor, byteCount: used)
    start.deallocate()
    start = memory
    end = memory + larger
    cursor = end - used
  }

  @inline(__always)
  mutating func byte(_ byte: UInt8) {
    reserve(1)
    cursor -= 1
    cursor.storeBytes(of: byte, as: UInt8.self)
  }

  @inline(__always)
  mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    reserve(MemoryLayout<T>.size)
    cursor -= MemoryLayout<T>.size
    cursor.storeBytes(of: value.littleEndian, as: T.self)
  }

  /// A varint in its shortest spelling.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    if value < 0x80 {
      byte(UInt8(truncatingIfNeeded: value))
    } else {
      longVarint(value)
    }
  }

  private mutating func longVarint(_ value: UInt64) {
    // ceil(bits / 7) for 8...64 bits
    let byteCount = (64 - value.leadingZeroBitCount + 6) / 7
    reserve(byteCount)
    cursor -= byteCount
    var rest = value
    for index in 0..<(byteCount - 1) {
      cursor.storeBytes(
        of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: index, as: UInt8.self)
      rest >>= 7
    }
    cursor.storeBytes(
      of: UInt8(truncatingIfNeeded: rest), toByteOffset: byteCount - 1, as: UInt8.self)
  }

  @inline(__always)
  mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else { return }
    reserve(bytes.count)
    cursor -= bytes.count
    cursor.copyMemory(from: base, byteCount: bytes.count)
  }

  @inline(__always)
  mutating func bytes(_ bytes: borrowing [UInt8]) {
    bytes.withUnsafeBytes { self.bytes($0) }
  }

  /// A string's UTF-8, without its length.
  @inline(__always)
  mutating func text(_ text: borrowing String) {
    let done: Void? = text.utf8.withContiguousStorageIfAvailable {
      bytes(UnsafeRawBufferPointer($0))
    }
    if done == nil { bytes(Array(text.utf8)) }
  }
}
