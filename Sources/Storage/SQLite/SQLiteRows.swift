/// How a set of rows stands in a statement of SQLite: as VALUES with room for a power of two, so that
/// few texts serve any number of rows, and a limit to those that there are.
enum SQLiteRows {
  /// How many rows the statement has room for.
  static func capacity(_ rows: SQLRows) -> Int {
    var capacity = 1
    while capacity < rows.count { capacity *= 2 }
    // What SQLite binds at least, SQLITE_MAX_VARIABLE_NUMBER, less the statement's own.
    return min(capacity, SQLRows.valuesMax / rows.columns.count)
  }

  /// The statement's text: the set's parameters are numbered behind `valueCount` others.
  static func text(_ key: StatementKey, behind valueCount: Int) -> String {
    // Only the first has a number: SQLite gives the others those behind it, and looks long for
    // those that it is told.
    let others = String(repeating: ",?", count: key.columns.count - 1)
    let first = "(?\(valueCount + 1)\(others))"
    let further = String(repeating: ",(?\(others))", count: key.capacity - 1)
    return key.sql.replacing(
      SQLRows.mark, with: "SELECT * FROM (VALUES \(first)\(further)) LIMIT ?")
  }
}
