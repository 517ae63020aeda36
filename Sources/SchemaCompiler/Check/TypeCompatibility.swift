/// Whether a value written as one type can be read as another.
///
/// Protobuf: the compatible changes of its language guide ("Updating a message type"). JSON: types
/// whose values look alike.
struct TypeCompatibility {
  let inProtobuf: Bool
  let inJSON: Bool

  init(_ before: FieldType, _ after: FieldType) {
    inProtobuf = Self.protobufClass(before) == Self.protobufClass(after)
    inJSON = Self.jsonClass(before) == Self.jsonClass(after)
  }

  private static func protobufClass(_ type: FieldType) -> String {
    switch type {
    case .message(let name): return name
    case .enumeration: return "varint"
    case .scalar(let scalar):
      switch scalar {
      case .int32, .int64, .uint32, .uint64, .bool: return "varint"
      case .sint32, .sint64: return "zigzag"
      case .fixed32, .sfixed32: return "fixed32"
      case .fixed64, .sfixed64: return "fixed64"
      case .string, .bytes, .float, .double: return scalar.rawValue
      }
    }
  }

  private static func jsonClass(_ type: FieldType) -> String {
    switch type {
    case .message(let name), .enumeration(let name): return name
    case .scalar(let scalar):
      switch scalar {
      case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32,
        .sfixed64:
        return "integer"
      case .float, .double: return "number"
      case .bool, .string, .bytes: return scalar.rawValue
      }
    }
  }
}
