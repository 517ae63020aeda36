import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import Wire

/// A table whose rows are contract messages, beside them the columns that rows are found by: `id`,
/// `state`, `sort` (rows are listed by it, the lowest first), and those of its own.
struct RecordTable<Content: Message>: Sendable {
  /// A condition on a column, and the value for each `?` in it.
  struct Condition: Sendable {
    let sql: String
    let value: SQLValue

    init(_ sql: String, _ value: SQLValue) {
      self.sql = sql
      self.value = value
    }
  }

  let name: String
  /// Names of its own columns.
  let columns: [String]

  /// Adds a row.
  ///
  /// - Returns: false when there is one of that id already.
  @discardableResult
  func insert(
    _ id: String, state: Int32, sort: Int64, _ content: Content, _ values: SQLValue...,
    in session: any SQLSession
  ) throws -> Bool {
    let all = ["id", "state", "sort", "content"] + columns
    let places = all.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    return try session.run(
      """
      INSERT INTO \(name) (\(all.joined(separator: ", "))) VALUES (\(places))
      ON CONFLICT (id) DO NOTHING
      """,
      [
        .text(id), .integer(Int64(state)), .integer(sort),
        .bytes(try content.encoded(as: .native)),
      ] + values
    ) { (_) throws(StorageError) in } == 1
  }

  /// Replaces a row's content, and its own columns if they are given.
  func update(
    _ id: String, state: Int32, sort: Int64, _ content: Content, _ values: SQLValue...,
    in session: any SQLSession
  ) throws {
    let own = zip(columns, values.indices).map { ", \($0) = $\($1 + 5)" }.joined()
    let count = try session.run(
      "UPDATE \(name) SET state = $2, sort = $3, content = $4\(own) WHERE id = $1",
      [
        .text(id), .integer(Int64(state)), .integer(sort),
        .bytes(try content.encoded(as: .native)),
      ] + values
    ) { (_) throws(StorageError) in }
    guard count == 1 else { throw StorageError(.invalid, "a row of \(name) vanished") }
  }

  /// The content of a row.
  func find(_ id: String, in session: any SQLSession) throws -> Content? {
    try all([Condition("id = ?", .text(id))], in: session).first
  }

  /// The first rows that meet all conditions.
  func all(
    _ conditions: [Condition], countMax: Int64 = 1_000, in session: any SQLSession
  ) throws -> [Content] {
    try rows(conditions, countMax, in: session).map(\.content)
  }

  /// The page of the rows that meet all conditions.
  func page(
    _ page: Page, _ conditions: [Condition], in session: any SQLSession
  ) throws -> ([Content], SaraiType.PageResponse) {
    var conditions = conditions
    if let after = page.after {
      guard after.count == 2, let sort = Int64(after[0]), UUID(after[1]) != nil else {
        throw RPCError.cursorInvalid
      }
      // The id is one, so it can stand in SQL as it is.
      conditions.append(
        Condition("(sort > ? OR sort = ? AND id > '\(after[1])')", .integer(sort)))
    }
    let rows = try rows(conditions, Int64(page.size) + 1, in: session)
    var (items, response) = page.cut(rows.map(\.content)) { _ in [] }
    if !response.nextCursor.isEmpty {
      let last = rows[items.count - 1]
      response.nextCursor = page.cursor(["\(last.sort)", last.id])
    }
    return (items, response)
  }

  private func rows(
    _ conditions: [Condition], _ countMax: Int64, in session: any SQLSession
  ) throws -> [(id: String, sort: Int64, content: Content)] {
    var place = 0
    let clauses = conditions.map { condition in
      place += 1
      return condition.sql.replacing("?", with: "$\(place)")
    }
    let condition = clauses.isEmpty ? "" : "WHERE " + clauses.joined(separator: " AND ")
    var found: [(String, Int64, [UInt8])] = []
    try session.run(
      "SELECT id, sort, content FROM \(name) \(condition) ORDER BY sort, id LIMIT \(countMax)",
      conditions.map(\.value)
    ) { (row) throws(StorageError) in
      found.append((try row.text(0), try row.integer(1), try row.bytes(2)))
    }
    return try found.map { ($0, $1, try Content(decoding: $2, as: .native)) }
  }
}
