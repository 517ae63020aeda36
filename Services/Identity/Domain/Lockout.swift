/// How failures to sign in lock out: for a time that doubles with each.
struct Lockout: Sendable, Hashable {
  /// Failures since the last success, or since they were forgotten.
  var failures: Int64 = 0
  /// When the last one was.
  var failedAt: Duration = .zero
  /// Until when nothing is tried.
  var lockedUntil: Duration = .zero

  /// What is counted.
  struct Rule: Sendable {
    /// How many failures cost nothing.
    let free: Int64
    /// After how long without a failure they are forgotten.
    let forgottenAfter: Duration
  }

  /// For one account, known or not.
  static let account = Rule(free: 0, forgottenAfter: .seconds(86_400))
  /// For one network address, behind which a whole office may sit.
  static let address = Rule(free: 20, forgottenAfter: .seconds(3_600))

  /// The first time to wait, and the longest: longer ones would let anybody lock out anybody.
  static let waitMin: Duration = .seconds(1)
  static let waitMax: Duration = .seconds(900)
  /// From this wait on the owner and the other services are told.
  static let toldFrom: Duration = .seconds(64)

  /// How long to wait still; nil when one may try.
  func wait(at now: Duration) -> Duration? {
    // A clock that was set back by a day locks nobody out for a day.
    guard now < lockedUntil else { return nil }
    return min(lockedUntil - now, Self.waitMax)
  }

  /// Counts a failure.
  ///
  /// - Returns: whether it is the one at which others are told.
  @discardableResult
  mutating func fail(_ rule: Rule, at now: Duration) -> Bool {
    if now - failedAt > rule.forgottenAfter { failures = 0 }
    failures += 1
    failedAt = now
    let counted = failures - rule.free
    guard counted > 0 else { return false }
    let wait = min(Self.waitMin * Int(1 << min(counted - 1, 30)), Self.waitMax)
    lockedUntil = now + wait
    return wait == Self.toldFrom
  }
}
