import Platform
import RPC

/// Refuses calls while the operator has the copy drained, and knows how many are under way. The
/// operator's own are let through, or else nobody could end it.
final class DrainGate: ServerInterceptor {
  private struct State {
    var isDraining = false
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
  }

  func callEnded(_ context: CallContext, _ outcome: CallOutcome) {
    if Self.open.contains(context.method.service) { return }
    state.withLock { $0.callCount -= 1 }
  }
}
