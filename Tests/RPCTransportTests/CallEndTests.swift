import Platform
import RPC
import RPCTransport
import Testing

/// How calls end that do not run their course, through sockets.
@Suite(.timeLimit(.minutes(3))) struct CallEndTests {
  @Test(arguments: ClientOptions.Form.allCases, [false, true])
  func `when time is up, on either side, the caller is told and the handler cancelled`(
    _ form: ClientOptions.Form, _ isCallersClock: Bool
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    async let outcome = failure { () throws(RPCError) in
      try await client.unary(
        TestService.wait, Text("a"), options: CallOptions(timeout: .seconds(5)))
    }
    await service.gate.wait(for: .arrived)
    if isCallersClock {
      await service.advanceCallers(by: .seconds(5))
    } else {
      await service.advance(by: .seconds(5))
    }
    let code = await outcome?.code
    #expect(code == .deadlineExceeded)
    await service.gate.wait(for: .cancelled)
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `a caller that gives up has the handler cancelled`(_ form: ClientOptions.Form) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    await withTaskGroup(of: RPCError?.self) { tasks in
      tasks.addTask {
        await failure { () throws(RPCError) in
          try await client.unary(TestService.wait, Text("a"), options: CallOptions())
        }
      }
      await service.gate.wait(for: .arrived)
      tasks.cancelAll()
      let error = await tasks.next()
      #expect(error??.code == .cancelled)
    }
    await service.gate.wait(for: .cancelled)
  }

  @Test(arguments: [ClientOptions.Form.grpc, .native])
  func `an exchange that ends early has the handler cancelled`(
    _ form: ClientOptions.Form
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let answer = try await client.bidirectional(TestService.chat, options: CallOptions()) {
      requests, responses in
      try await requests.send(Text("a"))
      return try await responses.next()
    }
    #expect(answer == Text("a"))
    await service.gate.wait(for: .cancelled)
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `a message over the limit is refused by whoever gets it`(
    _ form: ClientOptions.Form
  ) async throws {
    var limits = ServerLimits()
    limits.messageBytesMax = 1000
    let service = try await TestService(limits)
    let refusing = try service.client(form) { $0.messageBytesMax = 10 }
    let client = try service.client(form)
    for (caller, count) in [(client, 2000), (refusing, 20)] {
      for compresses in [false, true] {
        var options = CallOptions()
        options.usesCompression = compresses
        let text = Text(String(repeating: "a", count: count))
        let error = await #expect(throws: RPCError.self) {
          try await caller.unary(TestService.say, text, options: options)
        }
        #expect(error?.code == .resourceExhausted)
      }
    }
    let answer = try await client.unary(TestService.say, Text("a"), options: CallOptions())
    #expect(answer == Text("a"))
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `more metadata than a header may hold is refused`(_ form: ClientOptions.Form) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let metadata: Metadata = ["m": String(repeating: "v", count: 20_000)]
    let error = await #expect(throws: RPCError.self) {
      try await client.unary(TestService.say, Text(), options: CallOptions(metadata: metadata))
    }
    #expect(error?.code == .resourceExhausted)
  }

  @Test(arguments: ClientOptions.Form.allCases, ["a", "\u{FFFD}"])
  func `a failure tells its code, however long its message is`(
    _ form: ClientOptions.Form, _ character: String
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    // The message tells the name.
    let method = TestService.Method(
      service: "test.Echo", name: String(repeating: character, count: 5000), kind: .unary)
    let error = await #expect(throws: RPCError.self) {
      try await client.unary(method, Text(), options: CallOptions())
    }
    #expect(error?.code == .unimplemented)
    #expect(error?.message.contains(character + character) == true)
  }

  @Test func `requests that nobody reads are refused at the connection's limit`() async throws {
    var limits = ServerLimits()
    limits.bufferedBytesMax = 1000
    let service = try await TestService(limits)
    let client = try service.client(.native)
    // A message that has begun and does not end is held.
    let error = await #expect(throws: RPCError.self) {
      try await client.unary(
        TestService.say, Text(String(repeating: "a", count: 300_000)), options: CallOptions())
    }
    #expect(error?.code == .resourceExhausted)
  }

  @Test func `a connection over the limit is not let in`() async throws {
    var limits = ServerLimits()
    limits.connectionsMax = 1
    let service = try await TestService(limits)
    let first = try service.client(.native)
    let second = try service.client(.native, time: JumpingTime())
    _ = try await first.unary(TestService.say, Text(), options: CallOptions())
    let error = await #expect(throws: RPCError.self) {
      try await second.unary(TestService.say, Text(), options: CallOptions())
    }
    #expect(error?.code == .unavailable)
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `draining lets calls end, loses none and refuses what comes later`(
    _ form: ClientOptions.Form
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let late = try service.client(form, time: JumpingTime())
    let answers = try await withThrowingTaskGroup(of: String.self) { tasks in
      for number in 0..<20 {
        tasks.addTask {
          try await client.unary(TestService.wait, Text("\(number)"), options: CallOptions())
            .content
        }
      }
      await service.gate.wait(for: .arrived, count: 20)
      async let drained: Void = service.server.drain()
      // Calls succeed until the service has begun to stop.
      var error: RPCError?
      while error == nil {
        error = await failure { () throws(RPCError) in
          try await late.unary(TestService.say, Text(), options: CallOptions())
        }
      }
      #expect(error?.code == .unavailable)
      service.gate.open()
      await drained
      return try await tasks.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(answers == Set((0..<20).map { "\($0)" }))
  }

  @Test(arguments: [ClientOptions.Form.grpc, .native])
  func `draining lets an answer end that waits for its reader`(
    _ form: ClientOptions.Form
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let text = Text(String(repeating: "a", count: 280))
    // More than a window, and so little that the handler need not wait for it.
    let count = try await client.serverStreaming(
      TestService.repeat, text, options: CallOptions()
    ) { responses in
      while service.sent.withLock({ $0 }) < 1000 { await service.turn() }
      async let drained: Void = service.server.drain()
      // The notice, its acknowledgement and the GOAWAY have long been sent then.
      for _ in 0..<100 { await service.turn() }
      var count = 0
      while try await responses.next() != nil { count += 1 }
      await drained
      return count
    }
    #expect(count == 1000)
  }

  @Test func `draining cuts off what does not end in time`() async throws {
    var limits = ServerLimits()
    limits.drainMax = .zero
    let service = try await TestService(limits)
    let client = try service.client(.native)
    async let outcome = failure { () throws(RPCError) in
      try await client.unary(TestService.wait, Text(), options: CallOptions())
    }
    await service.gate.wait(for: .arrived)
    await service.server.drain()
    let code = await outcome?.code
    #expect(code == .unavailable)
    await service.gate.wait(for: .cancelled)
  }
}
