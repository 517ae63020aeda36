public import Wire

/// The layouts of all message types of a schema, for messages without generated code.
public struct SchemaLayouts: Sendable {
  /// The layouts by the full names of their types, as JSON's `Any` asks for them.
  public let registry: TypeRegistry
  private let layouts: DynamicLayouts

  /// Makes the layouts of every message type of `schema`.
  public init(_ schema: Schema) {
    layouts = DynamicLayouts(
      schema.messageNames.compactMap { schema.message(named: $0) }.map { message in
        let fields = message.fields.map { field in
          DynamicField(
            number: UInt32(field.number), name: field.name,
            jsonName: field.jsonName == field.defaultJSONName ? nil : field.jsonName,
            kind: Self.kind(field.type, schema), cardinality: Self.cardinality(field, message),
            isSensitive: field.isSensitive)
        }
        return (message.fullName, fields)
      })
    registry = layouts.registry
  }

  /// The layout of the message type of a full name: good as long as these layouts, or a message
  /// that was made with one of them.
  public subscript(name: String) -> MessageLayout? { layouts[name] }

  private static func kind(_ type: FieldType, _ schema: Schema) -> DynamicField.Kind {
    switch type {
    case .scalar(let scalar): return kind(scalar)
    case .message(let name): return .message(name)
    case .enumeration(let name):
      let values = schema.enumeration(named: name)?.values ?? []
      return .enum(EnumLayout(name, values.map { ($0.name, $0.number) }))
    }
  }

  private static func kind(_ scalar: ScalarType) -> DynamicField.Kind {
    switch scalar {
    case .double: .double
    case .float: .float
    case .int32: .int32
    case .int64: .int64
    case .uint32: .uint32
    case .uint64: .uint64
    case .sint32: .sint32
    case .sint64: .sint64
    case .fixed32: .fixed32
    case .fixed64: .fixed64
    case .sfixed32: .sfixed32
    case .sfixed64: .sfixed64
    case .bool: .bool
    case .string: .string
    case .bytes: .bytes
    }
  }

  private static func cardinality(
    _ field: Field, _ message: MessageType
  ) -> DynamicField.Cardinality {
    if let oneof = field.oneof { return .member(oneof: message.oneofs[oneof].name) }
    switch field.cardinality {
    case .repeated: return .repeated(isPacked: field.isPacked)
    case .map(let key): return .map(key: kind(key))
    case .optional, .required: return .optional
    case .singular:
      if case .message = field.type { return .optional }
      return .singular
    }
  }
}
