extension GoogleProtobuf.Timestamp {
  /// The instant, cut to whole microseconds: what databases keep.
  public init(sinceEpoch: Swift.Duration) {
    self.init(microsecondsSinceEpoch: sinceEpoch.wholeMicroseconds)
  }

  /// The instant that so many microseconds since 1970 lead to.
  public init(microsecondsSinceEpoch microseconds: Int64) {
    let second = microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
    self.init(seconds: second, nanos: Int32((microseconds - second * 1_000_000) * 1_000))
  }

  /// The time since 1970.
  public var sinceEpoch: Swift.Duration { .seconds(seconds) + .nanoseconds(Int64(nanos)) }
}

extension Swift.Duration {
  /// Microseconds, cut down to whole ones, within 64 bits.
  public var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000)
    if isOver { return seconds < 0 ? .min : .max }
    let part = attoseconds / 1_000_000_000_000
    // A negative duration is cut towards the past, as a positive one is.
    return scaled + (part * 1_000_000_000_000 > attoseconds ? part - 1 : part)
  }
}
