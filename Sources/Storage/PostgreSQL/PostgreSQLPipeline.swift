import CPostgreSQL

/// Statements on their way to the server. They are prepared when they first come, and sent one behind
/// the other without waiting for answers until one is asked for: a group's savepoints cost no round
/// trips of their own. https://www.postgresql.org/docs/15/libpq-pipeline-mode.html
@safe
final class PostgreSQLPipeline {
  /// What was sent and has not been answered.
  private struct Sent {
    let sql: String
    /// The statement that it prepares.
    var prepares: StatementKey?
  }

  /// The connection, which outlives the pipeline.
  private let handle: OpaquePointer
  private var unanswered: [Sent] = []
  private var names: [StatementKey: String] = [:]
  private var namesMade = 0

  private static let statementsMax = 512

  init(_ handle: OpaquePointer) { unsafe self.handle = handle }

  var isEmpty: Bool { unanswered.isEmpty }

  // MARK: Sending

  /// Sends a statement. Few answers fit behind the sockets' buffers: whoever sends many statements
  /// asks for answers in between.
  func send(
    _ sql: String, _ values: [SQLValue] = [], rows: SQLRows? = nil
  ) throws(StorageError) {
    if unsafe PQpipelineStatus(handle) == PQ_PIPELINE_OFF { unsafe PQenterPipelineMode(handle) }
    let parameters = try PostgreSQLParameters(values, rows)
    let name = try prepared(StatementKey(sql: sql, columns: rows?.columns ?? []), values.count)
    let status = unsafe parameters.withPointers { (values, lengths, formats) in
      unsafe PQsendQueryPrepared(
        handle, name, Int32(parameters.count), values, lengths, formats, 1)
    }
    guard status == 1 else { throw unsafe PostgreSQLFault.connection(handle, in: sql) }
    unanswered.append(Sent(sql: sql))
  }

  private func prepared(_ key: StatementKey, _ valueCount: Int) throws(StorageError) -> String {
    if let name = names[key] { return name }
    try key.check()
    if names.count >= Self.statementsMax {
      guard unsafe PQsendQueryParams(handle, "DEALLOCATE ALL", 0, nil, nil, nil, nil, 1) == 1
      else { throw unsafe PostgreSQLFault.connection(handle, in: "DEALLOCATE ALL") }
      unanswered.append(Sent(sql: "DEALLOCATE ALL"))
      names.removeAll()
    }
    namesMade += 1
    let name = "s\(namesMade)"
    let sql =
      key.columns.isEmpty
      ? key.sql : PostgreSQLRows.text(key.sql, key.columns, behind: valueCount)
    guard unsafe PQsendPrepare(handle, name, sql, 0, nil) == 1 else {
      throw unsafe PostgreSQLFault.connection(handle, in: sql)
    }
    names[key] = name
    unanswered.append(Sent(sql: key.sql, prepares: key))
    return name
  }

  // MARK: Answers

  /// Waits until all that was sent has been answered.
  ///
  /// - Returns: the answer to the last of it.
  /// - Throws: what the first of it failed with; the server passed over what came behind it.
  @discardableResult
  func answer() throws(StorageError) -> PostgreSQLAnswer? {
    if unanswered.isEmpty { return nil }
    let sent = unanswered
    unanswered = []
    guard unsafe PQpipelineSync(handle) == 1 else {
      throw unsafe PostgreSQLFault.connection(handle, in: sent[0].sql)
    }
    var fault: StorageError?
    var last: PostgreSQLAnswer?
    for statement in sent {
      do throws(StorageError) {
        last = try next(statement.sql)
      } catch {
        if let key = statement.prepares { names[key] = nil }
        fault = fault ?? error
        // What the connection still has is of no use.
        if unsafe PQstatus(handle) != CONNECTION_OK { throw fault ?? error }
      }
    }
    let end = unsafe PQgetResult(handle)
    defer { unsafe PQclear(end) }
    guard unsafe PQresultStatus(end) == PGRES_PIPELINE_SYNC else {
      throw unsafe fault ?? PostgreSQLFault.connection(handle, in: "end of pipeline")
    }
    if let fault { throw fault }
    return last
  }

  private func next(_ sql: String) throws(StorageError) -> PostgreSQLAnswer {
    guard let result = unsafe PQgetResult(handle) else {
      throw unsafe PostgreSQLFault.connection(handle, in: sql)
    }
    // The answers to one statement end with nil.
    defer { while let further = unsafe PQgetResult(handle) { unsafe PQclear(further) } }
    return unsafe try PostgreSQLAnswer(result, to: sql)
  }

  /// Runs statements that lie one behind the other, which a pipeline cannot.
  func runScript(_ sql: String) throws(StorageError) {
    try answer()
    unsafe PQexitPipelineMode(handle)
    guard let result = unsafe PQexec(handle, sql) else {
      throw unsafe PostgreSQLFault.connection(handle, in: sql)
    }
    _ = unsafe try PostgreSQLAnswer(result, to: sql)
  }
}
