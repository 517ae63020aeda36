import Platform

/// How many threads still run, and who waits for their end.
final class ThreadCount: Sendable {
  private struct State {
    var running: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Lock<State>

  init(_ running: Int) { state = Lock(State(running: running)) }

  func ended() {
    let waiting = state.withLock { state in
      state.running -= 1
      return state.running == 0 ? state.waiting : []
    }
    for continuation in waiting { continuation.resume() }
  }

  func allEnded() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.running > 0 { state.waiting.append(continuation) }
        return state.running == 0
      }
      if isOver { continuation.resume() }
    }
  }
}
