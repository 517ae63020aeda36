/// A bounded cursor over binary input, and the memory that what is read may still take.
///
/// Never reads at or past `end`. Every failure names the byte where the refused value begins.
@safe
struct ByteReader {
  let start: UnsafeRawPointer
  var cursor: UnsafeRawPointer
  /// The end of the input, or of the message that is being read within it.
  var end: UnsafeRawPointer
  /// Bytes of memory that may still be taken.
  private(set) var memoryBudget: Int

  init(_ bytes: UnsafeRawBufferPointer, memoryBudget: Int) {
    // An empty buffer may have no address; any will do, since nothing is read from it.
    unsafe start = unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
    unsafe cursor = unsafe start
    unsafe end = unsafe start + bytes.count
    self.memoryBudget = memoryBudget
  }

  /// How many bytes are left before `end`.
  @inline(__always)
  var remaining: Int { unsafe end - cursor }

  /// A fault of the value that begins at `place`, or at the cursor.
  @inline(__always)
  func fault(_ reason: WireError.Reason, at place: UnsafeRawPointer? = nil) -> WireFault {
    unsafe Self.fault(reason, (place ?? cursor) - start)
  }

  /// Out of the way of what goes well.
  @inline(never)
  private static func fault(_ reason: WireError.Reason, _ byteOffset: Int) -> WireFault {
    WireFault(reason: reason, byteOffset: byteOffset)
  }

  /// Takes memory from the budget.
  @inline(__always)
  mutating func spend(_ byteCount: Int) throws(WireFault) {
    memoryBudget &-= byteCount
    if memoryBudget < 0 { throw unsafe fault(.memoryBudget) }
  }

  /// Takes memory for `count` elements of `stride` bytes that a list which grows by itself gets: it
  /// doubles, so that up to half of it is empty.
  mutating func spend(growingBy count: Int, times stride: Int) throws(WireFault) {
    try spend(count, times: 2 * stride)
  }

  /// Takes memory for `count` things of `stride` bytes; neither is trusted.
  mutating func spend(_ count: Int, times stride: Int) throws(WireFault) {
    let (product, overflow) = count.multipliedReportingOverflow(by: stride)
    if overflow || product > memoryBudget { throw unsafe fault(.memoryBudget) }
    memoryBudget -= product
  }

  // MARK: Fixed widths

  @inline(__always)
  mutating func byte() throws(WireFault) -> UInt8 {
    guard unsafe cursor < end else { throw unsafe fault(.truncated) }
    let byte = unsafe cursor.load(as: UInt8.self)
    unsafe cursor += 1
    return byte
  }

