/// Statements within one transaction. It must not leave the closure that it was given to.
///
/// SQL is what both engines understand: parameters `$1`, `$2`, ...; the types bigint, text and bytea;
/// `ON CONFLICT`, `RETURNING`; sums cast to bigint; many rows at once as `SQLRows`. After a statement
/// has failed the transaction is over: further statements fail alike.
public protocol SQLSession: AnyObject {
  /// Runs a statement and gives each of its rows to `row`.
  ///
  /// - Parameter rows: the set that stands for `$rows` in the text.
  /// - Returns: how many rows were changed, or for a query how many there were.
  @discardableResult
  func run(
    _ sql: String, _ values: [SQLValue], rows: SQLRows?,
    row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int

  /// Runs a statement of whose outcome nobody needs to know before the commit: PostgreSQL is not waited
  /// for, and tells of its failure with the answer to a later one.
  func send(_ sql: String, _ values: [SQLValue], rows: SQLRows?) throws(StorageError)

  /// Runs `body` once the transaction is durable, and not if it is taken back as a whole: for waking
  /// who waits for what it wrote. It must not block.
  func afterCommit(_ body: @escaping @Sendable () -> Void)
}

extension SQLSession {
  /// Runs a statement and gives each of its rows to `row`.
  ///
  /// - Returns: how many rows were changed, or for a query how many there were.
  @discardableResult
  public func run(
    _ sql: String, _ values: [SQLValue], row: (borrowing Row) throws(StorageError) -> Void
  ) throws(StorageError) -> Int {
    try run(sql, values, rows: nil, row: row)
  }

  /// Runs a statement that gives no rows.
  ///
  /// - Returns: how many rows were changed.
  @discardableResult
  public func execute(
    _ sql: String, _ values: SQLValue..., rows: SQLRows? = nil
  ) throws(StorageError) -> Int {
    try run(sql, values, rows: rows) { (_) throws(StorageError) in }
  }

  /// All rows of a query.
  public func all<Element>(
    _ sql: String, _ values: SQLValue..., rows: SQLRows? = nil,
    as make: (borrowing Row) throws(StorageError) -> Element
  ) throws(StorageError) -> [Element] {
    var elements: [Element] = []
    try run(sql, values, rows: rows) { (row) throws(StorageError) in
      elements.append(try make(row))
    }
    return elements
  }

  /// The first row of a query, if it has one.
  public func first<Element>(
    _ sql: String, _ values: SQLValue...,
    as make: (borrowing Row) throws(StorageError) -> Element
  ) throws(StorageError) -> Element? {
    var first: Element?
    try run(sql, values) { (row) throws(StorageError) in
      if first == nil { first = try make(row) }
    }
    return first
  }
}
