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
  private(set) var cursor: UnsafeMutableRawPointer

  init(capacity: Int) {
    unsafe start = .allocate(byteCount: max(capacity, 64), alignment: 16)
    unsafe end = unsafe start + max(capacity, 64)
    unsafe cursor = unsafe end
  }

  deinit { unsafe start.deallocate() }

  /// How many bytes were written.
  @inline(__always)
  var count: Int { unsafe end - cursor }

  /// What was written, first byte first; valid until the next write.
  var written: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: cursor, count: count) }

  /// Begins anew, keeping the memory.
  mutating func reset() { unsafe cursor = unsafe end }

  @inline(__always)
  private mutating func reserve(_ byteCount: Int) {
    if unsafe cursor - start < byteCount { grow(byteCount) }
  }

  @inline(never)
  private mutating func grow(_ byteCount: Int) {
    let (used, capacity) = unsafe (count, end - start)
    let larger = max(capacity * 2, used + byteCount)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 16)
    unsafe (memory + larger - used).copyMemory(from: cursor, byteCount: used)
    unsafe start.deallocate()
    unsafe start = unsafe memory
    unsafe end = unsafe memory + larger
    unsafe cursor = unsafe end - used
  }

  @inline(__always)
  mutating func byte(_ byte: UInt8) {
    reserve(1)
    unsafe cursor -= 1
    unsafe cursor.storeBytes(of: byte, as: UInt8.self)
  }

  @inline(__always)
  mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    reserve(MemoryLayout<T>.size)
    unsafe cursor -= MemoryLayout<T>.size
    unsafe cursor.storeBytes(of: value.littleEndian, as: T.self)
  }

  /// A varint in its shortest spelling.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    if value < 1 << 7 {
      byte(UInt8(truncatingIfNeeded: value))
    } else if value < 1 << 14 {
      let low = UInt16(truncatingIfNeeded: value & 0x7F) | 0x80
      littleEndian(low | UInt16(truncatingIfNeeded: value >> 7) << 8)
    } else {
      longVarint(value)
    }
  }

  private mutating func longVarint(_ value: UInt64) {
    guard value < 1 << 56, unsafe cursor - start >= 8 else { return varintByByte(value) }
    // Eight groups of 7 bits, spread over a byte each: halves, quarters, bytes.
    let halves = (value & 0x0FFF_FFFF) | (value & 0x00FF_FFFF_F000_0000) &<< 4
    let quarters = (halves & 0x0000_3FFF_0000_3FFF) | (halves & 0x0FFF_C000_0FFF_C000) &<< 2
    let groups = quarters &+ (quarters & 0x3F80_3F80_3F80_3F80)
    // Where the last byte that is not zero begins, in bits; all bytes below it go on.
    let lastByte = UInt64(truncatingIfNeeded: 63 &- groups.leadingZeroBitCount) & 56
    let more = 0x8080_8080_8080_8080 & ((1 as UInt64) &<< lastByte &- 1)
    // Moved up so that the last byte ends where the cursor is; what lands below is free still.
    let word = (groups | more) &<< (56 &- lastByte)
    unsafe (cursor - 8).storeBytes(of: word.littleEndian, as: UInt64.self)
    unsafe cursor -= Int(truncatingIfNeeded: lastByte &>> 3 &+ 1)
  }

  /// The same for more than 8 bytes, and where memory is short.
  @inline(never)
  private mutating func varintByByte(_ value: UInt64) {
    let groupCount = (64 - value.leadingZeroBitCount + 6) / 7
    for index in stride(from: groupCount - 1, through: 0, by: -1) {
      let group = UInt8(truncatingIfNeeded: value >> UInt64(7 * index)) & 0x7F
      byte(index < groupCount - 1 ? group | 0x80 : group)
    }
  }

  @inline(__always)
  mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    let count = bytes.count
    reserve(count)
    unsafe cursor -= count
    if count > 16 {
      unsafe cursor.copyMemory(from: source, byteCount: count)
    } else {
      unsafe cursor.copyShort(from: source, byteCount: count)
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
