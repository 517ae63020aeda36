import HTTP2
import Platform
import RPC
import Reactor
import Testing

@testable import RPCTransport

@Suite(.timeLimit(.minutes(3))) final class ServerCallTests {
  enum End: CaseIterable { case answered, failed, disconnected }

  private let group = EventLoopGroup(count: 1)

  deinit { group.stop() }

  @Test(arguments: End.allCases)
  func `a call that has ended lets its connection go, whoever still holds the call`(
    _ end: End
  ) async throws {
    var router = Router()
    router.unary(TestService.say) { request, _ in request }
    let core = ServerCore(router, ServerLimits(), SystemTime()) { _ in }
    let path = Array(TestService.say.descriptor.path.utf8)
    let route = try #require(core.routes[path.span])
    let loop = group.loops[0]
    let (isHeld, isGone) = await loop.run {
      var sink: ForgottenSink? = ForgottenSink()
      weak let seen = sink
      let call = ServerCall(
        1, route, .native, RequestHead(), peer: .inProcess, server: core, loop: loop,
        sink: sink ?? ForgottenSink())
      sink = nil
      let isHeld = seen != nil
      switch end {
      case .answered: call.handlerEnded(.success([]))
      case .failed: call.handlerEnded(.failure(.callCancelled))
      case .disconnected: call.disconnect(.callCancelled)
      }
      return withExtendedLifetime(call) { (isHeld, seen == nil) }
    }
    #expect(isHeld && isGone)
  }

  @Test(arguments: [ClientOptions.Form.grpc, .native, .json])
  func `a writer that outlives its call says that the call is over`(
    _ form: ClientOptions.Form
  ) async throws {
    let kept = Lock<ResponseWriter<Text>?>(nil)
    var router = Router()
    router.serverStreaming(TestService.repeat) { request, responses, _ in
      kept.withLock { $0 = responses }
      try await responses.send(request)
    }
    let callers = EventLoopGroup(count: 1)
    let server = RPCServer(router, on: group)
    let address = try await server.listen(on: #require(SocketAddress("127.0.0.1", port: 0)))
    var options = ClientOptions()
    options.form = form
    let client = RPCClient(try Target(address.description), on: callers, options: options)
    try await client.serverStreaming(TestService.repeat, Text("a"), options: CallOptions()) {
      while try await $0.next() != nil {}
    }
    // Taken out: the router holds what it is kept in.
    let writer = try #require(kept.withLock { $0.take() })
    for connectionIsGone in [false, true] {
      if connectionIsGone { callers.stop() }
      let error = await #expect(throws: RPCError.self) { try await writer.send(Text("b")) }
      #expect(error?.code == .cancelled)
    }
  }
}

/// A connection of which nothing is asked.
private final class ForgottenSink: CallSink {
  let turnstile = Turnstile()

  func run(_ call: ServerCall, _ invocation: @escaping UnaryInvocation) {}
  func answer(_ stream: Int32, _ answer: consuming CallAnswer) {}
  func begin(_ stream: Int32, _ head: HeaderList) {}
  func send(_ stream: Int32, _ append: (inout [UInt8]) -> Void) -> Bool { true }
  func finish(_ stream: Int32, _ trailers: HeaderList?) {}
  func mayTakeRequest(_ stream: Int32) -> Bool { true }
  func leaveQueue(_ stream: Int32) {}
  func consume(_ stream: Int32, byteCount: Int) {}
  func mayAnswer(byteCount: Int) -> Bool { true }
  func compress(byteCount: Int) {}
  func hold(_ byteCount: Int) -> Bool { true }
  func askForRoom(_ stream: Int32, byteCount: Int) -> Bool { true }
  func giveRoomBack(_ stream: Int32, byteCount: Int, isGranted: Bool) {}
  func callEnded(_ stream: Int32) {}
}
