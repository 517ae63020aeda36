import Platform

/// A thread with a connection, which does what waits in a queue.
final class DatabaseWorker: @unchecked Sendable {
  // Sendable, because only its thread uses it after it has been started.
  private let queue: JobQueue
  private let role: TransactionAccess
  private let place: Int
  private let groupMax: Int
  private let time: any TimeSource
  private let connect: () throws(StorageError) -> any SQLConnection
  private var connection: (any SQLConnection)?
  private var failedConnects = 0
  private var nextConnect = MonotonicTime(nanoseconds: .min)
  private var lastFailure: StorageError?

  /// After failures a worker looks for the database again so often at least.
  private static let reconnectWaitMax: Duration = .seconds(1)

  init(
    _ queue: JobQueue, _ role: TransactionAccess, place: Int, groupMax: Int, time: any TimeSource,
    connect: @escaping () throws(StorageError) -> any SQLConnection
  ) {
    self.queue = queue
    self.role = role
    self.place = place
    self.groupMax = groupMax
    self.time = time
    self.connect = connect
  }

  /// The thread's whole life, until the queue has been stopped and is empty.
  func run() {
    while true {
      let taken = queue.take(role == .write ? groupMax : 1)
      if taken.isEmpty { break }
      // Nobody waits any more for what was given up.
      let jobs = taken.filter { !$0.isGivenUp }
      for job in taken where job.isGivenUp { job.giveUp() }
      switch role {
      case .write:
        var alone = onConnection(jobs) { GroupCommit(connection: $0, place: place).run(jobs) } ?? []
        alone.reverse()
        // Each on a connection that is whole: that of the group may have broken.
        while let job = alone.popLast() {
          let parts = onConnection([job]) {
            GroupCommit(connection: $0, place: place).runAlone(job)
          }
          alone += parts?.reversed() ?? []
        }
      case .read: for job in jobs { onConnection([job]) { read(job, $0) } }
      }
      queue.done()
    }
    connection = nil
  }

  /// Runs `body` with a connection; without one, the jobs are told why.
  @discardableResult
  private func onConnection<Result>(
    _ jobs: [any TransactionJob], _ body: (any SQLConnection) -> Result
  ) -> Result? {
    if jobs.isEmpty { return nil }
    do throws(StorageError) {
      return body(try usableConnection())
    } catch {
      for job in jobs { job.fail(error) }
      return nil
    }
  }

  private func read(_ job: any TransactionJob, _ connection: any SQLConnection) {
    do throws(StorageError) {
      try connection.begin(.read)
    } catch {
      connection.rollback()
      return job.fail(error)
    }
    let end = job.attempt(connection)
    let isSwallowed = if case .completed = end { connection.failure != nil } else { false }
    connection.rollback()
    if isSwallowed { job.fail(.swallowed) } else { job.finish() }
  }

  private func usableConnection() throws(StorageError) -> any SQLConnection {
    if let connection, connection.isUsable() { return connection }
    connection = nil
    // While the database is away nobody waits for it: each is told at once.
    if let lastFailure, time.now() < nextConnect { throw lastFailure }
    do throws(StorageError) {
      let connection = try connect()
      self.connection = connection
      failedConnects = 0
      lastFailure = nil
      return connection
    } catch {
      failedConnects += 1
      let wait = Duration.milliseconds(25 << min(failedConnects, 6))
      nextConnect = time.now() + min(wait, Self.reconnectWaitMax)
      lastFailure = error
      throw error
    }
  }
}
