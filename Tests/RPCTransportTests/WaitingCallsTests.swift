import Platform
import RPC
import RPCTransport
import Testing

/// Calls that wait because too many answers of their connection wait for the peer.
@Suite(.timeLimit(.minutes(3))) struct WaitingCallsTests {
  enum Release: CaseIterable { case read, givenUp }

  @Test(arguments: [ClientOptions.Form.grpc, .native], Release.allCases)
  func `requests and streams wait while answers wait, and go on when those have left`(
    _ form: ClientOptions.Form, _ release: Release
  ) async throws {
    var limits = ServerLimits()
    limits.queuedBytesMax = 1000
    let service = try await TestService(limits)
    let client = try service.client(form)
    let ended = Lock<Set<String>>([])
    await withTaskGroup(of: Void.self) { calls in
      // More than a window, and so little that the handler need not wait for it.
      let text = Text(String(repeating: "a", count: 280))
      let (go, start) = AsyncStream<Void>.makeStream()
      calls.addTask {
        let count = try? await client.serverStreaming(
          TestService.repeat, text, options: CallOptions()
        ) { responses in
          for await _ in go {}
          var count = 0
          while release == .read, try await responses.next() != nil { count += 1 }
          return count
        }
        #expect(count == (release == .read ? 1000 : 0))
      }
      while service.sent.withLock({ $0 }) < 1000 { await service.turn() }
      calls.addTask {
        let answer = try? await client.unary(TestService.try, Text("a"), options: CallOptions())
        #expect(answer == Text("a"))
        ended.withLock { _ = $0.insert("unary") }
      }
      calls.addTask {
        let joined = try? await client.clientStreaming(TestService.join, options: CallOptions()) {
          try await $0.send(Text("b"))
        }
        #expect(joined == Text("b"))
        ended.withLock { _ = $0.insert("stream") }
      }
      // Many times what both need.
      for _ in 0..<200 { await service.turn() }
      #expect(service.tries.withLock { $0 } == 0)
      #expect(ended.withLock { $0 }.isEmpty)
      start.finish()
      await calls.waitForAll()
    }
    #expect(ended.withLock { $0 } == ["unary", "stream"])
  }

  @Test(arguments: [ClientOptions.Form.grpc, .native])
  func `an answer fails that finds no room when its handler has waited`(
    _ form: ClientOptions.Form
  ) async throws {
    var limits = ServerLimits()
    limits.answerBytesMax = 1000
    let service = try await TestService(limits)
    let client = try service.client(form)
    try await withThrowingTaskGroup(of: Void.self) { calls in
      calls.addTask {
        let error = await #expect(throws: RPCError.self) {
          _ = try await client.unary(TestService.wait, Text("a"), options: CallOptions())
        }
        #expect(error?.code == .resourceExhausted)
      }
      await service.gate.wait(for: .arrived)
      let (go, start) = AsyncStream<Void>.makeStream()
      calls.addTask {
        // More than a window, and so little that the handler need not wait for it.
        let text = Text(String(repeating: "a", count: 280))
        try await client.serverStreaming(TestService.repeat, text, options: CallOptions()) {
          for await _ in go {}
          while try await $0.next() != nil {}
        }
      }
      while service.sent.withLock({ $0 }) < 1000 { await service.turn() }
      service.gate.open()
      try await calls.next()
      start.finish()
      try await calls.waitForAll()
    }
    let answer = try await client.unary(TestService.say, Text("b"), options: CallOptions())
    #expect(answer == Text("b"))
  }
}
