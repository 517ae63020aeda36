import CPostgreSQL

/// What the server or the connection says of a failed statement.
enum PostgreSQLFault {
  /// The connection failed, or refused what it was given.
  static func connection(_ handle: OpaquePointer, in sql: String) -> StorageError {
    let code: StorageError.Code =
      unsafe PQstatus(handle) == CONNECTION_OK ? .invalid : .unavailable
    let reason = unsafe String(cString: PQerrorMessage(handle))
    return error(code, reason, in: sql)
  }

  /// The server refused a statement.
  static func refusal(_ result: OpaquePointer, in sql: String) -> StorageError {
    // PG_DIAG_SQLSTATE is the character C, as an int.
    let field = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C")))
    let state = unsafe field.map { unsafe String(cString: $0) }
    return error(code(state), unsafe String(cString: PQresultErrorMessage(result)), in: sql)
  }

  // https://www.postgresql.org/docs/15/errcodes-appendix.html
  private static func code(_ state: String?) -> StorageError.Code {
    switch state {
    // libpq's own, when the connection has gone.
    case nil: .unavailable
    case "40001", "40P01", "55P03": .conflict
    case "23505", "23P01": .constraint(.unique)
    case "23503": .constraint(.foreignKey)
    case "23514": .constraint(.check)
    case "23502": .constraint(.notNull)
    case "57014": .tooSlow
    case let state? where ["08", "53", "57", "58"].contains(String(state.prefix(2))): .unavailable
    case let state? where state.hasPrefix("XX"): .unfit
    default: .invalid
    }
  }

  private static func error(
    _ code: StorageError.Code, _ reason: String, in sql: String
  ) -> StorageError {
    StorageError(code, "\(oneLine(reason)), at `\(sql.prefix(200))`")
  }

  /// Without the lines that quote values.
  static func oneLine(_ text: String) -> String {
    String(text.split(separator: "\n").first ?? "no reason was given")
  }
}
