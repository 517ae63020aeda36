import Platform
public import Wire

/// All of this stays on the executor of whoever calls it, up to the handler and back: each change,
/// even to the same executor, costs a look at the task's records.
extension Router {
  /// Serves a call of one request and one response whose request has been read.
  @inlinable
  public func serve(
    _ invocation: UnaryInvocation, _ context: CallContext
  ) async throws(RPCError) -> [UInt8] {
    do {
      if interceptors.isEmpty { return try await invocation(context) }
    } catch {
      throw RPCError(reporting: error)
    }
    return try await serveIntercepted(context) { try await invocation(context) }
  }

  /// Serves a call of any other kind.
  public func serve(
    _ handle: @Sendable (ByteStream, ByteWriter, Encoding, CallContext) async throws -> Void,
    _ requests: ByteStream, _ responses: ByteWriter, as encoding: Encoding, _ context: CallContext
  ) async throws(RPCError) {
    try await serveIntercepted(context) {
      try await handle(requests, responses, encoding, context)
    }
  }

  /// Says that there is no such method, or that it is of another kind.
  public func unimplemented(_ path: String) -> RPCError {
    if let kind = self[path]?.method.kind {
      return RPCError(.unimplemented, "\(path) is a method of another kind (\(kind))")
    }
    return RPCError(.unimplemented, "there is no method \(path)")
  }

  @usableFromInline
  func serveIntercepted<T>(
    _ context: CallContext, _ body: () async throws -> T
  ) async throws(RPCError) -> T {
    let start = context.time.now()
    var passed = 0
    func end(_ error: RPCError?, cause: (any Error)?) {
      let outcome = CallOutcome(
        error: error, cause: cause, duration: context.time.now() - start)
      for interceptor in interceptors[..<passed].reversed() {
        interceptor.callEnded(context, outcome)
      }
    }
    do {
      for interceptor in interceptors {
        try await interceptor.callReceived(context)
        passed += 1
      }
      let result = try await body()
      end(nil, cause: nil)
      return result
    } catch {
      let reported = RPCError(reporting: error)
      end(reported, cause: error is RPCError ? nil : error)
      throw reported
    }
  }
}
