public import Wire

/// Calls services of the same process: everything is encoded, routed and decoded, nothing is sent.
public struct InProcessTransport: ClientTransport {
  private let router: Router
  /// What messages are encoded as on their way.
  public let encoding: Encoding
  private let messagesMax: Int

  /// - Parameters:
  ///   - messagesMax: how many messages of a stream may wait for their reader, in each direction.
  public init(to router: Router, encoding: Encoding = .native, messagesMax: Int = 16) {
    self.router = router
    self.encoding = encoding
    self.messagesMax = messagesMax
  }

  /// Has the router serve a call of one request and one response.
  public func unary(
    _ path: String, _ request: [UInt8], options: CallOptions
  ) async throws(RPCError) -> [UInt8] {
    try await router.unary(path, request, as: encoding, context(of: options))
  }

  /// Has the router serve a call of any other kind, at the same time as `exchange` runs.
  public func stream<T: Sendable>(
    _ path: String, options: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T {
    let requests = ByteChannel(capacity: messagesMax)
    let responses = ByteChannel(capacity: messagesMax)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do throws(RPCError) {
          try await router.stream(
            path, requests.stream, responses.writer, as: encoding, context(of: options))
          // The service reads no further: whoever still sends would wait for ever.
          requests.close(.failure(RPCError(.cancelled, "the service has ended the call")))
          responses.close(.success(()))
        } catch {
          requests.close(.failure(error))
          responses.close(.failure(error))
        }
      }
      defer { group.cancelAll() }
      return try await exchange(requests.writer, responses.stream)
    }
  }

  private func context(of options: CallOptions) -> CallContext {
    CallContext(metadata: options.metadata, deadline: options.deadline)
  }
}
