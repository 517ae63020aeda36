import Platform

/// A clock that nobody waits for: it jumps to whatever time is slept until, and remembers how far.
final class JumpingTime: TimeSource {
  private let state = Lock((now: MonotonicTime(nanoseconds: 0), sleeps: [Duration]()))

  /// How long was slept each time.
  var sleeps: [Duration] { state.withLock { $0.sleeps } }

  func now() -> MonotonicTime { state.withLock { $0.now } }

  func sinceEpoch() -> Duration { .zero }

  func sleep(until time: MonotonicTime) async {
    state.withLock { state in
      state.sleeps.append(time - state.now)
      state.now = max(state.now, time)
    }
  }
}
