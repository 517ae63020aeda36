import HTTP1
import Testing

/// The events depend on the bytes, never on how they were split.
@Suite struct SplittingTests {
  private static let pieces = [
    "GET / HTTP/1.1\r\n", "POST /a?b HTTP/1.1\r\n", "PUT / HTTP/1.0\r\n", "Host: a\r\n",
    "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: keep-alive\r\n",
    "\r\n", "abc", "3\r\nabc\r\n", "0\r\n", "1;x=y\r\nz\r\n", "X: y\r\n", "\r", "\n", " ", "\u{0}",
  ]

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `random inputs are understood alike`(_ seed: UInt64) throws {
    var random = Seeded(state: seed)
    var input = ""
    for _ in 0..<10 {
      let isSound = Int.random(in: 0..<4, using: &random) > 0
      input +=
        isSound
        ? [
          "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        ].randomElement(using: &random) ?? ""
        : Self.pieces.randomElement(using: &random) ?? ""
    }
    let bytes = Array(input.utf8)
    let whole = try converse([bytes[...]])
    #expect(try converse(bytes.indices.map { bytes[$0...$0] }) == whole)
    for _ in 0..<20 {
      var parts: [ArraySlice<UInt8>] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + Int.random(in: 1...40, using: &random))
        parts.append(bytes[start..<end])
        start = end
      }
      #expect(try converse(parts) == whole)
    }
  }
}
