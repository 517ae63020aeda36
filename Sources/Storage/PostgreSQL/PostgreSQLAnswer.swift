import CPostgreSQL

/// What the server answered: rows in the binary format.
@safe
final class PostgreSQLAnswer: RowColumns {
  private let handle: OpaquePointer

  /// - Throws: `StorageError`, when it is a refusal.
  init(_ result: OpaquePointer, to sql: String) throws(StorageError) {
    unsafe handle = result
    switch unsafe PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return
    default: throw unsafe PostgreSQLFault.refusal(result, in: sql)
    }
  }

  deinit { unsafe PQclear(handle) }

  /// What was done, such as `COMMIT`.
  var command: String { unsafe String(cString: PQcmdStatus(handle)) }

  var rowCount: Int { Int(unsafe PQntuples(handle)) }

  /// Rows that were changed, or that a query gave.
  var changedCount: Int { Int(unsafe String(cString: PQcmdTuples(handle))) ?? 0 }

  // MARK: Values, of the types whose numbers stand in pg_type.dat

  func isNull(_ row: Int, _ column: Int) -> Bool {
    unsafe PQgetisnull(handle, Int32(row), Int32(column)) != 0
  }

  func integer(_ row: Int, _ column: Int) throws(StorageError) -> Int64 {
    let value = unsafe content(row, column)
    switch unsafe (PQftype(handle, Int32(column)), value.count) {
    // bool, int8, int2, int4: big-endian
    case (16, 1), (20, 8), (21, 2), (23, 4):
      let sign: UInt64 = unsafe value.count > 1 && value[0] >= 0x80 ? .max : 0
      return unsafe Int64(bitPattern: value.reduce(sign) { $0 << 8 | UInt64($1) })
    default: throw .wrongType(column, "integer")
    }
  }

  func text(_ row: Int, _ column: Int) throws(StorageError) -> String {
    // text, varchar, name, and what a literal without a type is
    guard [25, 1_043, 19, 705].contains(unsafe PQftype(handle, Int32(column))),
      !isNull(row, column)
    else { throw .wrongType(column, "text") }
    return unsafe String(decoding: content(row, column), as: UTF8.self)
  }

  func bytes(_ row: Int, _ column: Int) throws(StorageError) -> [UInt8] {
    guard unsafe PQftype(handle, Int32(column)) == 17, !isNull(row, column) else {
      throw .wrongType(column, "bytes")
    }
    return unsafe [UInt8](content(row, column))
  }

  func value(_ row: Int, _ column: Int) throws(StorageError) -> SQLValue {
    if isNull(row, column) { return .null }
    return switch unsafe PQftype(handle, Int32(column)) {
    case 16, 20, 21, 23: .integer(try integer(row, column))
    case 17: .bytes(try bytes(row, column))
    default: .text(try text(row, column))
    }
  }

  private func content(_ row: Int, _ column: Int) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(
      start: PQgetvalue(handle, Int32(row), Int32(column)),
      count: Int(PQgetlength(handle, Int32(row), Int32(column))))
  }
}
