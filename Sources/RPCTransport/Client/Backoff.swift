/// How long to wait before the next try: doubling from 100 ms to 20 s, each time a random fifth more
/// or less, so that many clients do not come back at once.
struct Backoff {
  private static let first: Duration = .milliseconds(100)
  private static let last: Duration = .seconds(20)
  private var failures = 0

  mutating func next(_ random: inout some RandomNumberGenerator) -> Duration {
    let doubled = Self.first * (1 << min(failures, 10))
    failures += 1
    return min(doubled, Self.last) * Double.random(in: 0.8...1.2, using: &random)
  }

  mutating func reset() { failures = 0 }
}

/// Bounds how much repeating adds to the load of a service in trouble: every call that succeeds
/// earns a tenth of a retry, up to 10.
struct RetryBudget {
  private static let max = 100
  private var tenths = max

  mutating func callSucceeded() { tenths = min(Self.max, tenths + 1) }

  /// Whether a retry can be afforded; it is paid for then.
  mutating func spend() -> Bool {
    guard tenths >= 10 else { return false }
    tenths -= 10
    return true
  }
}
