/// What a value is on the wire, beside what it is in Swift: `sint32` and `sfixed32` are both an
/// `Int32`.
public struct FieldType<Value: Sendable>: Sendable {
  let kind: ValueKind
  let message: MessageAccess?
  let enumeration: EnumAccess?
  @usableFromInline let makeDefault: @Sendable () -> Value

  @usableFromInline
  init(
    _ kind: ValueKind,
    message: MessageAccess? = nil,
    enumeration: EnumAccess? = nil,
    default makeDefault: @escaping @Sendable () -> Value
  ) {
    self.kind = kind
    self.message = message
    self.enumeration = enumeration
    self.makeDefault = makeDefault
  }

  init(integer kind: ValueKind) where Value: FixedWidthInteger {
    self.init(kind, default: { 0 })
  }
}

extension FieldType where Value == Int32 {
  /// A signed integer; protobuf spends 10 bytes on a negative one.
  public static var int32: Self { Self(integer: .int32) }
  /// A signed integer that is often negative.
  public static var sint32: Self { Self(integer: .sint32) }
  /// A signed integer in always 4 bytes.
  public static var sfixed32: Self { Self(integer: .sfixed32) }
}

extension FieldType where Value == Int64 {
  /// A signed integer; protobuf spends 10 bytes on a negative one.
  public static var int64: Self { Self(integer: .int64) }
  /// A signed integer that is often negative.
  public static var sint64: Self { Self(integer: .sint64) }
  /// A signed integer in always 8 bytes.
  public static var sfixed64: Self { Self(integer: .sfixed64) }
}

extension FieldType where Value == UInt32 {
  /// An unsigned integer.
  public static var uint32: Self { Self(integer: .uint32) }
  /// An unsigned integer in always 4 bytes.
  public static var fixed32: Self { Self(integer: .fixed32) }
}

extension FieldType where Value == UInt64 {
  /// An unsigned integer.
  public static var uint64: Self { Self(integer: .uint64) }
  /// An unsigned integer in always 8 bytes.
  public static var fixed64: Self { Self(integer: .fixed64) }
}

extension FieldType where Value == Float {
  /// IEEE 754 binary32.
  public static var float: Self { Self(.float, default: { 0 }) }
}

extension FieldType where Value == Double {
  /// IEEE 754 binary64.
  public static var double: Self { Self(.double, default: { 0 }) }
}

extension FieldType where Value == Bool {
  /// True or false.
  public static var bool: Self { Self(.bool, default: { false }) }
}

extension FieldType where Value == String {
  /// UTF-8 text.
  public static var string: Self {
    Self(.string, default: { "" })
  }
}

extension FieldType where Value == [UInt8] {
  /// Bytes of any kind.
  public static var bytes: Self { Self(.bytes, default: { [] }) }
}

extension FieldType where Value: WireEnum {
  /// A value of an enum.
  @inlinable
  public static func `enum`(_ type: Value.Type) -> Self {
    Self(.enum, enumeration: .typed(type), default: { Value(rawValue: 0) })
  }
}

extension FieldType where Value: Message {
  /// A message.
  @inlinable
  public static func message(_ type: Value.Type) -> Self {
    Self(.message, message: .inline(type), default: { Value() })
  }
}
