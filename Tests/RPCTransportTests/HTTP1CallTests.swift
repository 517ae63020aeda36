import Platform
import RPC
import Testing
import Wire

@testable import RPCTransport

/// Calls over HTTP/1.1, byte by byte as a peer writes and reads them.
@Suite(.timeLimit(.minutes(3))) struct HTTP1CallTests {
  private struct Answer {
    var head: String
    var body: [UInt8]
    var status: String { String(head.dropFirst(9).prefix(3)) }
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  private let service: TestService

  init() async throws {
    var limits = ServerLimits()
    limits.messageBytesMax = 5000
    service = try await TestService(limits)
  }

  /// Sends a request, and reads until the service closes the connection.
  private func call(
    _ path: String = "/test.Echo/Say", type: String = "application/json", fields: String = "",
    method: String = "POST",
    body: [UInt8]
  ) async throws -> Answer {
    let head =
      "\(method) \(path) HTTP/1.1\r\nhost: h\r\ncontent-type: \(type)\r\nconnection: close\r\n"
      + fields + "content-length: \(body.count)\r\n\r\n"
    return try answer(await service.exchange(Array(head.utf8) + body))
  }

  private func answer(_ bytes: [UInt8]) throws -> Answer {
    let end = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [13, 10, 13, 10]) },
      "no head: \(String(decoding: bytes, as: UTF8.self))")
    return Answer(
      head: String(decoding: bytes[..<end], as: UTF8.self), body: Array(bytes[(end + 4)...]))
  }

  @Test func `JSON and native are answered in kind`() async throws {
    let json = try await call(body: Array(#"{"content":"a"}"#.utf8))
    #expect(json.status == "200")
    #expect(json.head.contains("content-type: application/json"))
    #expect(json.text == #"{"content":"a"}"#)
    let message = try Text("a").encoded(as: .native)
    let native = try await call(type: "application/x-sarai", body: message)
    #expect(native.status == "200")
    #expect(native.body == message)
  }

  @Test func `interceptors see calls whose request cannot be read, too`() async throws {
    let refused = try await call(body: Array(#"{"content":1}"#.utf8))
    #expect(refused.status == "400")
    #expect(service.outcomes.withLock { $0 } == [.invalidArgument])
  }

  @Test(arguments: ["application/json", "application/x-sarai"])
  func `bodies are compressed both ways when asked`(_ type: String) async throws {
    let text = Text(String(repeating: "a", count: 3000))
    let message = try text.encoded(as: type == "application/json" ? .json : .native)
    let answer = try await call(
      type: type, fields: "content-encoding: gzip\r\naccept-encoding: br, gzip;q=0.5\r\n",
      body: Gzip.compress(message))
    #expect(answer.status == "200")
    #expect(answer.head.contains("was-compressed: yes"))
    #expect(answer.head.contains("content-encoding: gzip"))
    let plain = try Gzip.decompress(answer.body.span, byteCountMax: 5000)
    #expect(plain == message)
  }

  @Test func `a stream of responses comes as lines or as events`() async throws {
    let request = Array(#"{"content":"a"}"#.utf8)
    let lines = try await call("/test.Echo/Repeat", body: request)
    #expect(lines.head.contains("content-type: application/x-ndjson"))
    let events = try await call(
      "/test.Echo/Repeat", fields: "accept: text/event-stream\r\n", body: request)
    #expect(events.head.contains("content-type: text/event-stream"))
    for (answer, piece, end) in [
      (lines, #"{"result":{"content":"a"}}"#, #"{"end":{}}"#),
      (events, #"data: {"content":"a"}"#, "event: end"),
    ] {
      let pieces = answer.text.split(whereSeparator: \.isNewline)
      #expect(pieces.filter { $0.hasPrefix(piece) }.count == 1000)
      #expect(pieces.contains { $0.hasPrefix(end) })
    }
  }

  @Test(arguments: [
    ("GET", "/test.Echo/Say", "application/json", "", "405", ""),
    ("POST", "/test.Echo/Say", "application/grpc", "", "415", ""),
    ("POST", "/test.Echo/Say", "text/plain", "", "415", ""),
    ("POST", "/test.Echo/Sing", "application/json", "", "501", "12"),
    ("POST", "/test.Echo/Sing", "application/x-sarai", "", "200", "12"),
    ("POST", "/test.Echo/Chat", "application/json", "", "501", "12"),
    ("POST", "/test.Echo/Say", "application/json", "content-encoding: br\r\n", "501", "12"),
    ("POST", "/test.Echo/Say", "application/json", "sarai-timeout: soon\r\n", "400", "3"),
    ("POST", "/test.Echo/Say", "application/json", "a-bin: ???\r\n", "400", "3"),
    ("POST", "/test.Echo/Say", "application/json", "content-encoding: gzip\r\n", "500", "13"),
  ])
  func `what cannot be served is refused with its status`(
    _ method: String, _ path: String, _ type: String, _ fields: String, _ status: String,
    _ code: String
  ) async throws {
    let answer = try await call(path, type: type, fields: fields, method: method, body: [])
    #expect(answer.status == status)
    #expect(answer.head.contains("sarai-status: ") == !code.isEmpty)
    if !code.isEmpty { #expect(answer.head.contains("sarai-status: \(code)")) }
  }

  @Test func `bodies and bombs over the limit are refused`() async throws {
    let large = try await call(body: [UInt8](repeating: 0x61, count: 5001))
    #expect(large.status == "413")
    let bomb = try await call(
      fields: "content-encoding: gzip\r\n",
      body: Gzip.compress([UInt8](repeating: 0x61, count: 9000)))
    #expect(bomb.status == "429")
  }

  @Test func `requests sent at once are all answered, though each answer is all that may wait`()
    async throws
  {
    let service = try await TestService()
    let body = #"{"content":"\#(String(repeating: "a", count: 300_000))"}"#
    let head =
      "POST /test.Echo/Say HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\n"
      + "content-length: \(body.utf8.count)\r\n"
    let requests =
      String(repeating: "\(head)\r\n\(body)", count: 9) + "\(head)connection: close\r\n\r\n\(body)"
    let answers = String(decoding: await service.exchange(Array(requests.utf8)), as: UTF8.self)
    let bodies = answers.split(separator: "\r\n\r\n").dropFirst().map { $0.prefix(body.count) }
    #expect(bodies.count == 10 && bodies.allSatisfy { $0 == body })
  }

  @Test func `a call whose time is up is answered so`() async throws {
    async let answer = call(
      "/test.Echo/Wait", fields: "sarai-timeout: 5000000\r\n", body: Array("{}".utf8))
    await service.gate.wait(for: .arrived)
    await service.advance(by: .seconds(5))
    let status = try await answer.status
    #expect(status == "504")
    await service.gate.wait(for: .cancelled)
  }
}
