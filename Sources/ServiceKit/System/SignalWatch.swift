import Dispatch
import Glibc
import Platform

/// Waits for the signals that ask a program to end: SIGTERM, SIGINT. The second one ends it at once.
final class SignalWatch: Sendable {
  private struct State {
    var name: String?
    var waiting: CheckedContinuation<String, Never>?
    var sources: [any DispatchSourceSignal] = []
  }

  private let state = Lock(State())

  init() {
    for (number, name) in [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT")] {
      // Else the signal ends the process before anybody is asked.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.received(name, number) }
      source.resume()
      state.withLock { $0.sources.append(source) }
    }
  }

  private func received(_ name: String, _ number: Int32) {
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
