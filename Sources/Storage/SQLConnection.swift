/// What a transaction may do.
enum TransactionAccess {
  case read, write
}

/// A connection of either engine, as group commit and migrations drive it. It belongs to one thread.
protocol SQLConnection: SQLSession {
  /// Whether a statement of the present member has failed, even if its author took no notice.
  var hasFailed: Bool { get }
  /// Whether it can go on, or is to be replaced by a new one.
  func isUsable() -> Bool

  func begin(_ access: TransactionAccess) throws(StorageError)
  /// - Throws: `outcomeUnknown` when the commit may have happened.
  func commit() throws(StorageError)
  func rollback()

  /// Begins a member of a group.
  func savepoint() throws(StorageError)
  /// Ends a member that is to stay.
  func release() throws(StorageError)
  /// Takes a member back; the others stay.
  func rollbackToSavepoint() throws(StorageError)

  /// Runs statements that lie one behind the other, as a migration has them.
  func runScript(_ sql: String) throws(StorageError)
  /// Keeps other copies of the program from migrating until the transaction ends.
  func lockMigrations() throws(StorageError)
}
