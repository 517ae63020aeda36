import HTTP1
import Testing

@Suite struct AnswerTests {
  /// A connection that has received a request.
  private func connection(
    _ method: String = "GET", _ version: String = "1.1", _ rest: String = "\r\n"
  ) -> HTTP1Connection {
    var connection = HTTP1Connection()
    connection.receive(Array("\(method) / HTTP/\(version)\r\nHost: a\r\n\(rest)".utf8).span)
    while connection.nextEvent() != nil {}
    return connection
  }

  @Test(arguments: [
    ("GET", "1.1", 200, HTTP1Body.length(2), "200 OK\r\ncontent-length: 2\r\n\r\nhi"),
    (
      "GET", "1.1", 200, .chunked,
      "200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"
    ),
    ("GET", "1.0", 200, .chunked, "200 OK\r\nconnection: close\r\n\r\nhi"),
    ("HEAD", "1.1", 200, .length(2), "200 OK\r\ncontent-length: 2\r\n\r\n"),
    ("HEAD", "1.1", 200, .chunked, "200 OK\r\n\r\n"),
    ("HEAD", "1.1", 200, .none, "200 OK\r\n\r\n"),
    ("GET", "1.1", 304, .length(2), "304 Not Modified\r\ncontent-length: 2\r\n\r\n"),
    ("GET", "1.1", 204, .none, "204 No Content\r\n\r\n"),
  ])
  func `is framed for its peer`(
    _ method: String, _ version: String, _ status: Int, _ body: HTTP1Body, _ expected: String
  ) throws {
    var connection = connection(method, version)
    try connection.sendHead(status, body: body)
    if status != 204 { try connection.sendBody(Array("hi".utf8).span) }
    try connection.sendEnd()
    #expect(text(connection.takeOutput()) == "HTTP/1.1 " + expected)
    #expect(connection.outputBytes == 0)
  }

  @Test func `fields and trailers are written in order`() throws {
    var fields = HTTP1Fields()
    try fields.append("X-B", "1")
    try fields.append("a", "2")
    var connection = connection()
    try connection.sendHead(200, fields, body: .chunked)
    try connection.sendBody([UInt8]().span)
    try connection.sendEnd(trailers: fields)
    #expect(
      text(connection.takeOutput())
        == "HTTP/1.1 200 OK\r\nx-b: 1\r\na: 2\r\ntransfer-encoding: chunked\r\n\r\n"
        + "0\r\nx-b: 1\r\na: 2\r\n\r\n")
  }

  @Test(arguments: ["a\r\nb: c", "a\nb", "a\rb", "a\u{0}", " a", "a\t", "\u{7F}"])
  func `a value cannot inject`(_ value: String) {
    var fields = HTTP1Fields()
    #expect(throws: HTTP1WriteError.invalidFieldValue) { try fields.append("x", value) }
    #expect(fields.isEmpty)
  }

  @Test(arguments: ["", "a b", "a:", "a\r\n", "é", "a\u{0}"])
  func `a name cannot inject`(_ name: String) {
    var fields = HTTP1Fields()
    #expect(throws: HTTP1WriteError.invalidFieldName) { try fields.append(name, "x") }
  }

  @Test(arguments: ["Content-Length", "transfer-encoding", "Connection"])
  func `framing is not for handlers`(_ name: String) throws {
    var fields = HTTP1Fields()
    try fields.append(name, "1")
    var connection = connection()
    #expect(
      failure { () throws(HTTP1WriteError) in
        try connection.sendHead(200, fields, body: .none)
      } == .reservedField)
    #expect(connection.outputBytes == 0)
  }

  @Test func `neither more nor less than the content length is sent`() throws {
    var connection = connection()
    try connection.sendHead(200, body: .length(2))
    try connection.sendBody([1].span)
    #expect(failure { () throws(HTTP1WriteError) in try connection.sendEnd() } == .bodyTooShort)
    #expect(
      failure { () throws(HTTP1WriteError) in try connection.sendBody([1, 2].span) }
        == .bodyTooLong)
    try connection.sendBody([2].span)
    try connection.sendEnd()
    #expect(connection.shouldClose == false)
  }

  @Test func `steps out of order are refused`() throws {
    var connection = HTTP1Connection()
    #expect(
      failure { () throws(HTTP1WriteError) in
        try connection.sendHead(200, body: .none)
      } == .noRequest)
    connection = self.connection()
    #expect(failure { () throws(HTTP1WriteError) in try connection.sendEnd() } == .headNotSent)
    #expect(
      failure { () throws(HTTP1WriteError) in
        try connection.sendHead(101, body: .none)
      } == .invalidStatus)
    #expect(
      failure { () throws(HTTP1WriteError) in
        try connection.sendHead(204, body: .length(0))
      } == .bodyNotAllowed)
    try connection.sendHead(200, body: .none)
    #expect(
      failure { () throws(HTTP1WriteError) in
        try connection.sendHead(200, body: .none)
      } == .headAlreadySent)
  }

  @Test func `100 is sent once and only to who waits`() throws {
    var waiting = connection("PUT", "1.1", "Content-Length: 1\r\nExpect: 100-Continue\r\n\r\n")
    waiting.sendContinue()
    waiting.sendContinue()
    #expect(text(waiting.takeOutput()) == "HTTP/1.1 100 Continue\r\n\r\n")
    var old = connection("PUT", "1.0", "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n")
    old.sendContinue()
    #expect(old.outputBytes == 0)
  }

  @Test func `who was not asked for the body is not kept`() throws {
    var connection = connection("PUT", "1.1", "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n")
    try connection.sendHead(403, body: .none)
    try connection.sendEnd()
    #expect(connection.shouldClose == true)
    #expect(text(connection.takeOutput()).contains("connection: close"))
  }

  @Test func `the short rest of a body is dropped after an early answer`() throws {
    var connection = connection("PUT", "1.1", "Content-Length: 5\r\n\r\nab")
    try connection.sendHead(403, body: .none)
    try connection.sendEnd()
    connection.receive(Array("cdeGET /next HTTP/1.1\r\nHost: a\r\n\r\n".utf8).span)
    guard case .requestReceived(let next) = connection.nextEvent() else {
      Issue.record("the next request is missing")
      return
    }
    #expect(next.target == "/next")
  }

  @Test func `a long rest ends the connection`() throws {
    var connection = connection("PUT", "1.1", "Content-Length: 70000\r\n\r\nab")
    try connection.sendHead(403, body: .none)
    try connection.sendEnd()
    #expect(connection.shouldClose == true)
  }

  @Test func `a refusal within an answer gives it up`() throws {
    var connection = connection()
    try connection.sendHead(200, body: .length(2))
    _ = connection.takeOutput()
    try connection.refuse(.timedOut)
    #expect(connection.outputBytes == 0)
    #expect(connection.shouldClose == true)
  }

  @Test func `a server that stops finishes the answer and says so`() throws {
    var connection = connection()
    connection.closeAfterAnswer()
    #expect(connection.shouldClose == false)
    try connection.sendHead(200, body: .none)
    try connection.sendEnd()
    #expect(connection.shouldClose == true)
    #expect(text(connection.takeOutput()).contains("connection: close"))
    var idle = HTTP1Connection()
    idle.closeAfterAnswer()
    #expect(idle.shouldClose == true)
  }

  /// What the call throws; the macro cannot borrow a connection.
  private func failure(_ call: () throws(HTTP1WriteError) -> Void) -> HTTP1WriteError? {
    do throws(HTTP1WriteError) {
      try call()
      return nil
    } catch { return error }
  }
}
