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
    case unary(@Sendable (Span<UInt8>, Encoding) throws(RPCError) -> UnaryInvocation)
    /// Any other kind.
    case stream(
      @Sendable (ByteStream, ByteWriter, Encoding, CallContext) async throws -> Void)
  }
}

/// A unary call whose request has been read: runs the handler and gives the encoded response.
public typealias UnaryInvocation = @Sendable (CallContext) async throws -> [UInt8]
