import Platform
public import RPC

/// Refuses calls while the operator has the copy drained, and knows how many are under way. The
/// operator's own are let through, or else nobody could end it. Streams without an end learn from it
/// that they are to end.
final class DrainGate: ServerInterceptor {
  private struct State {
    var isDraining = false
    var isStopping = false
    var callCount = 0
  }

  private let state = Lock(State())
  private static let open: Set = [
    "sarai.operations.v1.RuntimeService", "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection",
  ]

  var isDraining: Bool { state.withLock { $0.isDraining } }
  var callCount: Int { state.withLock { $0.callCount } }

  func set(isDraining: Bool) { state.withLock { $0.isDraining = isDraining } }

  /// The process is about to end. Calls are still let in: some came before their caller knew.
  func beginStopping() { state.withLock { $0.isStopping = true } }

  fileprivate var endsStreams: Bool { state.withLock { $0.isDraining || $0.isStopping } }

  func callReceived(_ context: CallContext) async throws(RPCError) {
    if Self.open.contains(context.method.service) { return }
    let isRefused = state.withLock { state in
      if !state.isDraining { state.callCount += 1 }
      return state.isDraining
    }
    if isRefused {
      throw RPCError(
        .unavailable, "this copy takes no calls now: call another, or try again", reason: .draining,
        retryAfter: .seconds(1))
    }
    if context.method.kind.hasManyResponses { context[DrainGate.self] = self }
  }

  func callEnded(_ context: CallContext, _ outcome: CallOutcome) {
    if Self.open.contains(context.method.service) { return }
    state.withLock { $0.callCount -= 1 }
  }
}

extension CallContext {
  /// Whether a stream that has no end of its own goes on; to be asked whenever it has waited.
  ///
  /// - Throws: `CancellationError` when nobody listens any more, and `RPCError` when the service is
  ///   about to stop, which would otherwise wait for the stream.
  public func checkGoesOn() throws {
    try Task.checkCancellation()
    guard self[DrainGate.self]?.endsStreams == true else { return }
    throw RPCError(
      .unavailable, "this copy is about to stop: go on at another, behind what you have seen",
      reason: .draining, retryAfter: .seconds(1))
  }
}
