/// A clock that stands still until it is moved.
public final class ManualTime: TimeSource {
  private struct State {
    var now: MonotonicTime
    var sinceEpoch: Duration
    var sleepers: [Int: (until: MonotonicTime, wake: CheckedContinuation<Void, Never>)] = [:]
    var sleepersAdded = 0
  }

  private let state: Lock<State>

  /// A clock that shows these times.
  public init(
    _ now: MonotonicTime = MonotonicTime(nanoseconds: 0), sinceEpoch: Duration = .zero
  ) {
    state = Lock(State(now: now, sinceEpoch: sinceEpoch))
  }

  /// The time that the clock was moved to.
  public func now() -> MonotonicTime { state.withLock { $0.now } }

  /// The time of day that the clock was moved to.
  public func sinceEpoch() -> Duration { state.withLock { $0.sinceEpoch } }

  /// How many tasks wait for the clock to move.
  public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

  /// Waits until the clock has been moved that far.
  public func sleep(until time: MonotonicTime) async {
    let id = state.withLock { state in
      state.sleepersAdded += 1
      return state.sleepersAdded
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.now >= time || Task.isCancelled { return true }
          state.sleepers[id] = (time, continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: id) }?.wake.resume()
    }
  }

  /// Moves both times on, and wakes whom that concerns, the earliest first.
  public func advance(by duration: Duration) {
    let woken = state.withLock { state in
      state.now = state.now + duration
      state.sinceEpoch += duration
      let now = state.now
      let due = state.sleepers.filter { $0.value.until <= now }
      for id in due.keys { state.sleepers[id] = nil }
      return due.sorted { ($0.value.until, $0.key) < ($1.value.until, $1.key) }
    }
    for sleeper in woken { sleeper.value.wake.resume() }
  }
}
