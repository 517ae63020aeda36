public import Platform

/// A service's database, on either engine. Any task may use it; the work is done on threads of its
/// own, and whoever comes when too many wait is refused.
public final class Database: Sendable {
  let writes: JobQueue
  private let reads: JobQueue
  private let lock: FileLock?
  private let threads: ThreadCount
  private let status: DatabaseStatus
  let connector: Connector
  let migrations: [Migration]

  /// Opens the database, and migrates it.
  ///
  /// - Throws: `StorageError`: `unavailable` when it cannot be reached or another process has it,
  ///   `unfit` when it is no database of this program.
  public init(
    _ location: DatabaseLocation, migrations: [Migration],
    options: DatabaseOptions = DatabaseOptions(), time: any TimeSource = SystemTime()
  ) async throws(StorageError) {
    status = DatabaseStatus(time: time)
    self.migrations = migrations
    writes = JobQueue(waitingMax: options.waitingMax, helpAfter: options.helpAfter)
    reads = JobQueue(waitingMax: options.waitingMax)
    let connector = Connector(location: location, options: options, time: time)
    self.connector = connector
    let migrator = Migrator(
      migrations: migrations, appliedAt: time.sinceEpoch().nanoseconds / 1_000)
    let prepared = await withCheckedContinuation { continuation in
      Thread.start {
        continuation.resume(
          returning: Result { () throws(StorageError) in
            let lock = try connector.lock()
            try migrator.run(on: try connector.connect(.write))
            return lock
          })
      }
    }
    lock = try prepared.get()
    let writerCount = if case .sqlite = location { 1 } else { options.writerCount }
    threads = ThreadCount(writerCount + options.readerCount)
    start(writerCount, .write)
    start(options.readerCount, .read)
  }

  private func start(_ count: Int, _ role: TransactionAccess) {
    for place in 0..<count {
      let worker = DatabaseWorker(
        role == .write ? writes : reads, role, place: place, connector, status)
      Thread.start { [threads] in
        worker.run()
        threads.ended()
      }
    }
  }

  /// Runs `body` in a transaction of its own and returns once it is durable. It shares a commit with
  /// those of other callers, and may be run again when they get in its way: it must do nothing but
  /// run statements. When it throws, what it wrote is taken back.
  ///
  /// - Throws: what `body` throws, `StorageError`, or `CancellationError` when the task was cancelled
  ///   before it began; once begun it goes on to its end.
  public func write<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws -> Value {
    try await run(body, in: writes)
  }

  /// Runs `body`, which only reads, on one state of the database.
  ///
  /// - Throws: what `body` throws, or `StorageError`.
  public func read<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws -> Value {
    try await run(body, in: reads)
  }

  private func run<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLSession) throws -> Value, in queue: JobQueue
  ) async throws -> Value {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        do throws(StorageError) {
          try queue.add(ValueJob(body, continuation, cancellation))
        } catch {
          if error.code == .busy { countRefusal() }
          continuation.resume(throwing: error)
        }
      }
    } onCancel: {
      cancellation.request()
    }
  }

  /// Runs `body` on the thread that writes, with its connection, between transactions.
  func onWriter<Value: Sendable>(
    _ body: @escaping @Sendable (any SQLConnection) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do throws(StorageError) {
        try writes.add(ConnectionJob(body, continuation))
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// What the database has done so far.
  public var statistics: DatabaseStatistics {
    var statistics = status.statistics
    (statistics.writesWaiting, statistics.readsWaiting) = (writes.count, reads.count)
    return statistics
  }

  /// Whether it takes writes; while it does not, reads go on.
  public var writability: Writability { status.writability }

  var options: DatabaseOptions { connector.options }

  func countRefusal() { status.count { $0.refusedCount += 1 } }

  /// Adds a job that writes.
  func add(_ job: sending any TransactionJob) throws(StorageError) { try writes.add(job) }

  /// Does what waits, refuses what comes, and closes the connections.
  public func stop() async {
    writes.stop()
    reads.stop()
    await threads.allEnded()
    lock?.release()
  }
}
