/// The messages of google.protobuf that JSON writes in a form of their own.
enum WellKnownMessage: Sendable {
  case any
  case duration
  case fieldMask
  case listValue
  case structure
  case timestamp
  case value
  /// One field, `value`, which stands for the whole.
  case wrapper

  /// Recognises a message by its name, if its fields are those that the name promises: a schema
  /// may call anything by any name.
  init?(_ name: String, _ fields: [FieldEntry]) {
    let package = "google.protobuf."
    guard name.hasPrefix(package) else { return nil }
    let shapes = fields.map { Shape(kind: $0.kind, shape: $0.shape) }
    guard fields.map(\.number) == (1..<UInt32(fields.count + 1)).map({ $0 }) else { return nil }
    let expected: [Shape]
    switch name.dropFirst(package.count) {
    case "Any": (self, expected) = (.any, [.one(.string), .one(.bytes)])
    case "Duration": (self, expected) = (.duration, [.one(.int64), .one(.int32)])
    case "Timestamp": (self, expected) = (.timestamp, [.one(.int64), .one(.int32)])
    case "FieldMask": (self, expected) = (.fieldMask, [Shape(kind: .string, shape: .repeated)])
    case "ListValue": (self, expected) = (.listValue, [Shape(kind: .message, shape: .repeated)])
    case "Struct": (self, expected) = (.structure, [Shape(kind: .message, shape: .map)])
    case "Value":
      let kinds: [ValueKind] = [.enum, .double, .string, .bool, .message, .message]
      (self, expected) = (.value, kinds.map { Shape(kind: $0, shape: .member) })
    case "BoolValue": (self, expected) = (.wrapper, [.one(.bool)])
    case "BytesValue": (self, expected) = (.wrapper, [.one(.bytes)])
    case "DoubleValue": (self, expected) = (.wrapper, [.one(.double)])
    case "FloatValue": (self, expected) = (.wrapper, [.one(.float)])
    case "Int32Value": (self, expected) = (.wrapper, [.one(.int32)])
    case "Int64Value": (self, expected) = (.wrapper, [.one(.int64)])
    case "StringValue": (self, expected) = (.wrapper, [.one(.string)])
    case "UInt32Value": (self, expected) = (.wrapper, [.one(.uint32)])
    case "UInt64Value": (self, expected) = (.wrapper, [.one(.uint64)])
    default: return nil
    }
    guard shapes == expected else { return nil }
  }

  private struct Shape: Equatable {
    let kind: ValueKind
    let shape: FieldShape

    static func one(_ kind: ValueKind) -> Shape { Shape(kind: kind, shape: .singular) }
  }
}
