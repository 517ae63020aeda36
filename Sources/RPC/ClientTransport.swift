public import Wire

/// Carries calls to a service, as bytes; the typed calls below are the same for all transports.
public protocol ClientTransport: Sendable {
  /// What messages are encoded as.
  var encoding: Encoding { get }

  /// Makes a call of one request and one response.
  func unary(
    _ method: MethodDescriptor, _ request: [UInt8], options: CallOptions
  ) async throws(RPCError) -> [UInt8]

  /// Makes a call of any other kind, which ends when `exchange` does.
  ///
  /// - Parameter exchange: sends requests and reads responses. What it has not finished sending or
  ///   reading when it returns, or throws, is cancelled.
  func stream<T: Sendable>(
    _ method: MethodDescriptor, options: CallOptions,
    _ exchange: @escaping @Sendable (ByteWriter, ByteStream) async throws -> T
  ) async throws -> T
}

extension ClientTransport {
  /// Calls a method of one request and one response.
  public func unary<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ request: Request, options: CallOptions
  ) async throws(RPCError) -> Response {
    let bytes = try request.sending(as: encoding)
    let response = try await unary(method.descriptor, bytes, options: options)
    return try Response(receiving: response.span, as: encoding, malformed: .internal)
  }

  /// Calls a method of many requests and one response; the requests end when `send` does.
  public func clientStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, options: CallOptions,
    _ send: @escaping @Sendable (RequestWriter<Request>) async throws -> Void
  ) async throws -> Response {
    try await stream(method.descriptor, options: options) { [encoding] requests, responses in
      try await send(RequestWriter(requests, as: encoding))
      requests.finish()
      let stream = ResponseStream<Response>(responses, as: encoding, malformed: .internal)
      guard let response = try await stream.next() else {
        throw RPCError(.internal, "the service ended the call without its response")
      }
      // What comes behind the response is its end, or why the call failed after all.
      guard try await stream.next() == nil else {
        throw RPCError(.internal, "the service gave a second response to a call of one")
      }
      return response
    }
  }

  /// Calls a method of one request and many responses; the call ends when `receive` does.
  public func serverStreaming<Request: Message, Response: Message, T: Sendable>(
    _ method: Method<Request, Response>, _ request: Request, options: CallOptions,
    _ receive: @escaping @Sendable (ResponseStream<Response>) async throws -> T
  ) async throws -> T {
    try await stream(method.descriptor, options: options) { [encoding] requests, responses in
      try await RequestWriter(requests, as: encoding).send(request)
      requests.finish()
      return try await receive(
        ResponseStream(responses, as: encoding, malformed: .internal))
    }
  }

  /// Calls a method of many requests and many responses; the call ends when `exchange` does.
  public func bidirectional<Request: Message, Response: Message, T: Sendable>(
    _ method: Method<Request, Response>, options: CallOptions,
    _ exchange:
      @escaping @Sendable (RequestWriter<Request>, ResponseStream<Response>) async throws -> T
  ) async throws -> T {
    try await stream(method.descriptor, options: options) { [encoding] requests, responses in
      try await exchange(
        RequestWriter(requests, as: encoding),
        ResponseStream(responses, as: encoding, malformed: .internal))
    }
  }
}
