import Glibc
import Platform

/// Waits for the signals that ask a program to end: SIGTERM, SIGINT. The second one ends it at once.
///
/// To be made first thing in `main`: threads that were started before could be struck by a signal.
final class SignalWatch: Sendable {
  private struct State {
    var name: String?
    var waiting: CheckedContinuation<String, Never>?
  }

  private let state = Lock(State())

  init() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    let awaited = signals
    Thread.start { self.run(awaited) }
  }

  private func run(_ signals: sigset_t) {
    var signals = signals
    while true {
      var number: Int32 = 0
      guard unsafe sigwait(&signals, &number) == 0 else { continue }
      let name = number == SIGINT ? "SIGINT" : "SIGTERM"
      let (isSecond, waiting) = state.withLock { state in
        defer {
          state.name = name
          state.waiting = nil
        }
        return (state.name != nil, state.waiting)
      }
      if isSecond { _exit(128 + number) }
      waiting?.resume(returning: name)
    }
  }

  /// Returns the name of the first signal, once it has come. For one task.
  func requested() async -> String {
    await withCheckedContinuation { continuation in
      let name = state.withLock { state in
        if state.name == nil { state.waiting = continuation }
        return state.name
      }
      if let name { continuation.resume(returning: name) }
    }
  }
}
