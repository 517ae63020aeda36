import Platform
import RPC
import RPCTransport
import Testing

/// Calls through sockets, as a client of ours makes them over HTTP/2.
@Suite(.timeLimit(.minutes(3))) struct CallTests {
  @Test(arguments: ClientOptions.Form.allCases, [false, true])
  func `one request gets its response, compressed or not, larger than a window or empty`(
    _ form: ClientOptions.Form, _ compresses: Bool
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let reply = Lock(ReplyMetadata())
    var options = CallOptions()
    options.usesCompression = compresses
    options.receivesMetadata = { metadata in reply.withLock { $0 = metadata } }
    for text in [Text(), Text("a"), Text(String(repeating: "text ", count: 80_000))] {
      let response = try await client.unary(TestService.say, text, options: options)
      #expect(response == text)
      #expect(reply.withLock { $0.initial["was-compressed"] } == (compresses ? "yes" : nil))
    }
  }

  @Test(arguments: [ClientOptions.Form.grpc, .native], [false, true])
  func `streams of requests and of both work, compressed or not`(
    _ form: ClientOptions.Form, _ compresses: Bool
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    var options = CallOptions()
    options.usesCompression = compresses
    let joined = try await client.clientStreaming(TestService.join, options: options) { requests in
      for number in 0..<100 { try await requests.send(Text("\(number),")) }
    }
    #expect(joined.content == (0..<100).map { "\($0)," }.joined())
    let answers = try await client.bidirectional(TestService.chat, options: options) {
      requests, responses in
      var answers: [String] = []
      for number in 0..<20 {
        try await requests.send(Text("\(number)"))
        if let answer = try await responses.next() { answers.append(answer.content) }
      }
      requests.finish()
      let end = try await responses.next()
      #expect(end == nil)
      return answers
    }
    #expect(answers == (0..<20).map { "\($0)" })
  }

  @Test(arguments: ClientOptions.Form.allCases, [false, true])
  func `a stream of responses comes whole and stops at a reader that stands still`(
    _ form: ClientOptions.Form, _ compresses: Bool
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    var options = CallOptions()
    options.usesCompression = compresses
    // Text that gzip makes little of.
    let text = Text((0..<600).map { String($0 * $0 * 7919 % 99_991, radix: 36) }.joined())
    try await client.serverStreaming(TestService.repeat, text, options: options) { responses in
      let first = try await responses.next()
      #expect(first == text)
      var before = -1
      // Until a hundred turns of the loops have brought nothing further.
      while before != service.sent.withLock({ $0 }) {
        before = service.sent.withLock { $0 }
        for _ in 0..<100 { await service.turn() }
      }
      // A window, and what the service may have queued.
      #expect(before * text.content.utf8.count < (compresses ? 1000 : 512) << 10)
      #expect(before < 1000)
      var count = 1
      for try await response in responses where response == text { count += 1 }
      #expect(count == 1000)
    }
  }

  @Test func `JSON says that it carries no stream of requests`() async throws {
    let service = try await TestService()
    let client = try service.client(.json)
    let error = await #expect(throws: RPCError.self) {
      _ = try await client.clientStreaming(TestService.join, options: CallOptions()) { _ in }
    }
    #expect(error?.code == .unimplemented)
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `metadata and the status with its details travel`(_ form: ClientOptions.Form) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let reply = Lock(ReplyMetadata())
    var options = CallOptions(metadata: ["echo-bin": "AQID"])
    options.receivesMetadata = { metadata in reply.withLock { $0 = metadata } }
    _ = try await client.unary(TestService.say, Text(), options: options)
    #expect(reply.withLock { $0.initial["initial-bin"] } == "AQID")
    #expect(reply.withLock { $0.trailing["trailing"] } == "end")

    var expected = RPCError(.notFound, "nothing – 100 %", details: [TestService.knownDetail])
    // A detail of a type that nobody knows has no JSON.
    if form != .json { expected.details.insert(TestService.foreignDetail, at: 0) }
    await #expect(throws: expected) {
      try await client.unary(TestService.say, Text("fail"), options: options)
    }
    #expect(reply.withLock { $0.trailing["trailing"] } == "end")
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `an unknown method is unimplemented`(_ form: ClientOptions.Form) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let other = TestService.Method(service: "test.Echo", name: "Sing", kind: .unary)
    await #expect(throws: RPCError(.unimplemented, "there is no method /test.Echo/Sing")) {
      try await client.unary(other, Text(), options: CallOptions())
    }
  }

  @Test func `a hundred calls at once end in any order, and those beyond wait`() async throws {
    let service = try await TestService()
    let client = try service.client(.native)
    let answers = try await withThrowingTaskGroup(of: String.self) { tasks in
      for number in 0..<150 {
        tasks.addTask {
          try await client.unary(TestService.wait, Text("\(number)"), options: CallOptions())
            .content
        }
      }
      await service.gate.wait(for: .arrived, count: 100)
      service.gate.open()
      await service.gate.wait(for: .arrived, count: 50)
      service.gate.open()
      return try await tasks.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(answers == Set((0..<150).map { "\($0)" }))
  }
}
