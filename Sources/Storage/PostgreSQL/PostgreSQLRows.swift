/// How a set of rows goes to PostgreSQL: as one array a column, so that one prepared statement serves
/// any number of rows.
enum PostgreSQLRows {
  /// The statement's text: the arrays are numbered behind `valueCount` other parameters.
  static func text(_ sql: String, _ columns: [SQLRows.Column], behind valueCount: Int) -> String {
    let arrays = columns.enumerated().map { index, column in
      let type =
        switch column {
        case .integer: "bigint"
        case .text: "text"
        case .bytes: "bytea"
        }
      return "$\(valueCount + index + 1)::\(type)[]"
    }
    return sql.replacing(
      SQLRows.mark, with: "SELECT * FROM unnest(\(arrays.joined(separator: ", ")))")
  }

  /// A column in the binary format: `array_recv` of PostgreSQL's arrayfuncs.c.
  static func array(_ rows: SQLRows, _ column: Int) throws(StorageError) -> [UInt8] {
    var bytes: [UInt8] = []
    let type: Int32 =
      switch rows.columns[column] {
      case .integer: 20
      case .text: 25
      case .bytes: 17
      }
    bytes.reserveCapacity(20 + rows.count * (type == 20 ? 12 : 24))
    // Dimensions, whether there may be nulls, the type; the dimension's size and first index.
    for number in rows.count == 0 ? [0, 0, type] : [1, 1, type, Int32(rows.count), 1] {
      append(number, to: &bytes)
    }
    for index in stride(from: column, to: rows.values.count, by: rows.columns.count) {
      switch rows.values[index] {
      case .null: append(-1 as Int32, to: &bytes)
      case .integer(let number):
        append(8 as Int32, to: &bytes)
        append(number, to: &bytes)
      case .text(let text):
        guard !text.utf8.contains(0) else { throw .zeroInText }
        append(Int32(text.utf8.count), to: &bytes)
        bytes += text.utf8
      case .bytes(let value):
        append(Int32(value.count), to: &bytes)
        bytes += value
      }
    }
    return bytes
  }

  private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
    for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
