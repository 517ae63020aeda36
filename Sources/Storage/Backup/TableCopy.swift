/// Moves all rows from a database of either engine to one of either that has the same migrations.
struct TableCopy {
  private static let rowsAtOnce = 500

  /// The tables of a SQLite file, those that others refer to first.
  ///
  /// - Throws: `invalid` when tables refer to each other in a circle.
  static func tables(of file: any SQLConnection) throws(StorageError) -> [Table] {
    var waiting: [Table] = []
    let names = try file.all(
      """
      SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
      ORDER BY name
      """
    ) { (row) throws(StorageError) in try row.text(0) }
    for name in names {
      let columns = try file.all("SELECT name, type FROM pragma_table_info($1)", .text(name)) {
        (row) throws(StorageError) in (try row.text(0), try row.text(1))
      }
      let parents = try file.all(
        "SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)", .text(name)
      ) { (row) throws(StorageError) in try row.text(0) }
      waiting.append(Table(name: name, columns: columns, parents: Set(parents).subtracting([name])))
    }
    var sorted: [Table] = []
    while !waiting.isEmpty {
      let ready = waiting.filter { $0.parents.isSubset(of: sorted.map(\.name)) }
      guard !ready.isEmpty else {
        throw StorageError(
          .invalid, "tables refer to each other in a circle: they cannot be copied")
      }
      sorted += ready
      waiting.removeAll { table in ready.contains { $0.name == table.name } }
    }
    return sorted
  }

  /// A table, and the tables that it refers to.
  struct Table {
    let name: String
    let columns: [(name: String, type: String)]
    let parents: Set<String>

    var types: [SQLRows.Column] {
      columns.map { column in
        switch column.type.lowercased() {
        case "bytea": .bytes
        case "text": .text
        default: .integer
        }
      }
    }

    var list: String { columns.map { "\"\($0.name)\"" }.joined(separator: ", ") }
  }

  /// Copies within one transaction of each; rows that migrations made are replaced.
  ///
  /// - Parameter progress: is told how many rows have been copied.
  static func run(
    _ tables: [Table], from source: any SQLConnection, to target: any SQLConnection,
    progress: (Int) -> Void
  ) throws(StorageError) {
    for table in tables.reversed() { try target.execute("DELETE FROM \"\(table.name)\"") }
    var copied = 0
    for table in tables {
      let insert = "INSERT INTO \"\(table.name)\" (\(table.list)) $rows"
      // A set holds 32,000 values at most.
      let countMax = max(1, min(rowsAtOnce, SQLRows.valuesMax / table.columns.count))
      var rows = SQLRows(columns: table.types)
      try source.eachRow(of: "SELECT \(table.list) FROM \"\(table.name)\"") {
        (row) throws(StorageError) in
        var values: [SQLValue] = []
        for column in table.columns.indices { values.append(try row.value(column)) }
        try rows.append(values)
        if rows.count >= countMax {
          copied += try target.execute(insert, rows: rows)
          progress(copied)
          rows = SQLRows(columns: table.types)
        }
      }
      copied += try target.execute(insert, rows: rows)
      progress(copied)
    }
  }
}
