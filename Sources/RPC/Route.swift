public import Wire

/// A method that a router serves, with its handler behind it: typed on the inside, bytes outside.
///
/// A class, since each call refers to its route and a reference costs less than copies of it all.
public final class Route: Sendable {
  /// The method.
  public let method: MethodDescriptor
  /// What its calls are made of.
  public let handler: Handler

  init(method: MethodDescriptor, handler: Handler) {
    self.method = method
    self.handler = handler
  }

  /// How a method is served.
  public enum Handler: Sendable {
    /// One request, one response: reads the request, whose bytes may be gone afterwards.
    case unary(
      @Sendable (Span<UInt8>, Encoding) throws(RPCError) -> any UnaryInvocation)
    /// Any other kind.
    case stream(
      @Sendable (ByteStream, ByteWriter, Encoding, CallContext) async throws -> Void)
  }
}

/// A unary call whose request has been read and whose handler has not run yet.
public protocol UnaryInvocation: Sendable {
  /// Runs the handler and gives the encoded response.
  ///
  /// It stays on the executor of whoever calls it, as all does between a transport and a handler:
  /// each change, even to the same executor, costs a look at the task's records.
  /// - Throws: whatever the handler throws.
  nonisolated(nonsending) func run(_ context: CallContext) async throws -> [UInt8]
}

struct TypedInvocation<Request: Message, Response: Message>: UnaryInvocation {
  let request: Request
  let encoding: Encoding
  let handle: nonisolated(nonsending) @Sendable (Request, CallContext) async throws -> Response

  nonisolated(nonsending) func run(_ context: CallContext) async throws -> [UInt8] {
    try await handle(request, context).sending(as: encoding)
  }
}
