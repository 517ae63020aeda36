import CSQLite
import Platform

/// One connection to a SQLite file. It belongs to one thread.
@safe
final class SQLiteConnection: SQLConnection {
  private let handle: OpaquePointer
  private let watch: SQLiteWatch
  private var statements: [StatementKey: SQLiteStatement] = [:]
  var failure: StorageError?
  var commitActions: [@Sendable () -> Void] = []
  private var isBroken = false

  /// How many statements are kept prepared; a service has fewer.
  private static let statementsMax = 512

  /// Opens a file, for one writer or for readers.
  ///
  /// - Throws: `StorageError` of `unavailable` or `unfit`.
  init(
    path: String, role: TransactionAccess, timeMax: Duration, time: any TimeSource
  ) throws(StorageError) {
    let access = role == .read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
    var opened: OpaquePointer?
    // Each connection stays on its thread, so that SQLite needs no locks of its own.
    let status = unsafe sqlite3_open_v2(
      path, &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard status == SQLITE_OK, let opened = unsafe opened else {
      let reason = unsafe String(cString: sqlite3_errstr(status))
      unsafe sqlite3_close_v2(opened)
      throw StorageError(
        .unavailable,
        "cannot open \(path): \(reason); check that its folder is there and that"
          + " this user may write to it")
    }
    unsafe handle = opened
    watch = SQLiteWatch(timeMax: timeMax, time: time)
    unsafe watch.observe(handle)
    unsafe sqlite3_busy_timeout(handle, 5_000)
    // A page that is mapped turns a failing disk into SIGBUS: no mapping.
    try runScript("PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY")
    switch role {
    case .read: try runScript("PRAGMA query_only = ON")
    case .write:
      // Each commit reaches the disk before it is answered. Checkpoints are the writer's, too:
      // Debian's SQLite 3.40.1 loses pages when two connections write or checkpoint at once
      // (https://sqlite.org/wal.html, "The WAL-Reset Bug"). The checkpoint that comes first moves
      // what an earlier process left, and finds a disk that does not take it. Later ones move 40 MiB:
      // pages that change with every commit are moved once in all that, and the cache holds them.
      try runScript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
          + "PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 10000")
      let isBusy = try first("PRAGMA wal_checkpoint(TRUNCATE)") { (row) throws(StorageError) in
        try row.flag(0)
      }
      guard isBusy == false else {
        throw StorageError(.unavailable, "\(path): readers keep the log from reaching the disk")
      }
    }
  }

  deinit {
    statements.removeAll()
    unsafe sqlite3_close_v2(handle)
  }

  // MARK: Transactions

  func isUsable() -> Bool { !isBroken }

  func lockMigrations() throws(StorageError) {
    // There is one writer.
  }

  func begin(_ access: TransactionAccess) throws(StorageError) {
    failure = nil
    watch.start()
    try execute(access == .write ? "BEGIN IMMEDIATE" : "BEGIN")
  }

  func commit() throws(StorageError) {
    // A durable write is not given up half way.
    watch.stop()
    do throws(StorageError) {
      try execute("COMMIT")
    } catch {
      guard isBroken else { throw error }
      // The disk may hold the commit although it reported a failure.
      throw StorageError(.outcomeUnknown, error.description)
    }
  }

  func rollback() {
    watch.stop()
    failure = nil
    if unsafe sqlite3_get_autocommit(handle) == 0 {
      do throws(StorageError) { try execute("ROLLBACK") } catch { isBroken = true }
    }
    failure = nil
  }

  // MARK: Statements

  func post(_ sql: String, _ values: [SQLValue], rows: SQLRows?) throws(StorageError) {
    _ = try perform(sql, values, rows: rows) { (_) throws(StorageError) in }
  }

  func perform(
    _ sql: String, _ values: [SQLValue], rows set: SQLRows?,
    row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int {
    let statement = try prepared(
      set.map { StatementKey(sql: sql, columns: $0.columns, capacity: SQLiteRows.capacity($0)) }
        ?? StatementKey(sql: sql), values.count)
    defer { statement.reset() }
    try statement.bind(values, set)
    var rows = 0
    while try step(statement) {
      rows += 1
      try row(Row(statement))
    }
    return statement.isQuery ? rows : Int(unsafe sqlite3_changes(handle))
  }

  func eachRow(
    of query: String, _ row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) {
    try run(query, [], row: row)
  }

  /// Begins a copy, on this connection's thread.
  func backup(to path: String) throws(StorageError) -> SQLiteBackup {
    unsafe try SQLiteBackup(of: handle, to: path)
  }

  /// The file of a backup, to be read alone.
  static func ofBackup(
    _ path: String, time: any TimeSource
  ) throws(StorageError) -> SQLiteConnection {
    try SQLiteConnection(path: path, role: .read, timeMax: .seconds(3_600), time: time)
  }

  func runScript(_ sql: String) throws(StorageError) {
    let status = unsafe sqlite3_exec(handle, sql, nil, nil, nil)
    guard status == SQLITE_OK else { throw error(status, in: sql) }
  }

  private func prepared(
    _ key: StatementKey, _ valueCount: Int
  ) throws(StorageError) -> SQLiteStatement {
    if let statement = statements[key] { return statement }
    try key.check()
    let sql = key.capacity == 0 ? key.sql : SQLiteRows.text(key, behind: valueCount)
    var prepared: OpaquePointer?
    let status = unsafe sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard status == SQLITE_OK, let prepared = unsafe prepared else {
      throw error(status, in: key.sql)
    }
    let statement = unsafe try SQLiteStatement(prepared, key, valueCount)
    if statements.count >= Self.statementsMax { statements.removeAll() }
    statements[key] = statement
    return statement
  }

  /// Whether there is a further row.
  private func step(_ statement: SQLiteStatement) throws(StorageError) -> Bool {
    let status = statement.step()
    switch status {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw error(status, in: statement.sql)
    }
  }

  // MARK: Faults

  private func error(_ status: Int32, in sql: String) -> StorageError {
    let code = Self.code(status)
    // After a failed write what the operating system shows need not be on the disk: a new
    // connection begins with moving all of it there.
    if status & 0xFF == SQLITE_IOERR || code == .unfit { isBroken = true }
    let reason = unsafe String(cString: sqlite3_errmsg(handle))
    return StorageError(code, "\(reason), at `\(sql.prefix(200))`")
  }

  private static func code(_ status: Int32) -> StorageError.Code {
    // Extended codes: https://sqlite.org/rescode.html
    if status & 0xFF == SQLITE_CONSTRAINT {
      switch status >> 8 {
      case 6, 8, 10: return .constraint(.unique)
      case 3: return .constraint(.foreignKey)
      case 5: return .constraint(.notNull)
      default: return .constraint(.check)
      }
    }
    switch status & 0xFF {
    case SQLITE_BUSY, SQLITE_LOCKED: return .conflict
    case SQLITE_INTERRUPT: return .tooSlow
    case SQLITE_FULL, SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_NOMEM, SQLITE_PERM:
      return .unavailable
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .unfit
    default: return .invalid
    }
  }
}