  @inline(__always)
  mutating func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type
  ) throws(WireFault) -> T {
    guard remaining >= MemoryLayout<T>.size else { throw unsafe fault(.truncated) }
    let value = unsafe cursor.loadUnaligned(as: T.self)
    unsafe cursor += MemoryLayout<T>.size
    return T(littleEndian: value)
  }

  // MARK: Varints

  /// A varint of at most 10 bytes, as protobuf reads it: longer spellings than needed are fine.
  @inline(__always)
  mutating func varint() throws(WireFault) -> UInt64 {
    // One byte only, unlike `shortVarint`: tags are that short, and more code at each of them
    // costs more than it saves.
    if unsafe cursor < end {
      let first = unsafe cursor.load(as: UInt8.self)
      if first < 0x80 {
        unsafe cursor += 1
        return UInt64(first)
      }
    }
    let long = try longVarint()
    unsafe cursor += long.byteCount
    return long.value
  }

  /// A varint in its shortest spelling, as native wants it.
  @inline(__always)
  mutating func shortestVarint() throws(WireFault) -> UInt64 {
    if let value = shortVarint() { return value }
    let long = try longVarint()
    if !long.isShortest { throw unsafe fault(.overlongVarint) }
    unsafe cursor += long.byteCount
    return long.value
  }

  /// A varint of one or two bytes in its shortest spelling, which most are; nil for all others.
  @inline(__always)
  private mutating func shortVarint() -> UInt64? {
    guard unsafe cursor < end else { return nil }
    let first = unsafe cursor.load(as: UInt8.self)
    if first < 0x80 {
      unsafe cursor += 1
      return UInt64(first)
    }
    guard remaining >= 2 else { return nil }
    let second = unsafe cursor.load(fromByteOffset: 1, as: UInt8.self)
    guard second &- 1 < 0x7F else { return nil }
    unsafe cursor += 2
    return UInt64(first & 0x7F) | UInt64(second) &<< 7
  }

  /// A varint as it stands on the wire.
  private struct LongVarint {
    var value: UInt64
    var byteCount: Int
    var isShortest: Bool
  }

  /// The varint at the cursor, in any spelling. Moves nothing: what is handed to a function by its
  /// address must lie in memory, and a cursor does best in a register.
  @inline(__always)
  private func longVarint() throws(WireFault) -> LongVarint {
    guard remaining >= 8 else { return try varintByByte() }
    let word = unsafe UInt64(littleEndian: cursor.loadUnaligned(as: UInt64.self))
    let ends = ~word & 0x8080_8080_8080_8080
    guard ends != 0 else { return try varintByByte() }
    // The lowest byte without its high bit is the last one; what is above it is not ours.
    let ours = ends ^ (ends &- 1)
    let groups = word & ours & 0x7F7F_7F7F_7F7F_7F7F
    // Eight groups of 7 bits, drawn together: pairs, then fours, then all.
    let pairs = groups &- (groups & 0x7F00_7F00_7F00_7F00) &>> 1
    let fours = (pairs & 0x0000_3FFF_0000_3FFF) | (pairs & 0x3FFF_0000_3FFF_0000) &>> 2
    return LongVarint(
      value: (fours & 0x0FFF_FFFF) | (fours & 0x0FFF_FFFF_0000_0000) &>> 4,
      byteCount: (ends.trailingZeroBitCount &+ 1) &>> 3,
      // Its last byte holds something: more than fits below it.
      isShortest: groups > ours &>> 8)
  }

  /// The same near the end of the input, and for more than 8 bytes.
  @inline(never)
  private func varintByByte() throws(WireFault) -> LongVarint {
    var place = unsafe cursor
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while unsafe place < end {
      let byte = unsafe place.load(as: UInt8.self)
      unsafe place += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 {
        // The tenth byte has room for one bit only.
        if shift == 63, byte > 1 { throw unsafe fault(.varintTooLong) }
        return unsafe LongVarint(
          value: value, byteCount: place - cursor, isShortest: byte != 0 || shift == 0)
      }
      shift += 7
      if shift > 63 { throw unsafe fault(.varintTooLong) }
    }
    throw unsafe fault(.truncated)
  }

  /// A byte count in its shortest spelling that reaches no further than the end.
  @inline(__always)
  mutating func shortestLength() throws(WireFault) -> Int {
    let place = unsafe cursor
    let length = try shortestVarint()
    guard length <= UInt64(bitPattern: Int64(remaining)) else {
      throw unsafe fault(.lengthPastEnd, at: place)
    }
    return Int(truncatingIfNeeded: length)
  }

  /// A byte count in any spelling that reaches no further than the end.
  @inline(__always)
  mutating func length() throws(WireFault) -> Int {
    let place = unsafe cursor
    let length = try varint()
    guard length <= UInt64(bitPattern: Int64(remaining)) else {
      throw unsafe fault(.lengthPastEnd, at: place)
    }
    return Int(truncatingIfNeeded: length)
  }

  // MARK: Text and bytes

  /// The next `count` bytes, which must be there, as text.
  @inline(__always)
  mutating func string(_ count: Int) throws(WireFault) -> String {
    if let text = smallText(count) { return text.string }
    return try longString(count)
  }

  /// The next `count` bytes, which must be there, as a text that is short and ASCII; nil, nothing
  /// read, when it is not.
  @inline(__always)
  mutating func smallText(_ count: Int) -> SmallText? {
    guard let text = unsafe SmallText(ascii: cursor, byteCount: count) else { return nil }
    unsafe cursor += count
    return text
  }

  /// The next `count` bytes, which must be there, as text of any kind.
  mutating func longString(_ count: Int) throws(WireFault) -> String {
    // Shorter ones live in the string itself; these take a block with a header.
    if count > SmallText.byteCountMax { try spend(count + 32) }
    let bytes = unsafe UnsafeBufferPointer(
      start: cursor.assumingMemoryBound(to: UInt8.self), count: count)
    if isASCII(count) {
      let ascii = unsafe UTF8Span(unchecked: Span(_unsafeElements: bytes), isKnownASCII: true)
      unsafe cursor += count
      return String(copying: ascii)
    }
    let text: String
    do throws(UTF8.ValidationError) {
      text = unsafe String(copying: try UTF8Span(validating: Span(_unsafeElements: bytes)))
    } catch {
      throw unsafe fault(.invalidUTF8, at: cursor + error.byteOffsets.lowerBound)
    }
    unsafe cursor += count
    return text
  }

  /// Whether the next `count` bytes, which must be there, are ASCII.
  @inline(__always)
  private func isASCII(_ count: Int) -> Bool {
    var seen: UInt64 = 0
    var offset = 0
    while offset &+ 32 <= count {
      for word in 0..<4 {
        unsafe seen |= cursor.loadUnaligned(fromByteOffset: offset &+ 8 &* word, as: UInt64.self)
      }
      offset &+= 32
    }
    while offset &+ 8 <= count {
      unsafe seen |= cursor.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    if count >= 8 {
      unsafe seen |= cursor.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else {
      while offset < count {
        unsafe seen |= UInt64(cursor.load(fromByteOffset: offset, as: UInt8.self))
        offset &+= 1
      }
    }
    return seen & 0x8080_8080_8080_8080 == 0
  }

  /// The next `count` bytes, which must be there.
  @inline(__always)
  mutating func bytes(_ count: Int) throws(WireFault) -> [UInt8] {
    if count == 0 { return [] }
    try spend(count + 32)
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: cursor, count: count))
    unsafe cursor += count
    return bytes
  }
}
