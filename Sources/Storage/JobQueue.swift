import Platform

/// Jobs that wait for the threads of a database: bounded, first come, first served.
final class JobQueue: Sendable {
  private struct State {
    var jobs: [any TransactionJob] = []
    var first = 0
    var isStopped = false
  }

  private let state = Monitor(State())
  private let waitingMax: Int

  init(waitingMax: Int) { self.waitingMax = waitingMax }

  /// Adds a job.
  ///
  /// - Throws: `busy` when too many wait, `stopped` after `stop()`.
  func add(_ job: sending any TransactionJob) throws(StorageError) {
    try state.change(waking: .one) { (state) throws(StorageError) in
      if state.isStopped { throw StorageError(.stopped, "the database has been stopped") }
      guard state.jobs.count - state.first < waitingMax else {
        throw StorageError.busy(waitingMax)
      }
      state.jobs.append(job)
    }
  }

  /// Up to `countMax` jobs, once there is one; none when the queue has been stopped and is empty.
  func take(_ countMax: Int) -> [any TransactionJob] {
    state.wait { state in
      if state.first == state.jobs.count { return state.isStopped ? [] : nil }
      let end = min(state.jobs.count, state.first + countMax)
      let taken = Array(state.jobs[state.first..<end])
      state.first = end
      // What was taken goes once it is all, or much: moving the rest up each time costs more.
      if state.first == state.jobs.count || state.first > 1_024 {
        state.jobs.removeFirst(state.first)
        state.first = 0
      }
      return taken
    }
  }

  /// Takes no further jobs; those that wait are still done.
  func stop() { state.change(waking: .all) { $0.isStopped = true } }
}
