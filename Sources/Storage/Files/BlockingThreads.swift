import Platform

/// Threads for what blocks, such as files: bounded, first come, first served.
final class BlockingThreads: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var isStopped = false
  }

  private let state = Monitor(State())
  private let waitingMax: Int

  init(count: Int, waitingMax: Int) {
    self.waitingMax = waitingMax
    for _ in 0..<count {
      Thread.start { [state] in
        while let body = Self.next(of: state) { body() }
      }
    }
  }

  deinit { state.change(waking: .all) { $0.isStopped = true } }

  private static func next(of state: Monitor<State>) -> (@Sendable () -> Void)? {
    state.wait { state in
      if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
      return state.isStopped ? .some(nil) : nil
    }
  }

  /// Runs `body` on one of the threads.
  ///
  /// - Throws: what `body` throws, or `busy` when too many wait.
  func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    // ThreadSanitizer sees the lock, but not that a continuation comes before what it resumes.
    let outcome = Lock<Result<Value, any Error>>(.failure(StorageError.busy(waitingMax)))
    await withCheckedContinuation { continuation in
      let isAdded = state.change(waking: .one) { state in
        guard state.waiting.count < waitingMax else { return false }
        state.waiting.append {
          let result = Result { try body() }
          outcome.withLock { $0 = result }
          continuation.resume()
        }
        return true
      }
      if !isAdded { continuation.resume() }
    }
    return try outcome.withLock { $0 }.get()
  }
}
