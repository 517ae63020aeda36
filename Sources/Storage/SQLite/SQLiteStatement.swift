import CSQLite

/// A prepared statement, and its present row.
@safe
final class SQLiteStatement: RowColumns {
  let sql: String
  private let handle: OpaquePointer
  /// The places of `$1`, `$2`, ...: SQLite counts parameters as they first appear.
  private let places: [Int32]

  /// How many values the rows of a set may have.
  private let roomForValues: Int

  init(
    _ handle: OpaquePointer, _ key: StatementKey, _ valueCount: Int
  ) throws(StorageError) {
    unsafe self.handle = handle
    sql = key.sql
    roomForValues = key.capacity * key.columns.count
    // Parameters of a set have numbers, not names.
    let hasSet = key.capacity > 0
    let count = hasSet ? valueCount : Int(unsafe sqlite3_bind_parameter_count(handle))
    var places: [Int32] = []
    for number in 0..<count {
      places.append(unsafe sqlite3_bind_parameter_index(handle, "$\(number + 1)"))
    }
    self.places = places
    let further = hasSet ? unsafe sqlite3_bind_parameter_index(handle, "$\(count + 1)") : 0
    guard !places.contains(0), further == 0 else {
      throw StorageError(
        .invalid, "parameters are $1, $2, ... without a gap, a value for each, in `\(sql)`")
    }
  }

  deinit { unsafe sqlite3_finalize(handle) }

  /// Whether it gives rows and changes none.
  var isQuery: Bool { unsafe sqlite3_stmt_readonly(handle) != 0 }

  func bind(_ values: [SQLValue], _ rows: SQLRows?) throws(StorageError) {
    guard values.count == places.count else {
      throw StorageError(.invalid, "\(values.count) values for \(places.count) in `\(sql)`")
    }
    for (place, value) in zip(places, values) { try bind(value, at: place) }
    guard let rows else { return }
    var place = Int32(values.count)
    for value in rows.values {
      place += 1
      try bind(value, at: place)
    }
    // Room that is left holds what an earlier set had there: the limit leaves it out.
    try bind(.integer(Int64(rows.count)), at: Int32(values.count + roomForValues + 1))
  }

  private func bind(_ value: SQLValue, at place: Int32) throws(StorageError) {
    let status: Int32
    switch value {
    case .null: status = unsafe sqlite3_bind_null(handle, place)
    case .integer(let number): status = unsafe sqlite3_bind_int64(handle, place, number)
    case .text(let text):
      guard !text.utf8.contains(0) else { throw .zeroInText }
      status = unsafe sarai_bind_text(handle, place, text, Int32(text.utf8.count))
    case .bytes(let bytes):
      // SQLite takes bytes without an address for null.
      status =
        bytes.isEmpty
        ? unsafe sqlite3_bind_zeroblob(handle, place, 0)
        : unsafe sarai_bind_blob(handle, place, bytes, Int32(bytes.count))
    }
    guard status == SQLITE_OK else {
      throw StorageError(.invalid, "a value is too large for SQLite, in `\(sql)`")
    }
  }

  func step() -> Int32 { unsafe sqlite3_step(handle) }

  func reset() { unsafe sqlite3_reset(handle) }

  // MARK: The present row

  func isNull(_ row: Int, _ column: Int) -> Bool {
    unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL
  }

  func integer(_ row: Int, _ column: Int) throws(StorageError) -> Int64 {
    guard unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_INTEGER else {
      throw .wrongType(column, "integer")
    }
    return unsafe sqlite3_column_int64(handle, Int32(column))
  }

  func text(_ row: Int, _ column: Int) throws(StorageError) -> String {
    guard unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_TEXT,
      let start = unsafe sqlite3_column_text(handle, Int32(column))
    else { throw .wrongType(column, "text") }
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
    return unsafe String(
      decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  func bytes(_ row: Int, _ column: Int) throws(StorageError) -> [UInt8] {
    guard unsafe sqlite3_column_type(handle, Int32(column)) == SQLITE_BLOB else {
      throw .wrongType(column, "bytes")
    }
    let start = unsafe sqlite3_column_blob(handle, Int32(column))
    let count = Int(unsafe sqlite3_column_bytes(handle, Int32(column)))
    return unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  func value(_ row: Int, _ column: Int) throws(StorageError) -> SQLValue {
    switch unsafe sqlite3_column_type(handle, Int32(column)) {
    case SQLITE_NULL: .null
    case SQLITE_INTEGER: .integer(try integer(row, column))
    case SQLITE_TEXT: .text(try text(row, column))
    case SQLITE_BLOB: .bytes(try bytes(row, column))
    default: throw .wrongType(column, "value that both engines have")
    }
  }
}
