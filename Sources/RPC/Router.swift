public import Wire

/// Finds the handler of a call by its path; from there on calls are bytes in some encoding.
public struct Router: Sendable {
  private var routes: [String: Route] = [:]
  /// Who stands before and behind every handler.
  public let interceptors: [any ServerInterceptor]

  /// A router without methods.
  public init(interceptors: [any ServerInterceptor] = []) {
    self.interceptors = interceptors
  }

  /// A router of the methods of `services`.
  public init(_ services: any Service..., interceptors: [any ServerInterceptor] = []) {
    self.init(interceptors: interceptors)
    for service in services { service.register(in: &self) }
  }

  /// All methods, sorted by their paths.
  public var methods: [MethodDescriptor] {
    routes.values.map(\.method).sorted { $0.path < $1.path }
  }

  /// The method at a path; nil if there is none.
  public subscript(path: String) -> Route? { routes[path] }

  /// All methods with their handlers, in no order.
  public var all: some Sequence<Route> { routes.values }

  // MARK: Adding methods

  /// Adds a method of one request and one response.
  ///
  /// Inlinable, so that the code of a method is made for its types, where these are known.
  @inlinable
  public mutating func unary<Request: Message, Response: Message>(
    _ method: Method<Request, Response>,
    _ handle: @escaping @Sendable (Request, CallContext) async throws -> Response
  ) {
    add(
      method.descriptor,
      .unary { (bytes, encoding) throws(RPCError) in
        let request = try Request(receiving: bytes, as: encoding, malformed: .invalidArgument)
        return { context in try await handle(request, context).sending(as: encoding) }
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
      method.descriptor,
      .stream { requests, responses, encoding, context in
        try await handle(
          RequestStream(requests, as: encoding, malformed: .invalidArgument),
          ResponseWriter(responses, as: encoding), context)
      })
  }

  @usableFromInline
  mutating func add(_ method: MethodDescriptor, _ handler: Route.Handler) {
    let old = routes.updateValue(Route(method: method, handler: handler), forKey: method.path)
    precondition(old == nil, "two services have the method \(method.path)")
  }
}
