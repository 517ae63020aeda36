import RPC
import RPCTransport
import Reactor
import Testing

/// Handlers of unary calls that came in together share a task as long as none waits.
@Suite(.timeLimit(.minutes(3))) struct UnaryRunnerTests {
  @Test(arguments: [ClientOptions.Form.grpc, .native])
  func `a handler that waits holds no other up and is cancelled alone`(
    _ form: ClientOptions.Form
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    let standing = (0..<5).map { number in
      Task { try await client.unary(TestService.wait, Text("\(number)"), options: CallOptions()) }
    }
    await service.gate.wait(for: .arrived, count: 5)
    try await withThrowingTaskGroup(of: Text.self) { calls in
      for number in 0..<50 {
        calls.addTask {
          try await client.unary(TestService.say, Text("\(number)"), options: CallOptions())
        }
      }
      var answers: Set<String> = []
      for try await answer in calls { answers.insert(answer.content) }
      #expect(answers == Set((0..<50).map { "\($0)" }))
    }
    standing[2].cancel()
    await service.gate.wait(for: .cancelled)
    service.gate.open()
    for (number, call) in standing.enumerated() {
      switch await call.result {
      case .success(let answer): #expect(answer.content == "\(number)" && number != 2)
      case .failure(let error):
        #expect((error as? RPCError)?.code == .cancelled && number == 2)
      }
    }
  }

  @Test func `a handler that cancels its task cancels no other`() async throws {
    var router = Router()
    router.unary(TestService.say) { _, _ in
      let wasCancelled = Task.isCancelled
      unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
      return Text("\(wasCancelled)")
    }
    let (loops, callers) = (EventLoopGroup(count: 1), EventLoopGroup(count: 1))
    defer {
      loops.stop()
      callers.stop()
    }
    let server = RPCServer(router, on: loops)
    let address = try await server.listen(on: #require(SocketAddress("127.0.0.1", port: 0)))
    let client = RPCClient(try Target(address.description), on: callers)
    try await withThrowingTaskGroup(of: Text.self) { calls in
      for _ in 0..<50 {
        calls.addTask {
          try await client.unary(TestService.say, Text(), options: CallOptions())
        }
      }
      for try await answer in calls { #expect(answer.content == "false") }
    }
  }
}
