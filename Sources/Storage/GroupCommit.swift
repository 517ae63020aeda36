import Glibc
import Platform

/// Many callers' transactions in one durable commit. Each is isolated by a savepoint and is answered
/// only after the commit, a refusal too: it may rest on what another member wrote.
struct GroupCommit {
  /// How often a transaction that others got in the way of is tried again.
  static let conflictsMax = 20
  /// How often before a group is taken apart: smaller ones are less in the way.
  private static let conflictsBeforeSplit = 4

  let connection: any SQLConnection
  /// Which of its kind the thread is.
  let place: Int
  let status: DatabaseStatus

  /// Runs the jobs in one commit and answers them.
  ///
  /// - Returns: those that are to be tried alone, because they, another or the connection failed.
  func run(_ jobs: [any TransactionJob]) -> [any TransactionJob] {
    if jobs.count == 1 { return jobs }
    for attempt in 1... {
      do throws(StorageError) {
        return try runOnce(jobs)
      } catch {
        end(error)
        if error.code == .outcomeUnknown {
          for job in jobs { job.fail(error) }
          return []
        }
        // One member's trouble is not the others'.
        guard error.code == .conflict, attempt < Self.conflictsBeforeSplit else { return jobs }
        waitAfterConflict(attempt)
      }
    }
    return jobs
  }

  private func runOnce(
    _ jobs: [any TransactionJob]
  ) throws(StorageError) -> [any TransactionJob] {
    var failed: [any TransactionJob] = []
    var done: [any TransactionJob] = []
    let begin = status.time.now()
    try connection.begin(.write)
    for job in jobs {
      if try runMember(job) { done.append(job) } else { failed.append(job) }
    }
    try connection.commit()
    connection.runCommitActions()
    status.committed(done.reduce(0) { $0 + $1.size }, since: begin)
    for job in done { job.finish() }
    var parts: [any TransactionJob] = []
    for job in failed {
      let halves = job.halves()
      if halves.isEmpty { job.finish() } else { parts += halves }
    }
    return parts
  }

  /// - Returns: whether what it wrote stays.
  private func runMember(_ job: any TransactionJob) throws(StorageError) -> Bool {
    try connection.savepoint()
    switch job.attempt(connection) {
    case .completed where connection.failure == nil:
      try connection.release()
      return true
    case .failed(let error) where error.endsTransaction: throw error
    case .completed:
      throw .swallowed
    case .refused, .failed:
      try connection.rollbackToSavepoint()
      return false
    }
  }

  /// Runs a job in a commit of its own and answers it.
  ///
  /// - Returns: its parts, if it failed and is to be tried in parts.
  func runAlone(_ job: any TransactionJob) -> [any TransactionJob] {
    for attempt in 1... {
      do throws(StorageError) {
        let begin = status.time.now()
        try connection.begin(.write)
        switch job.attempt(connection) {
        case .completed where connection.failure == nil:
          try connection.commit()
          connection.runCommitActions()
          status.committed(job.size, since: begin)
        case .completed:
          throw .swallowed
        case .failed(let error) where error.endsTransaction: throw error
        case .refused, .failed:
          // What it read was committed and durable before.
          connection.rollback()
          connection.commitActions = []
          let halves = job.halves()
          if !halves.isEmpty { return halves }
        }
        job.finish()
        return []
      } catch {
        end(error)
        // What was sent without waiting may fail as late as this, and one of many is at fault.
        if !error.endsTransaction || error.code == .tooSlow
          || attempt >= Self.conflictsBeforeSplit && error.code == .conflict
        {
          let halves = job.halves()
          if !halves.isEmpty { return halves }
        }
        guard error.code == .conflict, attempt < Self.conflictsMax else {
          job.fail(error)
          return []
        }
        waitAfterConflict(attempt)
      }
    }
    return []
  }

  /// Writes something that changes nothing, to see whether writing works again.
  func probe() {
    do throws(StorageError) {
      let begin = status.time.now()
      try connection.begin(.write)
      try connection.execute("UPDATE schema_migration SET applied_at = applied_at WHERE number = 1")
      try connection.commit()
      status.committed(0, since: begin)
    } catch {
      end(error)
    }
  }

  private func end(_ error: StorageError) {
    connection.rollback()
    connection.commitActions = []
    status.failed(error)
  }

  /// Those who collide come apart: from 0.1 ms to some 25, each thread its own way.
  private func waitAfterConflict(_ attempt: Int) {
    usleep(UInt32(100 + (place * 37 + attempt * 61) % 100) << min(UInt32(attempt), 7))
  }
}
