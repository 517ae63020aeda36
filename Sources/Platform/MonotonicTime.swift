/// A point of a clock that only goes forward; it tells how long things take, not what day it is.
public struct MonotonicTime: Sendable, Hashable, Comparable {
  /// Nanoseconds since some unknown moment.
  public var nanoseconds: Int64

  /// A point of the clock.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Later than every other point.
  public static let distantFuture = MonotonicTime(nanoseconds: .max)

  /// Whether `left` comes first.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The point `duration` later, at most the distant future.
  public static func + (time: Self, duration: Duration) -> Self {
    let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.nanoseconds)
    return MonotonicTime(nanoseconds: overflow ? .max : sum)
  }

  /// From the right point to the left one.
  public static func - (left: Self, right: Self) -> Duration {
    .nanoseconds(left.nanoseconds.subtractingReportingOverflow(right.nanoseconds).partialValue)
  }
}

extension Duration {
  /// The whole nanoseconds, within 64 bits.
  @inlinable
  public var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, pastEnd) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    if overflow || pastEnd { return seconds < 0 ? .min : .max }
    return sum
  }
}
