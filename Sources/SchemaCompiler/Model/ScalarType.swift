/// The types that are neither messages nor enums, by their names in schema files.
public enum ScalarType: String, Sendable, Hashable, CaseIterable {
  case double, float
  case int32, int64, uint32, uint64, sint32, sint64
  case fixed32, fixed64, sfixed32, sfixed64
  case bool, string, bytes

  /// Whether many values can be written as one packed field.
  public var isPackable: Bool { self != .string && self != .bytes }

  /// Whether a map's key may have this type.
  public var isMapKey: Bool { self != .double && self != .float && self != .bytes }

  /// The number of the type in `google.protobuf.FieldDescriptorProto.Type`.
  var descriptorNumber: Int {
    switch self {
    case .double: 1
    case .float: 2
    case .int64: 3
    case .uint64: 4
    case .int32: 5
    case .fixed64: 6
    case .fixed32: 7
    case .bool: 8
    case .string: 9
    case .bytes: 12
    case .uint32: 13
    case .sfixed32: 15
    case .sfixed64: 16
    case .sint32: 17
    case .sint64: 18
    }
  }

  init?(descriptorNumber: Int) {
    guard let type = Self.allCases.first(where: { $0.descriptorNumber == descriptorNumber }) else {
      return nil
    }
    self = type
  }
}
