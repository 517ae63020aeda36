/// What a caller asks for, for one call.
public struct CallOptions: Sendable {
  /// What to send beside the messages.
  public var metadata: Metadata
  /// How long to wait for the call to end, retries included; nil to wait for ever.
  public var timeout: Duration?
  /// Waits for the service to become reachable instead of failing with `unavailable` at once.
  public var waitsForReady = false
  /// Compresses the messages that are sent, and asks for compressed ones.
  public var usesCompression = false
  /// Is given what the service sent beside the messages, once, when the call has ended.
  public var receivesMetadata: (@Sendable (ReplyMetadata) -> Void)?

  /// Options of a call; without any, the call waits for ever and sends no metadata.
  public init(metadata: Metadata = Metadata(), timeout: Duration? = nil) {
    self.metadata = metadata
    self.timeout = timeout
  }

  /// Options of a call that is made while another is served: it ends when that one's time is over,
  /// and belongs to the same trace and request.
  public init(within context: CallContext) {
    self.init(timeout: context.timeLeft)
    let carried = context[CarriedMetadata.self]?.metadata ?? context.metadata
    for name in Metadata.carriedOn {
      if let value = carried[name] { metadata.add(name, value) }
    }
  }
}

/// What calls carry on that are made while another is served, in place of what came with that one:
/// an interceptor leaves it in the call's context.
public struct CarriedMetadata: Sendable {
  /// Values under names of `Metadata.carriedOn`.
  public var metadata: Metadata

  /// These values.
  public init(_ metadata: Metadata) { self.metadata = metadata }
}

/// What a service sends beside the messages of its answer.
public struct ReplyMetadata: Sendable, Hashable {
  /// What came before the first message.
  public var initial: Metadata
  /// What came with the end.
  public var trailing: Metadata

  /// Metadata of an answer.
  public init(initial: Metadata = Metadata(), trailing: Metadata = Metadata()) {
    self.initial = initial
    self.trailing = trailing
  }
}
