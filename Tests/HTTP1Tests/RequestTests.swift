import HTTP1
import Testing

@Suite struct RequestTests {
  @Test(arguments: [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/"),
    ("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/"),
    ("GET /a/%2F?b={c}|\\ HTTP/1.1\r\nhOST:a:8080\r\n\r\n", "GET", "/a/%2F?b={c}|\\"),
    ("OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "OPTIONS", "*"),
    ("OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS", "*"),
    ("GET HTTP://A.b?c HTTP/1.1\r\nHost: a.B\r\n\r\n", "GET", "/?c"),
    ("GET https://a:1/b HTTP/1.1\r\nHost: a:1\r\n\r\n", "GET", "/b"),
    ("ABCDEFGHIJKLMNO /x HTTP/1.0\r\n\r\n", "ABCDEFGHIJKLMNO", "/x"),
    ("GET / HTTP/1.1\r\nHost: a\r\nX: \u{E9}\t b \t\r\nY:\r\n\r\n", "GET", "/"),
  ])
  func `is accepted`(_ input: String, _ method: String, _ target: String) throws {
    let heard = try converse(input)
    #expect(heard.failure == nil)
    #expect(heard.requests.map(\.method) == [method])
    #expect(heard.requests.map(\.target) == [target])
    #expect(heard.ended == 1)
  }

  @Test func `fields keep their order and lose case and blanks`() throws {
    let heard = try converse("GET / HTTP/1.1\r\nHost: a\r\nX-B: 1 2\t\r\nx-A:\r\nX-b:3\r\n\r\n")
    let fields = try #require(heard.requests.first).fields
    #expect(fields.map(\.name) == ["host", "x-b", "x-a", "x-b"])
    #expect(fields.map(\.value) == ["a", "1 2", "", "3"])
    #expect(fields.values(of: "x-b") == ["1 2", "3"])
    #expect(fields["x-a"] == "")
    #expect(fields["x"] == nil)
  }

  @Test(arguments: [
    ("1.1", "", true), ("1.1", "Connection: close\r\n", false),
    ("1.1", "Connection: x , CLOSE\r\n", false), ("1.1", "Connection: keep-alive\r\n", true),
    ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
    ("1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
  ])
  func `the connection is kept`(_ version: String, _ field: String, _ isKept: Bool) throws {
    var connection = HTTP1Connection()
    connection.receive(Array("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n".utf8).span)
    while connection.nextEvent() != nil {}
    try connection.sendHead(200, body: .none)
    try connection.sendEnd()
    #expect(connection.shouldClose != isKept)
    #expect(text(connection.takeOutput()).contains("connection: close") == !isKept)
    #expect(connection.wantsInput == isKept)
  }

  @Test(arguments: [
    "Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n2;a=\"b\"\r\nhe\r\n0003\r\nllo\r\n00;x\r\nX: y\r\n\r\n",
  ])
  func `a body arrives whole and the next request follows it`(_ rest: String) throws {
    let request = "POST / HTTP/1.1\r\nHost: a\r\n" + rest
    let input = Array((request + request).utf8)
    let whole = try converse([input[...]])
    #expect(whole.bodies.map(text) == ["hello", "hello"])
    #expect(whole.ended == 2)
    #expect(whole.failure == nil)
    for cut in input.indices {
      #expect(try converse([input[..<cut], input[cut...]]) == whole, "cut at \(cut)")
    }
  }

  @Test func `the next request waits for the answer`() throws {
    var connection = HTTP1Connection()
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    connection.receive((request + request).span)
    #expect(connection.nextEvent() != nil)
    #expect(connection.nextEvent() == .requestEnded)
    #expect(connection.nextEvent() == nil)
    #expect(connection.bufferedBytes == request.count)
    try connection.sendHead(200, body: .none)
    #expect(connection.nextEvent() == nil)
    try connection.sendEnd()
    #expect(connection.nextEvent() != nil)
  }

  @Test func `a peer that sends ahead is not read without bound`() {
    var connection = HTTP1Connection()
    let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    connection.receive(request.span)
    while connection.nextEvent() != nil {}
    var fed = 0
    while connection.wantsInput, fed < 1 << 20 {
      connection.receive(request.span)
      fed += request.count
    }
    #expect(fed < 32 << 10 + request.count)
  }

  @Test func `an early end of the input is a failure, between requests it is none`() throws {
    let input = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc".utf8)
    for end in 1..<input.count {
      #expect(try converse([input[..<end]], thenEnd: true).failure == .truncated, "\(end)")
    }
    #expect(try converse([input[...]], thenEnd: true).failure == nil)
    #expect(try converse([], thenEnd: true).failure == nil)
  }

  @Test func `what is awaited follows the request`() throws {
    var connection = HTTP1Connection()
    #expect(connection.awaits == .request)
    connection.receive(Array("POST / HTTP/1.1\r\n".utf8).span)
    #expect(connection.nextEvent() == nil)
    #expect(connection.awaits == .restOfHead)
    connection.receive(Array("Host: a\r\nContent-Length: 1\r\n\r\n".utf8).span)
    while connection.nextEvent() != nil {}
    #expect(connection.awaits == .restOfBody)
    connection.receive(Array("x".utf8).span)
    while connection.nextEvent() != nil {}
    #expect(connection.awaits == .nothing)
    try connection.sendHead(200, body: .none)
    try connection.sendEnd()
    #expect(connection.awaits == .request)
  }
}
