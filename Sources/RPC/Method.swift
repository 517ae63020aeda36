public import Wire

/// Who sends how many messages in a call.
public enum MethodKind: Sendable, Hashable, CaseIterable {
  /// One request, one response.
  case unary
  /// Any number of requests, one response.
  case clientStreaming
  /// One request, any number of responses.
  case serverStreaming
  /// Any number of each, at the same time.
  case bidirectional

  /// Whether the caller sends a stream.
  public var hasManyRequests: Bool { self == .clientStreaming || self == .bidirectional }
  /// Whether the service sends a stream.
  public var hasManyResponses: Bool { self == .serverStreaming || self == .bidirectional }
}

/// What the schema says about repeating a call.
public enum Idempotency: Sendable, Hashable {
  /// Nothing: do not repeat it unasked.
  case unknown
  /// The call changes nothing.
  case noSideEffects
  /// Repeating the call has no further effect.
  case idempotent
}

/// A method of a service, without the types of its messages.
///
/// A class, since each call refers to its method and a reference costs less than copies of it all.
public final class MethodDescriptor: Sendable {
  /// The full name of the service.
  public let service: String
  /// The name within the service.
  public let name: String
  /// Who sends how many messages.
  public let kind: MethodKind
  /// What repeating a call does.
  public let idempotency: Idempotency
  /// `/<package>.<Service>/<Method>`, as it travels.
  public let path: String

  /// A method as the schema declares it.
  public init(
    service: String, name: String, kind: MethodKind, idempotency: Idempotency = .unknown
  ) {
    self.service = service
    self.name = name
    self.kind = kind
    self.idempotency = idempotency
    path = "/\(service)/\(name)"
  }
}

extension MethodDescriptor: Hashable {
  /// Whether all that is declared is the same.
  public static func == (left: MethodDescriptor, right: MethodDescriptor) -> Bool {
    left.path == right.path && left.kind == right.kind && left.idempotency == right.idempotency
  }

  /// Hashes the path.
  public func hash(into hasher: inout Hasher) { hasher.combine(path) }
}

/// A method of a service, with the types of its messages.
@dynamicMemberLookup
public struct Method<Request: Message, Response: Message>: Sendable, Hashable {
  /// All of the method but the types.
  public let descriptor: MethodDescriptor

  /// A method as the schema declares it.
  public init(
    service: String, name: String, kind: MethodKind, idempotency: Idempotency = .unknown
  ) {
    descriptor = MethodDescriptor(
      service: service, name: name, kind: kind, idempotency: idempotency)
  }

  /// What the descriptor says.
  public subscript<Value>(dynamicMember member: KeyPath<MethodDescriptor, Value>) -> Value {
    descriptor[keyPath: member]
  }
}
