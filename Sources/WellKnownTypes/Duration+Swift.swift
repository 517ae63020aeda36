extension GoogleProtobuf.Duration {
  /// The span of time, cut to whole nanoseconds.
  public init(_ duration: Swift.Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
  }

  /// The same span of time as Swift's own type has it.
  public var duration: Swift.Duration { .seconds(seconds) + .nanoseconds(Int64(nanos)) }
}
