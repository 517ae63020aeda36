import Platform
public import Wire

extension Router {
  /// Serves a call of one request and one response whose request has been read.
  public nonisolated(nonsending) func serve(
    _ invocation: any UnaryInvocation, _ context: CallContext
  ) async throws(RPCError) -> [UInt8] {
    try await serving(context) { try await invocation.run(context) }
  }

  /// Serves a call of any other kind.
  public nonisolated(nonsending) func serve(
    _ handle: @Sendable (ByteStream, ByteWriter, Encoding, CallContext) async throws -> Void,
    _ requests: ByteStream, _ responses: ByteWriter, as encoding: Encoding, _ context: CallContext
  ) async throws(RPCError) {
    try await serving(context) { try await handle(requests, responses, encoding, context) }
  }

  /// Says that there is no such method, or that it is of another kind.
  public func unimplemented(_ path: String) -> RPCError {
    if let kind = self[path]?.method.kind {
      return RPCError(.unimplemented, "\(path) is a method of another kind (\(kind))")
    }
    return RPCError(.unimplemented, "there is no method \(path)")
  }

  private nonisolated(nonsending) func serving<T>(
    _ context: CallContext, _ body: nonisolated(nonsending) () async throws -> T
  ) async throws(RPCError) -> T {
    if interceptors.isEmpty {
      do {
        return try await body()
      } catch {
        throw RPCError(reporting: error)
      }
    }
    return try await serveIntercepted(context, body)
  }

  private nonisolated(nonsending) func serveIntercepted<T>(
    _ context: CallContext, _ body: nonisolated(nonsending) () async throws -> T
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
