public import Wire

/// Finds the handler of a call by its path; from there on calls are bytes in some encoding.
public struct Router: Sendable {
  private enum Handler: Sendable {
    case unary(@Sendable ([UInt8], Encoding, CallContext) async throws(RPCError) -> [UInt8])
    case stream(
      MethodKind,
      @Sendable (ByteStream, ByteWriter, Encoding, CallContext) async throws(RPCError) -> Void)
  }

  private var handlers: [String: Handler] = [:]

  /// A router without methods.
  public init() {}

  /// A router of the methods of `services`.
  public init(_ services: any Service...) {
    for service in services { service.register(in: &self) }
  }

  /// The paths of all methods, sorted.
  public var paths: [String] { handlers.keys.sorted() }

  /// The kind of the method at `path`; nil if there is none.
  public func kind(of path: String) -> MethodKind? {
    switch handlers[path] {
    case .unary: .unary
    case .stream(let kind, _): kind
    case nil: nil
    }
  }

  // MARK: Adding methods

  /// Adds a method of one request and one response.
  public mutating func unary<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ handle: @escaping @Sendable (Request, CallContext) async throws -> Response
  ) {
    add(
      method,
      .unary { (bytes, encoding, context) throws(RPCError) in
        let request = try Request(receiving: bytes, as: encoding, malformed: .invalidArgument)
        return try await Self.reporting { try await handle(request, context) }
          .sending(as: encoding)
      })
  }

  /// Adds a method of many requests and one response.
  public mutating func clientStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ handle: @escaping @Sendable (RequestStream<Request>, CallContext) async throws -> Response
  ) {
    stream(method) { requests, responses, context in
      try await responses.send(try await handle(requests, context))
    }
  }

  /// Adds a method of one request and many responses.
  public mutating func serverStreaming<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ handle:
      @escaping @Sendable (Request, ResponseWriter<Response>, CallContext) async throws -> Void
  ) {
    stream(method) { requests, responses, context in
      guard let request = try await requests.next() else {
        throw RPCError(.invalidArgument, "the call ended without its request")
      }
      try await handle(request, responses, context)
    }
  }

  /// Adds a method of many requests and many responses.
  public mutating func bidirectional<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ handle:
      @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, CallContext)
      async throws -> Void
  ) {
    stream(method, handle)
  }

  private mutating func stream<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ handle:
      @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, CallContext)
      async throws -> Void
  ) {
    add(
      method,
      .stream(method.kind) { (requests, responses, encoding, context) throws(RPCError) in
        try await Self.reporting {
          try await handle(
            RequestStream(requests, as: encoding, malformed: .invalidArgument),
            ResponseWriter(responses, as: encoding), context)
        }
      })
  }

  private mutating func add<Request, Response>(
    _ method: Method<Request, Response>, _ handler: Handler
  ) {
    let old = handlers.updateValue(handler, forKey: method.path)
    precondition(old == nil, "two services have the method \(method.path)")
  }

  private static func reporting<T>(_ body: () async throws -> T) async throws(RPCError) -> T {
    do {
      return try await body()
    } catch {
      throw RPCError(reporting: error)
    }
  }

  // MARK: Serving calls

  /// Serves a call of one request and one response.
  ///
  /// - Throws: `unimplemented` if there is no such method, and what its handler throws.
  public func unary(
    _ path: String, _ request: [UInt8], as encoding: Encoding, _ context: CallContext
  ) async throws(RPCError) -> [UInt8] {
    guard case .unary(let handle) = handlers[path] else { throw unimplemented(path) }
    return try await handle(request, encoding, context)
  }

  /// Serves a call of any other kind.
  ///
  /// - Throws: `unimplemented` if there is no such method, and what its handler throws.
  public func stream(
    _ path: String, _ requests: ByteStream, _ responses: ByteWriter, as encoding: Encoding,
    _ context: CallContext
  ) async throws(RPCError) {
    guard case .stream(_, let handle) = handlers[path] else { throw unimplemented(path) }
    try await handle(requests, responses, encoding, context)
  }

  private func unimplemented(_ path: String) -> RPCError {
    if let kind = kind(of: path) {
      return RPCError(.unimplemented, "\(path) is a method of another kind (\(kind))")
    }
    return RPCError(.unimplemented, "there is no method \(path)")
  }
}
