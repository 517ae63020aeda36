/// The failure of a call, as the caller sees it.
public struct RPCError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A fact for programs: an encoded message and the name of its type.
  public struct Detail: Sendable, Hashable {
    /// A URL whose last segment is the message type's full name.
    public var typeURL: String
    /// The message in protobuf binary.
    public var value: [UInt8]

    /// A detail of this type.
    public init(typeURL: String, value: [UInt8]) {
      self.typeURL = typeURL
      self.value = value
    }
  }

  /// The kind of failure; never `ok`.
  public var code: RPCCode
  /// What happened and what to do next, for a developer.
  public var message: String
  /// Facts for programs.
  public var details: [Detail]

  /// A failure.
  public init(_ code: RPCCode, _ message: String, details: [Detail] = []) {
    precondition(code != .ok, "an error needs a code other than ok")
    self.code = code
    self.message = message
    self.details = details
  }

  /// `notFound: no such product`
  public var description: String { "\(code): \(message)" }

  /// What the other side is told of an error that a handler throws: RPC errors as they are, a
  /// cancellation as such, one that knows its own mapping by that, and of anything else only that it
  /// happened.
  public init(reporting error: any Error) {
    switch error {
    case let error as RPCError: self = error
    case let error as any RPCErrorConvertible: self = error.rpcError
    case is CancellationError: self.init(.cancelled, "the call was cancelled")
    default: self.init(.internal, "the service failed; the cause is in its log")
    }
  }
}

/// An error that knows how a caller is told of it: each service's one error enumeration.
public protocol RPCErrorConvertible: Error {
  /// What the caller is told; the error itself goes to the log.
  var rpcError: RPCError { get }
}
