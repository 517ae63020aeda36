/// Stands before and behind every handler: authentication, logs, metrics, traces.
///
/// The interceptors of a router see each call in their order, and its end in the reverse order.
public protocol ServerInterceptor: Sendable {
  /// A call came in. Throwing refuses it: neither the handler nor a later interceptor sees it.
  func callReceived(_ context: CallContext) async throws(RPCError)

  /// The call has ended; only called after `callReceived` let it pass.
  func callEnded(_ context: CallContext, _ outcome: CallOutcome)
}

extension ServerInterceptor {
  /// Lets every call pass.
  public func callReceived(_ context: CallContext) async throws(RPCError) {}
  /// Does nothing.
  public func callEnded(_ context: CallContext, _ outcome: CallOutcome) {}
}

/// Stands before and behind every call that a client makes.
public protocol ClientInterceptor: Sendable {
  /// A call is about to be made; throwing makes it fail without being made.
  func callStarts(_ method: MethodDescriptor, _ options: inout CallOptions) async throws(RPCError)

  /// The call has ended.
  ///
  /// - Parameter options: as the interceptors have left them, by which a call is known again.
  func callEnded(_ method: MethodDescriptor, _ options: CallOptions, _ outcome: CallOutcome)
}

extension ClientInterceptor {
  /// Lets every call pass as it is.
  public func callStarts(
    _ method: MethodDescriptor, _ options: inout CallOptions
  ) async throws(RPCError) {}
  /// Does nothing.
  public func callEnded(
    _ method: MethodDescriptor, _ options: CallOptions, _ outcome: CallOutcome
  ) {}
}

/// How a call ended.
public struct CallOutcome: Sendable {
  /// Why the handler failed, in the caller's terms; nil if it succeeded. A caller whose time was up
  /// before the handler ended has been told that instead.
  public var error: RPCError?
  /// What the handler threw, for the log; nil when it threw nothing, or nothing but `error`.
  public var cause: (any Error)?
  /// From its beginning to its end.
  public var duration: Duration

  /// The code of the outcome.
  public var code: RPCCode { error?.code ?? .ok }

  /// An outcome.
  public init(error: RPCError? = nil, cause: (any Error)? = nil, duration: Duration) {
    self.error = error
    self.cause = cause
    self.duration = duration
  }
}
