import Platform

/// What a rate must keep in order to count as sustained, such as `p99<10ms`.
public struct LatencyObjective: Sendable, Equatable {
  /// The percentile that is held to the limit.
  public let percent: Double
  /// What the percentile must stay under.
  public let limit: Duration

  /// An objective.
  public init(percent: Double, limit: Duration) {
    self.percent = percent
    self.limit = limit
  }

  /// Reads `p99<10ms`, `p99.9<1s`.
  ///
  /// - Throws: `LoadPlanError`, which says what is wrong.
  public init(text: String) throws(LoadPlanError) {
    let halves = text.split(separator: "<", omittingEmptySubsequences: false).map(String.init)
    guard halves.count == 2, halves[0].hasPrefix("p"), let percent = Double(halves[0].dropFirst()),
      percent > 0, percent < 100, let limit = Duration(loadText: halves[1]), limit > .zero
    else { throw LoadPlanError("`\(text)` is no objective; write p99<10ms or p99.9<1s") }
    self.init(percent: percent, limit: limit)
  }

  /// As it is written on the command line.
  public var description: String {
    let number = percent == percent.rounded() ? "\(Int(percent))" : "\(percent)"
    return "p\(number)<\(Quantity.latency(limit.nanoseconds))"
  }
}
