import Platform

/// When something is tried again: after 1 s, then twice as long each time, up to an hour, with up to
/// a quarter on top so that many do not come at once.
enum RetrySchedule {
  private static let first: Duration = .seconds(1)
  private static let longest: Duration = .seconds(3_600)

  /// How long to wait after the attempt of that number, from 1.
  static func delay(afterAttempt attempt: Int64, _ random: some RandomSource) -> Duration {
    let doublings = Int(max(0, min(attempt - 1, 12)))
    let delay = min(longest, first * (1 << doublings))
    return delay + .nanoseconds(Int64(random.number(below: UInt64(delay.nanoseconds / 4))))
  }
}
