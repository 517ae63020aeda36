/// A resolved service.
public struct Service: Sendable {
  /// The name without the package.
  public let name: String
  /// Package and name, joined by a dot.
  public let fullName: String
  /// In order of declaration.
  public internal(set) var methods: [Method]
  /// The service's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo
}

/// A resolved method.
public struct Method: Sendable {
  /// As written.
  public let name: String
  /// Service and name, joined by a dot.
  public let fullName: String
  /// The full name of the message type that the caller sends.
  public let input: String
  /// The full name of the message type that the caller receives.
  public let output: String
  /// Whether the caller sends any number of messages.
  public let clientStreams: Bool
  /// Whether the caller receives any number of messages.
  public let serverStreams: Bool
  /// The method's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo
}
