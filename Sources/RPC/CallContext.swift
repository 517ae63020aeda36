/// What a handler knows about the call that it serves.
public struct CallContext: Sendable {
  /// What the caller sent beside the messages.
  public var metadata: Metadata
  /// When the caller stops waiting; nil if it waits for ever.
  public var deadline: ContinuousClock.Instant?

  /// The context of a call.
  public init(metadata: Metadata = Metadata(), deadline: ContinuousClock.Instant? = nil) {
    self.metadata = metadata
    self.deadline = deadline
  }
}

/// What a caller asks for, for one call.
public struct CallOptions: Sendable {
  /// What to send beside the messages.
  public var metadata: Metadata
  /// When to stop waiting; nil to wait for ever.
  public var deadline: ContinuousClock.Instant?

  /// Options of a call; without any, the call waits for ever and sends no metadata.
  public init(metadata: Metadata = Metadata(), deadline: ContinuousClock.Instant? = nil) {
    self.metadata = metadata
    self.deadline = deadline
  }
}
