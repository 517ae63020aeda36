/// What a transaction may do.
enum TransactionAccess {
  case read, write
}

/// A connection of either engine, as group commit and migrations drive it. It belongs to one thread.
protocol SQLConnection: SQLSession {
  /// What a statement of the present member failed with, even if its author took no notice: as in
  /// PostgreSQL, nothing goes on in a transaction after a fault.
  var failure: StorageError? { get set }
  /// What is to be done once the transaction is durable.
  var commitActions: [@Sendable () -> Void] { get set }
  /// Whether it can go on, or is to be replaced by a new one.
  func isUsable() -> Bool

  func begin(_ access: TransactionAccess) throws(StorageError)
  /// - Throws: `outcomeUnknown` when the commit may have happened.
  func commit() throws(StorageError)
  func rollback()

  /// Runs a statement as `run` does, whatever failed before.
  func perform(
    _ sql: String, _ values: [SQLValue], rows: SQLRows?,
    row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int
  /// Sends a statement as `send` does, whatever failed before.
  func post(_ sql: String, _ values: [SQLValue], rows: SQLRows?) throws(StorageError)
  /// Runs a query that may give more rows than there is memory for.
  func eachRow(
    of query: String, _ row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError)
  /// Runs statements that lie one behind the other, as a migration has them.
  func runScript(_ sql: String) throws(StorageError)
  /// Keeps other copies of the program from migrating until the transaction ends.
  func lockMigrations() throws(StorageError)
}

extension SQLConnection {
  func run(
    _ sql: String, _ values: [SQLValue], rows: SQLRows?,
    row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int {
    if let failure { throw failure }
    do throws(StorageError) {
      try rows?.checkSize()
      return try perform(sql, values, rows: rows, row: row)
    } catch {
      failure = error
      throw error
    }
  }

  func send(_ sql: String, _ values: [SQLValue], rows: SQLRows?) throws(StorageError) {
    if let failure { throw failure }
    do throws(StorageError) {
      try rows?.checkSize()
      try post(sql, values, rows: rows)
    } catch {
      failure = error
      throw error
    }
  }

  /// Sends a statement without values, whatever failed before.
  func post(_ sql: String) throws(StorageError) { try post(sql, [], rows: nil) }

  func afterCommit(_ body: @escaping @Sendable () -> Void) { commitActions.append(body) }

  /// Does what waits for the transaction, which is durable.
  func runCommitActions() {
    let actions = commitActions
    commitActions = []
    for action in actions { action() }
  }

  /// Begins a member of a group.
  func savepoint() throws(StorageError) { try post("SAVEPOINT member") }

  /// Ends a member that is to stay.
  func release() throws(StorageError) { try post("RELEASE SAVEPOINT member") }

  /// Takes a member back; the others stay.
  func rollbackToSavepoint() throws(StorageError) {
    failure = nil
    try post("ROLLBACK TO SAVEPOINT member")
    try post("RELEASE SAVEPOINT member")
  }
}
