/// What one value of a field is.
public enum FieldType: Sendable, Hashable {
  case scalar(ScalarType)
  /// A message type's full name.
  case message(String)
  /// An enum type's full name.
  case enumeration(String)

  /// How messages and schemas name the type.
  public var name: String {
    switch self {
    case .scalar(let scalar): scalar.rawValue
    case .message(let name), .enumeration(let name): name
    }
  }

  /// Whether many values can be written as one packed field.
  var isPackable: Bool {
    switch self {
    case .scalar(let scalar): scalar.isPackable
    case .enumeration: true
    case .message: false
    }
  }
}

/// How many values a field holds, and whether it tells an absent one from a default.
public enum Cardinality: Sendable, Hashable {
  /// One; the default value is the same as none. Messages are absent or there.
  case singular
  /// One or none, explicitly: proto3 `optional`.
  case optional
  /// proto2's `required`.
  case required
  /// Any number, in order.
  case repeated
  /// Any number, each under its own key; the field's type is that of the values.
  case map(key: ScalarType)
}

/// A resolved field, or an extension.
public struct Field: Sendable {
  /// As written.
  public let name: String
  /// Message and name; for an extension, its scope and name.
  public let fullName: String
  /// 1 to 536,870,911.
  public let number: Int
  /// What one value is.
  public let type: FieldType
  /// How many values there are.
  public let cardinality: Cardinality
  /// The name in JSON.
  public let jsonName: String
  /// Index of the oneof that it is a member of, in its message's `oneofs`.
  public let oneof: Int?
  /// Whether presence comes from proto3's `optional`, which descriptors dress up as a oneof.
  let isProto3Optional: Bool
  /// Whether several values are written as one packed field.
  public let isPacked: Bool
  /// For an extension, the full name of the message that it extends.
  public let extendee: String?
  /// A proto2 default, normalised.
  let defaultText: String?
  /// For a map, the full name of its entry type.
  let entryName: String?
  /// The field's own options.
  public internal(set) var options: Options
  /// Where it stands.
  public let source: SourceInfo
  /// Whether a message holds itself by value through this field, so that generated code must
  /// store it behind a reference.
  public internal(set) var isRecursive = false

  /// Whether it holds a list.
  public var isRepeated: Bool { cardinality == .repeated }

  /// Whether it holds a map.
  public var isMap: Bool { entryName != nil }

  /// The name in JSON unless `json_name` says otherwise.
  public var defaultJSONName: String { Naming.jsonName(of: name) }
}
