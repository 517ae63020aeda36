import HTTP1
import Testing

/// Each limit holds at its edge and refuses one more.
@Suite struct LimitTests {
  private static let head = "POST / HTTP/1.1\r\nHost: a\r\n"
  private static let chunked = head + "Transfer-Encoding: chunked\r\n\r\n"

  /// A bound, the status beyond it, and a request that takes so much of it.
  struct Limit: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let edge: Int
    let status: Int
    let input: @Sendable (Int) -> String
  }

  private static func many(_ text: String, _ count: Int) -> String {
    String(repeating: text, count: count)
  }

  static let limits = [
    // `GET /` and ` HTTP/1.1` are 14 bytes.
    Limit(testDescription: "request line", edge: 8192, status: 414) {
      "GET /" + many("a", $0 - 14) + " HTTP/1.1\r\nHost: a\r\n\r\n"
    },
    // `Host: a` and `X:` are 9 bytes.
    Limit(testDescription: "field bytes", edge: 16384, status: 431) {
      head + "X:" + many("a", $0 - 9) + "\r\n\r\n"
    },
    Limit(testDescription: "field count", edge: 100, status: 431) {
      head + many("X:\r\n", $0 - 1) + "\r\n"
    },
    Limit(testDescription: "method", edge: 15, status: 501) {
      many("A", $0) + " / HTTP/1.1\r\nHost: a\r\n\r\n"
    },
    Limit(testDescription: "chunk size digits", edge: 8, status: 400) {
      chunked + many("0", $0) + "\r\n\r\n"
    },
    Limit(testDescription: "chunk extension", edge: 4096, status: 400) {
      chunked + "0;" + many("a", $0 - 1) + "\r\n\r\n"
    },
    // The `;` of the second chunk counts too.
    Limit(testDescription: "chunk extensions together", edge: 4096, status: 400) {
      chunked + "1;" + many("a", $0 - 2) + "\r\nx\r\n0;\r\n\r\n"
    },
    Limit(testDescription: "trailer bytes", edge: 4096, status: 431) {
      chunked + "0\r\nX:" + many("a", $0 - 2) + "\r\n\r\n"
    },
    Limit(testDescription: "trailer count", edge: 20, status: 431) {
      chunked + "0\r\n" + many("X:\r\n", $0) + "\r\n"
    },
    Limit(testDescription: "body", edge: 4 << 20, status: 413) {
      head + "Content-Length: \($0)\r\n\r\n" + many("a", $0)
    },
  ]

  @Test(arguments: limits)
  func `a limit holds at its edge and refuses one more`(_ limit: Limit) throws {
    let within = try converse(limit.input(limit.edge))
    #expect(within.failure == nil)
    #expect(within.ended == 1)
    #expect(try converse(limit.input(limit.edge + 1)).failure?.status == limit.status)
  }

  @Test func `the bound on chunked bodies is on their sum`() throws {
    var limits = HTTP1Limits()
    limits.bodyBytesMax = 4
    let four = Self.chunked + "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n"
    let five = Self.chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    #expect(try converse(four, limits: limits).failure == nil)
    let refused = try converse(five, limits: limits)
    #expect(refused.failure == .bodyTooLarge)
    #expect(refused.bodies.map(text) == ["abc"])
  }

  @Test func `the caller sets the bound of one request`() throws {
    var connection = HTTP1Connection()
    let upload = Array((Self.head + "Content-Length: 5000000\r\n\r\n").utf8)
    connection.receive(upload.span)
    _ = connection.nextEvent()
    connection.bodyBytesMax = 5_000_000
    #expect(connection.nextEvent() == nil)
    connection.receive([UInt8](repeating: 0, count: 5_000_000).span)
    while connection.nextEvent() != nil {}
    try connection.sendHead(204, body: .none)
    try connection.sendEnd()
    connection.receive(upload.span)
    _ = connection.nextEvent()
    #expect(connection.nextEvent() == .failed(.bodyTooLarge))
  }
}
