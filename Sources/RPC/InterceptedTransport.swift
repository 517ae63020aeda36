public import Platform
public import Wire

/// Has interceptors see the calls of a transport that knows none itself.
public struct InterceptedTransport<Base: ClientTransport>: ClientTransport {
  private let base: Base
  private let interceptors: [any ClientInterceptor]
  private let time: any TimeSource

  /// The calls of `base`, seen by `interceptors` in their order.
  public init(_ base: Base, _ interceptors: [any ClientInterceptor], time: any TimeSource) {
    self.base = base
    self.interceptors = interceptors
    self.time = time
  }

  /// What messages are encoded as.
  public var encoding: Encoding { base.encoding }

  /// Makes a call of one request and one response.
  public func unary(
    _ method: MethodDescriptor, _ request: [UInt8], options: CallOptions
  ) async throws(RPCError) -> [UInt8] {
    let start = time.now()
    var options = options
    do throws(RPCError) {
      try await begin(method, &options)
      let response = try await base.unary(method, request, options: options)
      end(method, options, nil, since: start)
      return response
    } catch {
      end(method, options, error, since: start)
      throw error
    }
  }

  /// Makes a call of any other kind.
  public func stream<T: Sendable>(
    _ method: MethodDescriptor, options: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T {
    let start = time.now()
    var options = options
    do {
      try await begin(method, &options)
      let result = try await base.stream(method, options: options, exchange)
      end(method, options, nil, since: start)
      return result
    } catch {
      end(method, options, RPCError(reporting: error), since: start)
      throw error
    }
  }

  private func begin(
    _ method: MethodDescriptor, _ options: inout CallOptions
  ) async throws(RPCError) {
    for interceptor in interceptors { try await interceptor.callStarts(method, &options) }
  }

  private func end(
    _ method: MethodDescriptor, _ options: CallOptions, _ error: RPCError?,
    since start: MonotonicTime
  ) {
    let outcome = CallOutcome(error: error, duration: time.now() - start)
    for interceptor in interceptors.reversed() { interceptor.callEnded(method, options, outcome) }
  }
}
