import Dispatch
import Foundation
import Platform

/// Standard input, piece by piece as it comes. Whoever waits for it can be cancelled, although the
/// read itself, on a thread of its own, cannot.
final class StandardInput: Sendable {
  private typealias Waiter = CheckedContinuation<[UInt8]?, Never>
  private let waiter = Lock<Waiter?>(nil)

  /// The next piece; nil at the end, or when the task is cancelled. One task may wait.
  func read() async -> [UInt8]? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        waiter.withLock { $0 = continuation }
        if Task.isCancelled { return answer(nil) }
        DispatchQueue.global().async { [self] in
          let piece = FileHandle.standardInput.availableData
          answer(piece.isEmpty ? nil : Array(piece))
        }
      }
    } onCancel: {
      answer(nil)
    }
  }

  private func answer(_ piece: [UInt8]?) {
    let waiting = waiter.withLock { waiter in
      defer { waiter = nil }
      return waiter
    }
    waiting?.resume(returning: piece)
  }
}
