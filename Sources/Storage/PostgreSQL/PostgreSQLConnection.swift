import CPostgreSQL
import Platform

/// One connection to a PostgreSQL server. It belongs to one thread.
@safe
final class PostgreSQLConnection: SQLConnection {
  private let handle: OpaquePointer
  private var statements: [String: String] = [:]
  var failure: StorageError?

  private static let statementsMax = 512

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
    guard unsafe PQstatus(handle) == CONNECTION_OK else {
      // `deinit` gives the handle back.
      let reason = unsafe String(cString: PQerrorMessage(handle))
      throw StorageError(.unavailable, "PostgreSQL: \(Self.oneLine(reason))")
    }
    let milliseconds = timeMax.nanoseconds / 1_000_000
    try runScript(
      """
      SET client_encoding = 'UTF8'; SET synchronous_commit = on; SET client_min_messages = warning;
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
    try execute("SELECT 1 FROM (SELECT pg_advisory_xact_lock(5416742893)) AS locked")
  }

  func begin(_ access: TransactionAccess) throws(StorageError) {
    failure = nil
    try execute(access == .write ? "BEGIN READ WRITE" : "BEGIN READ ONLY")
  }

  func commit() throws(StorageError) {
    do throws(StorageError) {
      try execute("COMMIT")
    } catch {
      guard isBroken else { throw error }
      throw StorageError(.outcomeUnknown, error.description)
    }
  }

  func rollback() {
    failure = nil
    if !isBroken, unsafe PQtransactionStatus(handle) != PQTRANS_IDLE {
      _ = try? execute("ROLLBACK")
    }
    failure = nil
  }

  // MARK: Statements

  func perform(
    _ sql: String, _ values: [SQLValue], row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int {
    let answer = try answer(to: sql, values)
    for index in 0..<answer.rowCount { try row(Row(answer, index)) }
    return answer.changedCount
  }

  func runScript(_ sql: String) throws(StorageError) {
    _ = unsafe try PostgreSQLAnswer(PQexec(handle, sql), of: self, sql)
  }

  private func answer(
    to sql: String, _ values: [SQLValue]
  ) throws(StorageError) -> PostgreSQLAnswer {
    let name = try prepared(sql)
    let parameters = try PostgreSQLParameters(values)
    let result = unsafe parameters.withPointers { (values, lengths, formats) in
      unsafe PQexecPrepared(
        handle, name, Int32(parameters.count), values, lengths, formats, 1)
    }
    return unsafe try PostgreSQLAnswer(result, of: self, sql)
  }

  private func prepared(_ sql: String) throws(StorageError) -> String {
    if let name = statements[sql] { return name }
    if statements.count >= Self.statementsMax {
      try runScript("DEALLOCATE ALL")
      statements.removeAll()
    }
    let name = "s\(statements.count)"
    _ = unsafe try PostgreSQLAnswer(PQprepare(handle, name, sql, 0, nil), of: self, sql)
    statements[sql] = name
    return name
  }

  // MARK: Faults

  /// What the server or the connection says of a failed statement.
  func error(_ state: String?, in sql: String) -> StorageError {
    let reason = Self.oneLine(unsafe String(cString: PQerrorMessage(handle)))
    let code: StorageError.Code
    // https://www.postgresql.org/docs/15/errcodes-appendix.html
    switch state {
    case nil: code = isBroken ? .unavailable : .invalid
    case "40001", "40P01", "55P03": code = .conflict
    case "23505", "23P01": code = .constraint(.unique)
    case "23503": code = .constraint(.foreignKey)
    case "23514": code = .constraint(.check)
    case "23502": code = .constraint(.notNull)
    case "57014": code = .tooSlow
    case let state? where ["08", "53", "57", "58"].contains(String(state.prefix(2))):
      code = .unavailable
    case let state? where state.hasPrefix("XX"): code = .unfit
    default: code = .invalid
    }
    return StorageError(code, "\(reason), at `\(sql.prefix(200))`")
  }

  /// Without the lines that quote values.
  private static func oneLine(_ text: String) -> String {
    String(text.split(separator: "\n").first ?? "no reason was given")
  }

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
