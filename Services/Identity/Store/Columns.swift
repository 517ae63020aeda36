internal import Platform
internal import Storage
internal import WellKnownTypes

extension SQLValue {
  /// An identifier, as text.
  static func id(_ id: UUID) -> SQLValue { .text(id.description) }
  /// An identifier, or null.
  static func optionalID(_ id: UUID?) -> SQLValue { id.map { .id($0) } ?? .null }
  /// An instant since 1970, in microseconds.
  static func instant(_ instant: Duration) -> SQLValue { .integer(instant.wholeMicroseconds) }
  /// An instant, or null.
  static func optionalInstant(_ instant: Duration?) -> SQLValue {
    instant.map { .instant($0) } ?? .null
  }
}

extension Row {
  /// An identifier.
  func id(_ column: Int) throws(StorageError) -> UUID {
    guard let id = UUID(try text(column)) else {
      throw StorageError(.unfit, "column \(column) holds no identifier")
    }
    return id
  }

  /// An identifier, or nil.
  func optionalID(_ column: Int) throws(StorageError) -> UUID? {
    isNull(column) ? nil : try id(column)
  }

  /// An instant since 1970.
  func instant(_ column: Int) throws(StorageError) -> Duration {
    .microseconds(try integer(column))
  }

  /// An instant, or nil.
  func optionalInstant(_ column: Int) throws(StorageError) -> Duration? {
    isNull(column) ? nil : try instant(column)
  }
}
