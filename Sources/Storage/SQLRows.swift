/// Rows that one statement takes as a set. Where its text says `$rows` stands a query that gives
/// them: `WITH change (id, amount) AS ($rows) …`, `INSERT INTO entry (id, amount) $rows`,
/// `WHERE id IN ($rows)`. A set without rows is a set, too.
public struct SQLRows: Sendable, Hashable {
  /// What a column of the set holds; any of them may hold null.
  public enum Column: Sendable, Hashable {
    case integer, text, bytes
  }

  /// The columns, from left to right.
  public let columns: [Column]
  /// How many rows there are.
  public private(set) var count = 0
  /// The rows, one behind the other.
  private(set) var values: [SQLValue] = []

  /// How many values, rows times columns, a statement takes: less than what SQLite binds.
  public static let valuesMax = 32_000

  /// A set without rows yet.
  public init(_ columns: Column...) { self.init(columns: columns) }

  init(columns: [Column]) {
    precondition(!columns.isEmpty, "a set of rows has columns")
    self.columns = columns
  }

  /// Adds a row: a value for each column.
  public mutating func append(_ row: SQLValue...) {
    precondition(fits(row), "a row has a value for each column, of its type")
    values.append(contentsOf: row)
    count += 1
  }

  /// Adds a row that comes from a database.
  mutating func append(_ row: [SQLValue]) throws(StorageError) {
    guard fits(row) else { throw StorageError(.unfit, "a column holds a value of another type") }
    values.append(contentsOf: row)
    count += 1
  }

  private func fits(_ row: [SQLValue]) -> Bool {
    row.count == columns.count
      && zip(row, columns).allSatisfy { value, column in
        switch (value, column) {
        case (.null, _), (.integer, .integer), (.text, .text), (.bytes, .bytes): true
        default: false
        }
      }
  }

  /// Rows of one number each.
  public static func keys(_ numbers: some Sequence<Int64>) -> SQLRows {
    var rows = SQLRows(.integer)
    for number in numbers { rows.append(.integer(number)) }
    return rows
  }

  /// Rows of one text each.
  public static func keys(_ texts: some Sequence<String>) -> SQLRows {
    var rows = SQLRows(.text)
    for text in texts { rows.append(.text(text)) }
    return rows
  }

  /// Rows of some bytes each.
  public static func keys(_ identifiers: some Sequence<[UInt8]>) -> SQLRows {
    var rows = SQLRows(.bytes)
    for identifier in identifiers { rows.append(.bytes(identifier)) }
    return rows
  }

  /// What stands for the rows in a statement's text.
  static let mark = "$rows"

  func checkSize() throws(StorageError) {
    guard values.count <= Self.valuesMax else {
      throw StorageError(
        .invalid, "\(values.count) values are too many for a statement: \(Self.valuesMax) at most")
    }
  }
}

/// What tells apart statements that are prepared: the text, and the shape of the set that it takes.
struct StatementKey: Hashable {
  let sql: String
  var columns: [SQLRows.Column] = []
  /// How many rows there is room for, where that is part of the text.
  var capacity = 0

  /// Looks, before the statement is prepared, for the place of the set that it takes.
  func check() throws(StorageError) {
    guard columns.isEmpty || sql.ranges(of: SQLRows.mark).count == 1 else {
      throw StorageError(
        .invalid, "a set of rows needs one \(SQLRows.mark) in `\(sql.prefix(200))`")
    }
  }
}
