import Glibc

/// Tells the time. Everything that needs to know it is given one, so that tests and the simulator
/// decide what time it is.
public protocol TimeSource: Sendable {
  /// The time for measuring and waiting.
  func now() -> MonotonicTime

  /// The time of day: since 1970-01-01 UTC, as the machine believes.
  func sinceEpoch() -> Duration
}

/// The machine's clocks.
public struct SystemTime: TimeSource {
  /// The machine's clocks.
  public init() {}

  /// CLOCK_MONOTONIC, clock_gettime(2).
  public func now() -> MonotonicTime {
    let time = Self.read(CLOCK_MONOTONIC)
    return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// CLOCK_REALTIME, clock_gettime(2).
  public func sinceEpoch() -> Duration {
    let time = Self.read(CLOCK_REALTIME)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time
  }
}

/// A clock that stands still until it is moved.
public final class ManualTime: TimeSource {
  private let time: Lock<(monotonic: MonotonicTime, sinceEpoch: Duration)>

  /// A clock that shows these times.
  public init(
    _ now: MonotonicTime = MonotonicTime(nanoseconds: 0), sinceEpoch: Duration = .zero
  ) {
    time = Lock((now, sinceEpoch))
  }

  /// The time that the clock was moved to.
  public func now() -> MonotonicTime { time.withLock { $0.monotonic } }

  /// The time of day that the clock was moved to.
  public func sinceEpoch() -> Duration { time.withLock { $0.sinceEpoch } }

  /// Moves both times on.
  public func advance(by duration: Duration) {
    time.withLock { time in
      time.monotonic = time.monotonic + duration
      time.sinceEpoch += duration
    }
  }
}
