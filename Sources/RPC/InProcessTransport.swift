public import Platform
public import Wire

/// Calls services of the same process: everything is encoded, routed and decoded, nothing is sent.
public struct InProcessTransport: ClientTransport {
  private let router: Router
  /// What messages are encoded as on their way.
  public let encoding: Encoding
  private let messagesMax: Int
  private let time: any TimeSource

  /// - Parameters:
  ///   - messagesMax: how many messages of a stream may wait for their reader, in each direction.
  ///   - time: the clock that deadlines are points of.
  public init(
    to router: Router, encoding: Encoding = .native, messagesMax: Int = 16,
    time: any TimeSource = SystemTime()
  ) {
    self.router = router
    self.encoding = encoding
    self.messagesMax = messagesMax
    self.time = time
  }

  /// Has the router serve a call of one request and one response.
  public func unary(
    _ method: MethodDescriptor, _ request: [UInt8], options: CallOptions
  ) async throws(RPCError) -> [UInt8] {
    guard case .unary(let read) = router[method.path]?.handler else {
      throw router.unimplemented(method.path)
    }
    let context = try context(method, options)
    defer { report(context, options) }
    let invocation = try read(request.span, encoding)
    return try await checkingReply(context) { () async throws(RPCError) in
      try await router.serve(invocation, context)
    }
  }

  /// Has the router serve a call of any other kind, at the same time as `exchange` runs.
  public func stream<T: Sendable>(
    _ method: MethodDescriptor, options: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T {
    guard case .stream(let handle) = router[method.path]?.handler else {
      throw router.unimplemented(method.path)
    }
    let context = try context(method, options)
    defer { report(context, options) }
    let requests = ByteChannel(capacity: messagesMax)
    let responses = ByteChannel(capacity: messagesMax)
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        do throws(RPCError) {
          try await checkingReply(context) { () async throws(RPCError) in
            try await router.serve(
              handle, requests.stream, responses.writer, as: encoding, context)
          }
          responses.close(.success(()))
          // The service reads no further: whoever still sends would wait for ever. What the caller
          // learns of it is the answer, which it can still read.
          requests.discard()
        } catch {
          responses.fail(error)
          requests.discard()
        }
      }
      defer { group.cancelAll() }
      return try await exchange(requests.writer, responses.stream)
    }
  }

  private func context(
    _ method: MethodDescriptor, _ options: CallOptions
  ) throws(RPCError) -> CallContext {
    if let fault = options.metadata.fault { throw RPCError(.internal, fault) }
    return CallContext(
      method, metadata: options.metadata, deadline: options.timeout.map { time.now() + $0 },
      time: time)
  }

  /// Serves within the deadline, and refuses metadata that a network could not carry.
  private func checkingReply<T: Sendable>(
    _ context: CallContext, _ serve: @escaping @Sendable () async throws(RPCError) -> T
  ) async throws(RPCError) -> T {
    let result: Result<T, RPCError>
    do throws(RPCError) {
      result = .success(try await Deadline.enforce(context, serve))
    } catch {
      result = .failure(error)
    }
    if let fault = context.takeReplyFault(
      initialIsSent: false, byteCountMax: Metadata.replyByteCountMax)
    {
      throw RPCError(.internal, "the service's answer has metadata that cannot be sent: \(fault)")
    }
    return try result.get()
  }

  private func report(_ context: CallContext, _ options: CallOptions) {
    options.receivesMetadata?(
      ReplyMetadata(initial: context.initialMetadata, trailing: context.trailingMetadata))
  }
}
