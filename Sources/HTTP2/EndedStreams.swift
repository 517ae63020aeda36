/// The streams that a client has ended not long ago.
///
/// HEADERS on them end the connection (RFC 9113 section 5.1, closed); nghttp2 without its list of
/// closed streams, 23 KiB a connection, takes them for what was under way and ignores them, as it
/// does with DATA, of which it tells nothing.
struct EndedStreams {
  /// What comes for a closed stream comes soon.
  private static var countMax: Int { 32 }

  private var streams = InlineArray<32, Int32>(repeating: -1)
  private var count = 0

  /// Takes note that a stream is closed and that the client itself has ended its side.
  mutating func add(_ stream: Int32) {
    streams[count % Self.countMax] = stream
    count &+= 1
  }

  /// Whether this is one of the last streams.
  func contains(_ stream: Int32) -> Bool {
    streams.indices.contains { streams[$0] == stream }
  }
}
