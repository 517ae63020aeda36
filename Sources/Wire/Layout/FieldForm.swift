/// A field's shape and kind in one byte, so that the engine finds what to do by one jump.
enum FieldForm: UInt8, Sendable, CaseIterable {
  // A value without presence: the kinds that can be one, as in `ValueKind`.
  case int32, int64, uint32, uint64, sint32, sint64
  case fixed32, fixed64, sfixed32, sfixed64
  case float, double, bool, string, bytes, enumeration
  // A value with presence.
  case optionalInt32, optionalInt64, optionalUInt32, optionalUInt64, optionalSInt32, optionalSInt64
  case optionalFixed32, optionalFixed64, optionalSFixed32, optionalSFixed64
  case optionalFloat, optionalDouble, optionalBool, optionalString, optionalBytes, optionalEnum
  case optionalMessage
  // The rest is told apart by the kind.
  case repeated, map, member

  /// Whether it is a number (a bool or an enum too), a text or bytes, without presence.
  var isPlain: Bool { rawValue <= Self.enumeration.rawValue }

  init(_ shape: FieldShape, _ kind: ValueKind) {
    let form: FieldForm? =
      switch shape {
      case .singular: FieldForm(rawValue: kind.rawValue)
      case .optional: FieldForm(rawValue: Self.optionalInt32.rawValue + kind.rawValue)
      case .repeated: .repeated
      case .map: .map
      case .member: .member
      }
    guard let form, shape != .singular || kind != .message else {
      preconditionFailure("a singular message has presence")
    }
    self = form
  }
}
