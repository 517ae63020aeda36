import Platform
import RPC
import RPCTransport
import Reactor
import Testing

/// What becomes of calls whose service adds metadata that cannot travel.
@Suite(.timeLimit(.minutes(3))) final class ReplyMetadataTests {
  private static let entries: [(String, String)] = [
    ("x", "a\r\nset-cookie: b"), ("x", "a\n"), ("x", "\u{0}"), ("x", "é"), ("x", " a"),
    ("a b", "c"), ("", "a"), ("grpc-status", "0"), ("content-length", "1"),
    ("x", String(repeating: "a", count: 9_000)),
  ]

  private let groups = (service: EventLoopGroup(count: 1), callers: EventLoopGroup(count: 1))
  private let log = Lock<[String]>([])

  deinit {
    groups.service.stop()
    groups.callers.stop()
  }

  /// Serves methods that add an entry at every place where one can be added.
  private func listen(_ name: String, _ value: String) async throws -> SocketAddress {
    let log = log
    var router = Router()
    router.unary(TestService.say) { request, context in
      if request.content == "good" { return request }
      if request.content != "trailing" { context.initialMetadata.add(name, value) }
      if request.content != "initial" { context.trailingMetadata.add(name, value) }
      if request.content == "fail" { throw RPCError(.notFound, "nothing") }
      return request
    }
    router.serverStreaming(TestService.repeat) { request, responses, context in
      if request.content != "trailing" { context.initialMetadata.add(name, value) }
      if request.content != "end" { try await responses.send(request) }
      if request.content != "initial" { context.trailingMetadata.add(name, value) }
    }
    let server = RPCServer(router, on: groups.service) { event in
      if case .answerReplaced = event { log.withLock { $0.append("\(event)") } }
    }
    return try await server.listen(on: #require(SocketAddress("127.0.0.1", port: 0)))
  }

  private func client(_ form: ClientOptions.Form, _ address: SocketAddress) throws -> RPCClient {
    var options = ClientOptions()
    options.form = form
    return RPCClient(try Target(address.description), on: groups.callers, options: options)
  }

  @Test(arguments: ClientOptions.Form.allCases, entries.indices)
  func `the caller gets a failure in their place, and the log says why`(
    _ form: ClientOptions.Form, _ index: Int
  ) async throws {
    let (name, value) = Self.entries[index]
    let client = try client(form, await listen(name, value))
    let cases = ["initial", "trailing", "fail"]
    for content in cases {
      let error = await failure { () throws(RPCError) in
        try await client.unary(TestService.say, Text(content), options: CallOptions())
      }
      #expect(error?.code == .internal, "\(content)")
    }
    for content in ["initial", "trailing", "end"] {
      let error = await #expect(throws: RPCError.self) {
        try await client.serverStreaming(
          TestService.repeat, Text(content), options: CallOptions()
        ) { responses in
          while try await responses.next() != nil {}
        }
      }
      #expect(error?.code == .internal, "\(content)")
    }
    let answer = try await client.unary(TestService.say, Text("good"), options: CallOptions())
    #expect(answer == Text("good"))
    let lines = log.withLock { $0 }
    #expect(lines.count == 6 && lines.allSatisfy { $0.contains("metadata") || $0.contains("`") })
    #expect(lines.filter { $0.contains("/test.Echo/Say") }.count == 3)
  }

  @Test(arguments: ["application/json", "application/x-sarai"])
  func `over HTTP/1.1 no line gets into the header`(_ type: String) async throws {
    let address = try await listen("x", "a\r\nset-cookie: b")
    let isJSON = type == "application/json"
    let body = isJSON ? Array(#"{"content":"initial"}"#.utf8) : [1, 7] + Array("initial".utf8)
    let head =
      "POST /test.Echo/Say HTTP/1.1\r\nhost: h\r\ncontent-type: \(type)\r\nconnection: close\r\n"
      + "content-length: \(body.count)\r\n\r\n"
    let bytes = await RawConnection.exchange(
      Array(head.utf8) + body, with: address, on: groups.callers.loops[0])
    let answer = String(decoding: bytes, as: UTF8.self)
    #expect(answer.hasPrefix("HTTP/1.1 \(isJSON ? 500 : 200) "))
    #expect(answer.contains("sarai-status: 13\r\n"))
    #expect(!answer.contains("set-cookie"))
  }
}
