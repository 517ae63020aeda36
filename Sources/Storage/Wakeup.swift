import Platform

/// Wakes tasks that wait for something to happen; who waits looks again after a while anyway.
final class Wakeup: Sendable {
  private struct State {
    var count = 0
    var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
    var nextPlace = 0
  }

  private let state = Lock(State())

  /// How often it has woken; to be read before looking whether there is something to do.
  var count: Int { state.withLock(\.count) }

  func wake() {
    let woken = state.withLock { state in
      state.count += 1
      defer { state.waiting.removeAll() }
      return state.waiting.values.map(\.self)
    }
    for continuation in woken { continuation.resume() }
  }

  /// Waits until it has woken more often than `seen`, until `end`, or until the task is cancelled.
  func wait(past seen: Int, until end: MonotonicTime, _ time: any TimeSource) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await time.sleep(until: end) }
      group.addTask { await self.wait(past: seen) }
      await group.next()
      group.cancelAll()
    }
  }

  private func wait(past seen: Int) async {
    let place = state.withLock { state in
      state.nextPlace += 1
      return state.nextPlace
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.count != seen || Task.isCancelled { return true }
          state.waiting[place] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: place) }?.resume()
    }
  }
}
