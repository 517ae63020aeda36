/// The stream identifiers that a client has passed over, which it must never use again (RFC 9113
/// section 5.1.1); nghttp2 takes frames on them for late ones of closed streams.
struct SkippedStreams {
  /// Clients that skip do so once or twice; the oldest are forgotten beyond this.
  private static var rangesMax: Int { 16 }

  /// The highest stream that HEADERS have named.
  private(set) var highest: Int32 = -1
  private var ranges: [ClosedRange<Int32>] = []

  /// Takes note of a HEADERS frame; false if its stream was skipped.
  mutating func headersReceived(on stream: Int32) -> Bool {
    if stream > highest {
      if stream > highest + 2, stream & 1 == 1 {
        if ranges.count == Self.rangesMax { ranges.removeFirst() }
        ranges.append(highest + 2...stream - 2)
      }
      highest = stream
      return true
    }
    return !ranges.contains { $0.contains(stream) }
  }
}
