import CPostgreSQL
import Glibc
import Platform

/// One connection to a PostgreSQL server. It belongs to one thread.
@safe
final class PostgreSQLConnection: SQLConnection {
  private let handle: OpaquePointer
  private let pipeline: PostgreSQLPipeline
  var failure: StorageError?
  var commitActions: [@Sendable () -> Void] = []

  /// Connects; blocks for at most `connectTimeMax`.
  ///
  /// - Throws: `StorageError` of `unavailable`.
  init(
    address: String, role: TransactionAccess, timeMax: Duration, connectTimeMax: Duration
  ) throws(StorageError) {
    let seconds = max(2, connectTimeMax.components.seconds)
    // What the address says comes later and so wins, but for the encoding.
    // A server that has gone without a word is noticed within seconds, not the kernel's 15 minutes.
    let names = [
      "application_name", "connect_timeout", "keepalives_idle", "tcp_user_timeout", "dbname",
    ]
    let values = ["sarai", "\(seconds)", "10", "10000", address]
    let opened = unsafe Self.withCStrings(names) { names in
      unsafe Self.withCStrings(values) { values in unsafe PQconnectdbParams(names, values, 1) }
    }
    guard let opened = unsafe opened else {
      throw StorageError(.unavailable, "there is no memory for a connection to PostgreSQL")
    }
    unsafe handle = opened
    pipeline = unsafe PostgreSQLPipeline(opened)
    guard unsafe PQstatus(handle) == CONNECTION_OK else {
      // `deinit` gives the handle back.
      let reason = unsafe String(cString: PQerrorMessage(handle))
      throw StorageError(.unavailable, "PostgreSQL: \(PostgreSQLFault.oneLine(reason))")
    }
    let milliseconds = timeMax.nanoseconds / 1_000_000
    // Groups that wait for each other's rows come apart sooner than the server's second, and not all
    // at the same time.
    let lockMilliseconds = unsafe 100 + PQbackendPID(handle) % 100
    // Writers look up what their keys name. A plan that was made while a table was small would read it
    // whole for as long as the statement stays prepared, and lock it whole against other writers.
    let seeksOnly = role == .write ? "SET enable_seqscan = off;" : ""
    try runScript(
      """
      SET client_encoding = 'UTF8'; SET synchronous_commit = on; SET client_min_messages = warning;
      SET lock_timeout = \(lockMilliseconds); \(seeksOnly)
      SET idle_in_transaction_session_timeout = '30s'; SET statement_timeout = \(milliseconds);
      SET default_transaction_isolation = '\(role == .write ? "serializable" : "repeatable read")'
      """)
  }

  deinit { unsafe PQfinish(handle) }

  // MARK: Transactions

  private var isBroken: Bool { unsafe PQstatus(handle) != CONNECTION_OK }

  func isUsable() -> Bool {
    // A server that has gone has closed the socket, which reading finds.
    unsafe PQconsumeInput(handle) == 1 && !isBroken
  }

  func lockMigrations() throws(StorageError) {
    // Copies of a service that start at once migrate one after the other, and each sees what the
    // one before it did: a serializable transaction would look at the time before its wait.
    try execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
    try execute("SET LOCAL lock_timeout = 0")
    try execute("SELECT 1 FROM (SELECT pg_advisory_xact_lock(5416742893)) AS locked")
  }

  func begin(_ access: TransactionAccess) throws(StorageError) {
    failure = nil
    try post(access == .write ? "BEGIN READ WRITE" : "BEGIN READ ONLY")
  }

  func commit() throws(StorageError) {
    do throws(StorageError) {
      try post("COMMIT")
      let answer = try pipeline.answer()
      // The server answers so when a statement had failed.
      if answer?.command == "ROLLBACK" { throw StorageError.swallowed }
    } catch {
      guard isBroken else { throw error }
      throw StorageError(.outcomeUnknown, error.description)
    }
  }

  func rollback() {
    if !isBroken, unsafe !pipeline.isEmpty || PQtransactionStatus(handle) != PQTRANS_IDLE {
      _ = try? pipeline.answer()
      _ = try? post("ROLLBACK")
      _ = try? pipeline.answer()
    }
    failure = nil
  }

  /// Whether a channel that it listens on was notified within some time.
  func isNotified(within time: Duration) throws(StorageError) -> Bool {
    var socket = unsafe pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
    unsafe poll(&socket, 1, Int32(time.nanoseconds / 1_000_000))
    guard isUsable() else {
      throw StorageError(.unavailable, "the connection that listens has gone")
    }
    var isNotified = false
    while let notice = unsafe PQnotifies(handle) {
      unsafe PQfreemem(notice)
      isNotified = true
    }
    return isNotified
  }

  // MARK: Statements

  func post(_ sql: String, _ values: [SQLValue], rows: SQLRows?) throws(StorageError) {
    try pipeline.send(sql, values, rows: rows)
  }

  func perform(
    _ sql: String, _ values: [SQLValue], rows set: SQLRows?,
    row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int {
    try pipeline.send(sql, values, rows: set)
    guard let answer = try pipeline.answer() else { return 0 }
    for index in 0..<answer.rowCount { try row(Row(answer, index)) }
    return answer.changedCount
  }

  func eachRow(
    of query: String, _ row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) {
    try execute("DECLARE rows NO SCROLL CURSOR FOR \(query)")
    while try run("FETCH 1000 FROM rows", [], row: row) > 0 {}
    try execute("CLOSE rows")
  }

  func runScript(_ sql: String) throws(StorageError) { try pipeline.runScript(sql) }

  private static func withCStrings<Result>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
  ) -> Result {
    let copies = texts.map { Array($0.utf8CString) }
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    func descend(_ index: Int) -> Result {
      if index == copies.count {
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { list in
          // The list has its closing nil at least.
          unsafe body(list.baseAddress!)
        }
      }
      return unsafe copies[index].withUnsafeBufferPointer { text in
        unsafe pointers.append(text.baseAddress)
        return descend(index + 1)
      }
    }
    return descend(0)
  }
}
