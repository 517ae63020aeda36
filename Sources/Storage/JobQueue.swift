import Platform

/// Jobs that wait for the threads of a database: bounded, first come, first served.
final class JobQueue: Sendable {
  private struct State {
    var jobs: [any TransactionJob] = []
    var first = 0
    var isStopped = false
    /// Threads that do what they have taken.
    var busyCount = 0
    /// Threads that will look again when the busy ones have had their time.
    var watchingCount = 0
    /// Since when jobs wait that nobody has taken.
    var waitingSince: MonotonicTime?

    var count: Int { jobs.count - first }
  }

  private let state = Monitor(State())
  private let waitingMax: Int
  /// How long jobs wait for a busy thread before another takes them.
  private let helpAfter: Duration?

  /// - Parameter helpAfter: One thread does all as long as jobs wait no longer than this, because
  ///   groups that are larger cost less and those of two threads get in each other's way. Without it
  ///   every thread takes what comes.
  init(waitingMax: Int, helpAfter: Duration? = nil) {
    self.waitingMax = waitingMax
    self.helpAfter = helpAfter
  }

  /// How many jobs wait.
  var count: Int { state.change(waking: .nobody) { $0.count } }

  /// Adds a job.
  ///
  /// - Throws: `busy` when too many wait, `stopped` after `stop()`.
  func add(_ job: sending any TransactionJob) throws(StorageError) {
    try state.change { (state) throws(StorageError) in
      if state.isStopped { throw StorageError(.stopped, "the database has been stopped") }
      guard state.count < waitingMax else { throw StorageError.busy(waitingMax) }
      state.jobs.append(job)
      if helpAfter == nil { return ((), .one) }
      if state.waitingSince == nil { state.waitingSince = SystemTime().now() }
      return ((), state.busyCount == 0 || state.watchingCount == 0 ? .one : .nobody)
    }
  }

  /// Up to `countMax` jobs, once there is one. The thread is busy until it calls `done`.
  ///
  /// - Parameter timeMax: After which no jobs are given, if none have come.
  /// - Returns: nil when the queue has been stopped and is empty.
  func take(_ countMax: Int, timeMax: Duration? = nil) -> [any TransactionJob]? {
    while true {
      let turn = wait(timeMax) { state -> Turn? in
        if state.count == 0 { return state.isStopped ? .end : nil }
        if let taken = takeNow(countMax, &state) { return .taken(taken) }
        if state.watchingCount > 0 { return nil }
        state.watchingCount += 1
        return .watch
      }
      switch turn {
      case .end: return nil
      case .taken(let jobs): return jobs
      case .watch: break
      case nil: return takeNothing()
      }
      let taken = wait(helpAfter) { state in
        state.count == 0 ? nil : takeNow(countMax, &state)
      }
      state.change(waking: .one) { $0.watchingCount -= 1 }
      if let taken { return taken }
    }
  }

  private enum Turn {
    case end, watch
    case taken([any TransactionJob])
  }

  private func wait<Value>(_ timeMax: Duration?, _ body: (inout State) -> Value?) -> Value? {
    guard let timeMax else { return state.wait(body) }
    return state.wait(atMost: timeMax, body)
  }

  private func takeNothing() -> [any TransactionJob] {
    state.change(waking: .nobody) { $0.busyCount += 1 }
    return []
  }

  private func takeNow(_ countMax: Int, _ state: inout State) -> [any TransactionJob]? {
    if let helpAfter, state.busyCount > 0, let since = state.waitingSince,
      SystemTime().now() - since < helpAfter
    {
      return nil
    }
    let end = min(state.jobs.count, state.first + countMax)
    let taken = Array(state.jobs[state.first..<end])
    state.first = end
    // What was taken goes once it is all, or much: moving the rest up each time costs more.
    if state.first == state.jobs.count || state.first > 1_024 {
      state.jobs.removeFirst(state.first)
      state.first = 0
    }
    state.waitingSince = state.jobs.isEmpty || helpAfter == nil ? nil : SystemTime().now()
    state.busyCount += 1
    return taken
  }

  /// The thread has done what it took.
  func done() { state.change(waking: .nobody) { $0.busyCount -= 1 } }

  var isStopped: Bool { state.change(waking: .nobody) { $0.isStopped } }

  /// Takes no further jobs; those that wait are still done.
  func stop() { state.change(waking: .all) { $0.isStopped = true } }

  /// For a thread that has nothing to do for a while.
  func waitForStop(atMost duration: Duration) {
    _ = state.wait(atMost: duration) { $0.isStopped ? true : nil }
  }
}
