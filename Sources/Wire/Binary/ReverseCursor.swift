/// A place that is written backwards into memory whose room somebody has made sure of.
///
/// Nothing but an address, so that it stays in a register while numbers are written one after
/// another; `ReverseWriter` owns the memory.
@safe
struct ReverseCursor {
  /// The first byte written so far.
  var place: UnsafeMutableRawPointer

  /// The room that a varint may need: ten groups of 7 bits.
  static let varintBytesMax = 10

  @inline(__always)
  mutating func byte(_ byte: UInt8) {
    unsafe place -= 1
    unsafe place.storeBytes(of: byte, as: UInt8.self)
  }

  @inline(__always)
  mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ value: T) {
    unsafe place -= MemoryLayout<T>.size
    unsafe place.storeBytes(of: value.littleEndian, as: T.self)
  }

  /// A varint in its shortest spelling. Bytes before it, within `varintBytesMax`, may change.
  @inline(__always)
  mutating func varint(_ value: UInt64) {
    if value < 1 << 7 {
      byte(UInt8(truncatingIfNeeded: value))
    } else if value < 1 << 14 {
      let low = UInt16(truncatingIfNeeded: value & 0x7F) | 0x80
      littleEndian(low | UInt16(truncatingIfNeeded: value >> 7) << 8)
    } else if value < 1 << 56 {
      longVarint(value)
    } else {
      unsafe place = unsafe Self.varintByByte(value, before: place)
    }
  }

  /// A varint, unless it is 0, the default.
  /// - Returns: whether it was written.
  @inline(__always)
  mutating func unlessZero(_ value: UInt64) -> Bool {
    if value == 0 { return false }
    varint(value)
    return true
  }

  /// A number in all of its bytes, unless it is 0, the default.
  /// - Returns: whether it was written.
  @inline(__always)
  mutating func unlessZero<T: FixedWidthInteger & BitwiseCopyable>(fixed value: T) -> Bool {
    if value == 0 { return false }
    littleEndian(value)
    return true
  }

  /// How long bytes may be to count as short: two words.
  static let shortBytesMax = 16

  /// The room that a short text or short bytes need, with the length before them.
  static let shortRoom = shortBytesMax + 1

  /// A length and its text.
  @inline(__always)
  mutating func text(_ text: SmallText) {
    unsafe text.store(before: place)
    unsafe place -= text.byteCount
    byte(UInt8(truncatingIfNeeded: text.byteCount))
  }

  /// A length and its text, unless it is empty, the default.
  /// - Returns: whether it was written.
  @inline(__always)
  mutating func unlessEmpty(_ text: SmallText) -> Bool {
    if text.byteCount == 0 { return false }
    self.text(text)
    return true
  }

  /// A length and its short bytes, unless there are none, the default.
  /// - Returns: whether they were written.
  @inline(__always)
  mutating func unlessEmpty(_ bytes: Span<UInt8>) -> Bool {
    let count = bytes.count
    if count == 0 { return false }
    unsafe bytes.withUnsafeBytes { bytes in
      guard let source = bytes.baseAddress else { return }
      unsafe place -= count
      unsafe place.copyShort(from: source, byteCount: count)
    }
    byte(UInt8(truncatingIfNeeded: count))
    return true
  }

  @inline(__always)
  private mutating func longVarint(_ value: UInt64) {
    // Eight groups of 7 bits, spread over a byte each: halves, quarters, bytes.
    let halves = (value & 0x0FFF_FFFF) | (value & 0x00FF_FFFF_F000_0000) &<< 4
    let quarters = (halves & 0x0000_3FFF_0000_3FFF) | (halves & 0x0FFF_C000_0FFF_C000) &<< 2
    let groups = quarters &+ (quarters & 0x3F80_3F80_3F80_3F80)
    // Moved up so that the last byte ends where the place is; all bytes below it go on. What lands
    // before the first one is free still. (Zeros are counted from the end that processors of every
    // age are quick at.)
    let free = UInt64(truncatingIfNeeded: groups.byteSwapped.trailingZeroBitCount) & 56
    let word = groups &<< free | 0x0080_8080_8080_8080
    unsafe (place - 8).storeBytes(of: word.littleEndian, as: UInt64.self)
    unsafe place -= 8 &- Int(truncatingIfNeeded: free &>> 3)
  }

  /// The same for more than 8 bytes. Takes and gives back the address, so that it need not be in
  /// memory for all the others.
  @inline(never)
  private static func varintByByte(
    _ value: UInt64, before place: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    var cursor = unsafe ReverseCursor(place: place)
    let groupCount = (64 - value.leadingZeroBitCount + 6) / 7
    for index in stride(from: groupCount - 1, through: 0, by: -1) {
      let group = UInt8(truncatingIfNeeded: value >> UInt64(7 * index)) & 0x7F
      cursor.byte(index < groupCount - 1 ? group | 0x80 : group)
    }
    return unsafe cursor.place
  }
}
