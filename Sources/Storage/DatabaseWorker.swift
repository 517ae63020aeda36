import Platform

/// A thread with a connection, which does what waits in a queue.
final class DatabaseWorker: @unchecked Sendable {
  // Sendable, because only its thread uses it after it has been started.
  private let queue: JobQueue
  private let role: TransactionAccess
  private let place: Int
  private let connector: Connector
  private let status: DatabaseStatus
  private var connection: (any SQLConnection)?
  private var failedConnects = 0
  private var nextConnect = MonotonicTime(nanoseconds: .min)
  private var lastFailure: StorageError?

  /// After failures a worker looks for the database again so often at least.
  private static let reconnectWaitMax: Duration = .seconds(1)

  init(
    _ queue: JobQueue, _ role: TransactionAccess, place: Int, _ connector: Connector,
    _ status: DatabaseStatus
  ) {
    self.queue = queue
    self.role = role
    self.place = place
    self.connector = connector
    self.status = status
  }

  /// The thread's whole life, until the queue has been stopped and is empty.
  func run() {
    // Whoever found that nothing can be written looks again, though nobody asks.
    while let taken = queue.take(
      role == .write ? connector.options.groupMax : 1,
      timeMax: role == .write && status.writability != .writable ? .seconds(1) : nil)
    {
      if taken.isEmpty { probe() }
      // Nobody waits any more for what was given up.
      for job in taken where job.isGivenUp { job.giveUp() }
      let jobs = taken.filter { !$0.isGivenUp }
      for job in jobs where job.needsConnection {
        onConnection([job]) { job.run(on: $0) }
      }
      let transactions = jobs.filter { !$0.needsConnection }
      switch role {
      case .write: write(transactions)
      case .read: for job in transactions { onConnection([job]) { read(job, $0) } }
      }
      queue.done()
    }
    connection = nil
  }

  private func write(_ jobs: [any TransactionJob]) {
    var alone = onConnection(jobs) { groupCommit($0).run(jobs) } ?? []
    alone.reverse()
    // Each on a connection that is whole: that of the group may have broken.
    while let job = alone.popLast() {
      let parts = onConnection([job]) { groupCommit($0).runAlone(job) }
      alone += parts?.reversed() ?? []
    }
  }

  private func probe() {
    if let connection = try? usableConnection() { groupCommit(connection).probe() }
  }

  private func groupCommit(_ connection: any SQLConnection) -> GroupCommit {
    GroupCommit(connection: connection, place: place, status: status)
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
    if let lastFailure, connector.time.now() < nextConnect { throw lastFailure }
    do throws(StorageError) {
      let connection = try connector.connect(role)
      self.connection = connection
      failedConnects = 0
      lastFailure = nil
      status.count { $0.connectCount += 1 }
      return connection
    } catch {
      failedConnects += 1
      let wait = Duration.milliseconds(25 << min(failedConnects, 6))
      nextConnect = connector.time.now() + min(wait, Self.reconnectWaitMax)
      lastFailure = error
      status.count { $0.failedConnectCount += 1 }
      if role == .write { status.failed(error) }
      throw error
    }
  }
}
