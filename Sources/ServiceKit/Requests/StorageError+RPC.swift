public import RPC
public import Storage

/// What a caller is told when the database did not do it; the words of the error itself are for the
/// log.
extension StorageError: RPCErrorConvertible {
  /// The failure of the call.
  public var rpcError: RPCError {
    switch code {
    case .busy:
      RPCError(
        .resourceExhausted, "too much waits for the database: try again in a moment",
        reason: .overloaded, retryAfter: .milliseconds(100))
    case .tooSlow:
      RPCError(
        .unavailable, "the database took too long, and nothing was changed: try again",
        reason: .overloaded, retryAfter: .seconds(1))
    case .conflict:
      RPCError(
        .aborted, "others kept changing the same: nothing was changed, try again",
        reason: .overloaded, retryAfter: .milliseconds(50))
    case .unavailable:
      RPCError(
        .unavailable, "the database cannot be used now, and nothing was changed: try again later",
        reason: .dependencyDown, facts: ["dependency": "database"], retryAfter: .seconds(1))
    case .outcomeUnknown:
      RPCError(
        .unavailable, "the change was made or not: repeat the call with the same id to learn which",
        reason: .outcomeUnknown, retryAfter: .seconds(1))
    case .stopped:
      RPCError(
        .unavailable, "the service is stopping: call another copy, or try again",
        reason: .draining, retryAfter: .seconds(1))
    case .constraint, .unfit, .invalid:
      RPCError(.internal, "the service failed; the cause is in its log")
    }
  }
}
