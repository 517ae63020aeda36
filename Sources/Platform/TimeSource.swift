import Glibc

/// Tells the time. Everything that needs to know it is given one, so that tests and the simulator
/// decide what time it is.
public protocol TimeSource: Sendable {
  /// The time for measuring and waiting.
  func now() -> MonotonicTime

  /// The time of day: since 1970-01-01 UTC, as the machine believes.
  func sinceEpoch() -> Duration

  /// Waits until `time` has come, or the task is cancelled.
  func sleep(until time: MonotonicTime) async
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

  /// Waits on a timer of the runtime.
  public func sleep(until time: MonotonicTime) async {
    let left = time - now()
    if left > .zero { try? await Task.sleep(for: left) }
  }

  private static func read(_ clock: clockid_t) -> timespec {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return time
  }
}
