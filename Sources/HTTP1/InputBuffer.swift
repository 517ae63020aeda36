/// Received bytes that have not been read yet.
struct InputBuffer {
  private var bytes: [UInt8] = []
  /// How many bytes in front have been read.
  private var consumed = 0
  /// How many unread bytes are known to be the beginning of a line.
  private var scanned = 0

  var count: Int { bytes.count - consumed }

  mutating func append(_ more: Span<UInt8>) {
    bytes.append(more)
  }

  mutating func removeAll() {
    self = InputBuffer()
  }

  /// The length of the next line without its CRLF, nil if it is not complete.
  ///
  /// Looks at each byte once and in order, so that the outcome is the same however the bytes were
  /// split.
  /// - Throws: `tooLong` for more than `bytesMax` bytes before the CRLF.
  mutating func findLine(
    bytesMax: Int, tooLong: HTTP1Error
  ) throws(HTTP1Error) -> Int? {
    let (place, isWhole) = try Self.scan(
      bytes.span.extracting(droppingFirst: consumed), from: scanned, bytesMax: bytesMax,
      tooLong: tooLong)
    scanned = place
    return isWhole ? place : nil
  }

  /// How far a line reaches, and whether its CRLF is there.
  private static func scan(
    _ unread: Span<UInt8>, from start: Int, bytesMax: Int, tooLong: HTTP1Error
  ) throws(HTTP1Error) -> (place: Int, isWhole: Bool) {
    var place = start
    while place < unread.count {
      let byte = unread[place]
      if byte.isText {
        if place >= bytesMax { throw tooLong }
        place += 1
      } else if byte == UInt8(ascii: "\r") {
        guard place + 1 < unread.count else { break }
        guard unread[place + 1] == UInt8(ascii: "\n") else { throw .bareCarriageReturn }
        return (place, true)
      } else {
        throw byte == UInt8(ascii: "\n") ? .bareLineFeed : .controlByte
      }
    }
    return (place, false)
  }

  /// The first `count` unread bytes.
  func prefix(_ count: Int) -> ArraySlice<UInt8> { bytes[consumed..<consumed + count] }

  /// Goes past a line of `count` bytes and its CRLF.
  mutating func consumeLine(_ count: Int) {
    consume(count + 2)
  }

  /// Takes up to `countMax` bytes to the end of `output`.
  mutating func take(_ countMax: Int, to output: inout [UInt8]) -> Int {
    let taken = min(countMax, count)
    output.append(contentsOf: prefix(taken))
    consume(taken)
    return taken
  }

  /// Takes a CRLF; false if it has not arrived.
  mutating func takeLineEnd() throws(HTTP1Error) -> Bool {
    if count > 0, bytes[consumed] != UInt8(ascii: "\r") { throw .malformedChunk }
    guard count > 1 else { return false }
    if bytes[consumed + 1] != UInt8(ascii: "\n") { throw .malformedChunk }
    consume(2)
    return true
  }

  private mutating func consume(_ count: Int) {
    consumed += count
    scanned = 0
    if consumed == bytes.count {
      // An idle connection keeps no more than a common head takes.
      bytes.removeAll(keepingCapacity: bytes.capacity <= 4 << 10)
      consumed = 0
    } else if consumed > bytes.count / 2, consumed > 4 << 10 {
      bytes.removeFirst(consumed)
      consumed = 0
    }
  }
}
