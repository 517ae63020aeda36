/// A value that a statement takes or a column holds: what both engines have in common.
///
/// Truth is 0 or 1, times are microseconds since 1970, identifiers are 16 bytes; money is never a
/// floating-point number, so there are none.
public enum SQLValue: Sendable, Hashable {
  case null
  case integer(Int64)
  /// Without the character of code 0, which PostgreSQL does not store.
  case text(String)
  case bytes([UInt8])

  /// 1 or 0.
  public static func flag(_ value: Bool) -> SQLValue { .integer(value ? 1 : 0) }

  /// A text, or null.
  public static func optional(_ value: String?) -> SQLValue { value.map(SQLValue.text) ?? .null }

  /// An integer, or null.
  public static func optional(_ value: Int64?) -> SQLValue { value.map(SQLValue.integer) ?? .null }

  /// Bytes, or null.
  public static func optional(_ value: [UInt8]?) -> SQLValue { value.map(SQLValue.bytes) ?? .null }
}

extension SQLValue: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral,
  ExpressibleByNilLiteral
{
  /// An integer.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// Null.
  public init(nilLiteral: ()) { self = .null }
}
