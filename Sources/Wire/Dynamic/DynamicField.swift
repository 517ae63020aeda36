/// One field of a message that is described at run time.
public struct DynamicField: Sendable {
  /// What a field's value is.
  public enum Kind: Sendable {
    case int32, int64, uint32, uint64, sint32, sint64
    case fixed32, fixed64, sfixed32, sfixed64
    case float, double, bool, string, bytes
    /// An enum's number.
    case `enum`(EnumLayout)
    /// The message of that full name, which is described beside the field's own.
    case message(String)
  }

  /// How a field holds its value.
  public enum Cardinality: Sendable {
    /// Without presence.
    case singular
    /// With presence; every singular message field is one.
    case optional
    /// A list; `isPacked` says how protobuf writes it.
    case repeated(isPacked: Bool)
    /// A map; the field's kind is that of its values.
    case map(key: Kind)
    /// A member of the oneof of that name.
    case member(oneof: String)
  }

  /// The field's number.
  public var number: UInt32
  /// The name in the `.proto` file.
  public var name: String
  /// The name in JSON; nil for the one that protoc would choose.
  public var jsonName: String?
  /// What the value is.
  public var kind: Kind
  /// How it is held.
  public var cardinality: Cardinality
  /// Whether logs must hide the value.
  public var isSensitive: Bool

  /// A field.
  public init(
    number: UInt32, name: String, jsonName: String? = nil, kind: Kind,
    cardinality: Cardinality = .singular, isSensitive: Bool = false
  ) {
    self.number = number
    self.name = name
    self.jsonName = jsonName
    self.kind = kind
    self.cardinality = cardinality
    self.isSensitive = isSensitive
  }
}

/// A `FieldType` of some Swift type.
protocol AnyFieldType {
  associatedtype Value: Sendable
  var type: FieldType<Value> { get }
  var erased: ErasedFieldType { get }
}

extension FieldType: AnyFieldType {
  var type: FieldType<Value> { self }
}

extension DynamicField.Kind {
  /// How the engine holds a value of this kind. It does not keep `layouts` alive, which keep it.
  func fieldType(in layouts: DynamicLayouts) -> any AnyFieldType {
    switch self {
    case .int32: FieldType.int32
    case .int64: FieldType.int64
    case .uint32: FieldType.uint32
    case .uint64: FieldType.uint64
    case .sint32: FieldType.sint32
    case .sint64: FieldType.sint64
    case .fixed32: FieldType.fixed32
    case .fixed64: FieldType.fixed64
    case .sfixed32: FieldType.sfixed32
    case .sfixed64: FieldType.sfixed64
    case .float: FieldType.float
    case .double: FieldType.double
    case .bool: FieldType.bool
    case .string: FieldType.string
    case .bytes: FieldType.bytes
    case .enum(let layout):
      FieldType<Int32>(.enum, enumeration: .dynamic(layout), default: { 0 })
    case .message(let name):
      FieldType<DynamicMessage>(
        .message, message: .dynamic { [unowned layouts] in layouts.layout(of: name) },
        default: { [unowned layouts] in DynamicMessage(layouts.layout(of: name)) })
    }
  }
}
