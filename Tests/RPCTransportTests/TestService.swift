import Platform
import RPC
import RPCTransport
import Reactor
import Testing
import Wire

struct Text: Message, Equatable {
  var content = ""
  var unknownFields = UnknownFields()

  init() {}
  init(_ content: String) { self.content = content }

  static let layout = MessageLayout(Self.self, "test.Text", unknown: \.unknownFields) { fields in
    fields.singular(1, "content", .string, \.content)
  }
}

/// A service of every kind of method on a real socket, and clients of it; each side has a loop and a
/// clock of its own, which stands still.
final class TestService: Sendable {
  typealias Method = RPC.Method<Text, Text>

  /// Answers with its request; fails for `fail`.
  static let say = Method(service: "test.Echo", name: "Say", kind: .unary)
  /// Answers when `gate` opens.
  static let wait = Method(service: "test.Echo", name: "Wait", kind: .unary)
  /// The first call stands at `gate`, later ones are answered.
  static let read = Method(
    service: "test.Echo", name: "Read", kind: .unary, idempotency: .noSideEffects)
  /// Fails as long as `failuresLeft` says; harmless to repeat.
  static let `try` = Method(
    service: "test.Echo", name: "Try", kind: .unary, idempotency: .idempotent)
  /// The same, but who knows what repeating it does?
  static let tryOnce = Method(service: "test.Echo", name: "TryOnce", kind: .unary)
  static let join = Method(service: "test.Echo", name: "Join", kind: .clientStreaming)
  /// Answers with its request a thousand times.
  static let `repeat` = Method(service: "test.Echo", name: "Repeat", kind: .serverStreaming)
  static let chat = Method(service: "test.Echo", name: "Chat", kind: .bidirectional)

  /// Of a type that nobody knows.
  static let foreignDetail = RPCError.Detail(typeURL: "t/a", value: [1, 2])
  /// An ErrorInfo with a reason.
  static let knownDetail = RPCError.Detail(
    typeURL: "type.googleapis.com/sarai.rpc.v1.ErrorInfo",
    value: [0x0A, 6] + Array("TESTED".utf8))

  let time = ManualTime()
  let callerTime = ManualTime()
  private let group: EventLoopGroup
  private let callers: EventLoopGroup
  let server: RPCServer
  let address: SocketAddress
  let gate: Gate
  /// How many messages `repeat` has sent, of whatever call.
  let sent: Lock<Int>
  /// How often `try` and `tryOnce` have been called.
  let tries: Lock<Int>
  /// How often `try` and `tryOnce` fail before they succeed.
  let failuresLeft: Lock<Int>
  /// How the calls ended that its interceptor saw.
  let outcomes = Lock<[RPCCode]>([])

  init(
    _ limits: ServerLimits = ServerLimits(),
    at address: SocketAddress? = SocketAddress("127.0.0.1", port: 0)
  ) async throws {
    group = EventLoopGroup(count: 1, time: time)
    callers = EventLoopGroup(count: 1, time: callerTime)
    (gate, sent, tries, failuresLeft) = (Gate(), Lock(0), Lock(0), Lock(0))
    server = RPCServer(
      Self.router(gate, sent, tries, failuresLeft, outcomes), on: group, limits: limits, time: time)
    self.address = try await server.listen(on: #require(address))
  }

  deinit {
    group.stop()
    callers.stop()
  }

  private static func router(
    _ gate: Gate, _ sent: Lock<Int>, _ tries: Lock<Int>, _ failuresLeft: Lock<Int>,
    _ outcomes: Lock<[RPCCode]>
  ) -> Router {
    let arrivals = Lock(0)
    var router = Router(interceptors: [Watcher(outcomes: outcomes)])
    router.unary(say) { request, context in
      if let value = context.metadata["echo-bin"] {
        context.initialMetadata.add("initial-bin", value)
        context.trailingMetadata.add("trailing", "end")
      }
      if context.requestWasCompressed { context.initialMetadata.add("was-compressed", "yes") }
      guard request.content == "fail" else { return request }
      throw RPCError(
        .notFound, "nothing – 100 %", details: [foreignDetail, knownDetail])
    }
    router.unary(wait) { request, _ in
      try await gate.pass()
      return request
    }
    router.unary(read) { request, _ in
      let isFirst = arrivals.withLock { arrivals in
        arrivals += 1
        return arrivals == 1
      }
      if isFirst { try await gate.pass() }
      return request
    }
    for method in [`try`, tryOnce] {
      router.unary(method) { request, _ in
        tries.withLock { $0 += 1 }
        let fails = failuresLeft.withLock { left in
          defer { left -= 1 }
          return left > 0
        }
        if fails { throw RPCError(.unavailable, "not now") }
        return request
      }
    }
    router.clientStreaming(join) { requests, _ in
      var joined = ""
      for try await request in requests { joined += request.content }
      return Text(joined)
    }
    router.serverStreaming(`repeat`) { request, responses, _ in
      for _ in 0..<1000 {
        try await responses.send(request)
        sent.withLock { $0 += 1 }
      }
    }
    router.bidirectional(chat) { requests, responses, _ in
      do {
        for try await request in requests { try await responses.send(request) }
      } catch {
        gate.tell(.cancelled)
        throw error
      }
    }
    return router
  }

  // MARK: The callers

  func client(
    _ form: ClientOptions.Form, to target: Target? = nil, time: (any TimeSource)? = nil,
    _ change: (inout ClientOptions) -> Void = { _ in }
  ) throws -> RPCClient {
    var options = ClientOptions()
    options.form = form
    change(&options)
    return RPCClient(
      try target ?? Target(address.description), on: callers, options: options,
      time: time ?? callerTime)
  }

  /// Sends bytes as they are, and gives all that is answered until the connection ends.
  func exchange(_ bytes: [UInt8]) async -> [UInt8] {
    await RawConnection.exchange(bytes, with: address, on: callers.next())
  }

  // MARK: Time

  func advance(by duration: Duration) async {
    time.advance(by: duration)
    await Self.turn(group)
  }

  func advanceCallers(by duration: Duration) async {
    callerTime.advance(by: duration)
    await Self.turn(callers)
  }

  /// Lets both sides do what they have to do, once.
  func turn() async {
    await Self.turn(group)
    await Self.turn(callers)
  }

  private static func turn(_ group: EventLoopGroup) async {
    for loop in group.loops { await loop.run {} }
  }
}

/// Keeps how calls ended.
private struct Watcher: ServerInterceptor {
  let outcomes: Lock<[RPCCode]>

  func callEnded(_ context: CallContext, _ outcome: CallOutcome) {
    outcomes.withLock { $0.append(outcome.code) }
  }
}

/// The failure of a call; nil if it succeeded.
func failure<T>(_ call: () async throws(RPCError) -> T) async -> RPCError? {
  do throws(RPCError) {
    _ = try await call()
    return nil
  } catch {
    return error
  }
}
