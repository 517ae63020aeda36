/// Writes binary output from its last byte to its first.
///
/// A length stands before what it measures and a presence before its values. Written backwards,
/// both are known when their turn comes: one pass over the message, no sizes computed beforehand,
/// nothing moved afterwards.
@safe
struct ReverseWriter: ~Copyable {
  private var start: UnsafeMutableRawPointer
  private var end: UnsafeMutableRawPointer
  /// The first byte written so far.
  var cursor: ReverseCursor

  init(capacity: Int) {
    unsafe start = .allocate(byteCount: max(capacity, 64), alignment: 16)
    unsafe end = unsafe start + max(capacity, 64)
    unsafe cursor = ReverseCursor(place: end)
  }

  deinit { unsafe start.deallocate() }

  /// How many bytes were written.
  @inline(__always)
  var count: Int { unsafe end - cursor.place }

  /// What was written, first byte first; valid until the next write.
  var written: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: cursor.place, count: count)
  }

  /// Begins anew, keeping the memory.
  mutating func reset() { unsafe cursor.place = unsafe end }

  /// Makes room for so many bytes before the cursor.
  @inline(__always)
  mutating func reserve(_ byteCount: Int) {
    if unsafe cursor.place - start < byteCount { grow(byteCount) }
  }

  @inline(never)
  private mutating func grow(_ byteCount: Int) {
    let (used, capacity) = unsafe (count, end - start)
    let larger = max(capacity * 2, used + byteCount)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    unsafe (memory + larger - used).copyMemory(from: cursor.place, byteCount: used)
    unsafe start.deallocate()
    unsafe start = unsafe memory
    unsafe end = unsafe memory + larger
    unsafe cursor.place = unsafe end - used
  }

  @inline(__always)
  mutating func byte(_ byte: UInt8) {
    reserve(1)
    cursor.byte(byte)
  }

  @inline(__always)
  mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    reserve(MemoryLayout<T>.size)
    cursor.littleEndian(value)
  }

  /// A varint in its shortest spelling.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    reserve(ReverseCursor.varintBytesMax)
    cursor.varint(value)
  }

  /// A length and its text.
  @inline(__always)
  mutating func text(_ string: UnsafePointer<String>) {
    if let text = unsafe SmallText(string) {
      reserve(ReverseCursor.shortRoom)
      cursor.text(text)
      return
    }
    let before = count
    // A native string's bytes are in place: nothing is changed by asking for them, and asking this
    // way takes no reference.
    unsafe UnsafeMutablePointer(mutating: string).pointee.withUTF8 {
      unsafe bytes(UnsafeRawBufferPointer($0))
    }
    varint(UInt64(count - before))
  }

  @inline(__always)
  mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    let count = bytes.count
    reserve(count)
    unsafe cursor.place -= count
    if count > ReverseCursor.shortBytesMax {
      unsafe cursor.place.copyMemory(from: source, byteCount: count)
    } else {
      unsafe cursor.place.copyShort(from: source, byteCount: count)
    }
  }
}

extension UnsafeMutableRawPointer {
  /// Copies at most 16 bytes without a call: two words that may overlap.
  @inline(__always)
  func copyShort(from source: UnsafeRawPointer, byteCount: Int) {
    if byteCount >= 8 {
      unsafe copyEnds(UInt64.self, source, byteCount)
    } else if byteCount >= 4 {
      unsafe copyEnds(UInt32.self, source, byteCount)
    } else if byteCount >= 2 {
      unsafe copyEnds(UInt16.self, source, byteCount)
    } else if byteCount == 1 {
      unsafe storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
    }
  }

  /// Copies `byteCount` bytes, between one and two words of them.
  @inline(__always)
  private func copyEnds<Word: FixedWidthInteger & BitwiseCopyable>(
    _ type: Word.Type, _ source: UnsafeRawPointer, _ byteCount: Int
  ) {
    let last = byteCount &- MemoryLayout<Word>.size
    let head = unsafe source.loadUnaligned(as: Word.self)
    let tail = unsafe source.loadUnaligned(fromByteOffset: last, as: Word.self)
    unsafe storeBytes(of: head, as: Word.self)
    unsafe storeBytes(of: tail, toByteOffset: last, as: Word.self)
  }
}
