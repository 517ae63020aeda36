/// The JSON Schema (2020-12) of messages and fields, as proto3 JSON writes them.
struct OpenAPITypes {
  let schema: Schema

  private static let optionsPackage = "sarai.options.v1"
  private static let componentPrefix = "#/components/schemas/"

  /// `{"$ref": …}` to a message type's or an enum's schema, or the schema of a well-known type.
  func reference(_ fullName: String) -> JSONValue {
    Self.wellKnown[fullName] ?? ["$ref": .string(Self.componentPrefix + fullName)]
  }

  /// Whether proto3 JSON writes the type in a form of its own.
  static func isWellKnown(_ fullName: String) -> Bool { wellKnown[fullName] != nil }

  /// The schemas of all types that these values refer to, and of those that they refer to in turn.
  func components(for values: [JSONValue]) -> JSONValue {
    var found: [String: JSONValue] = [:]
    var waiting = values
    while let value = waiting.popLast() {
      for reference in value.references where found[reference] == nil {
        let name = reference.dropFirst(Self.componentPrefix.count)
        guard reference.hasPrefix(Self.componentPrefix) else { continue }
        let schema = component(String(name))
        found[reference] = schema
        waiting.append(schema)
      }
    }
    var components: JSONValue = [:]
    for (reference, schema) in found.sorted(by: { $0.key < $1.key }) {
      components.set(String(reference.dropFirst(Self.componentPrefix.count)), schema)
    }
    return components
  }

  /// What one value of a field is; of a map, one value of its entries.
  private func valueType(of field: Field) -> FieldType {
    guard let entry = field.entryName, let value = schema.message(named: entry)?.field(numbered: 2)
    else { return field.type }
    return value.type
  }

  // MARK: Components

  /// The schema of a message type or an enum, whole.
  private func component(_ fullName: String) -> JSONValue {
    if let enumeration = schema.enumeration(named: fullName) { return component(enumeration) }
    guard let message = schema.message(named: fullName) else { return [:] }
    return object(message, without: [])
  }

  private func component(_ enumeration: EnumType) -> JSONValue {
    let values = enumeration.values.map { value in
      let words = value.source.comments.documentation.joined(separator: " ")
      return words.isEmpty ? "- `\(value.name)`" : "- `\(value.name)`: \(words)"
    }
    let text = enumeration.source.comments.documentation.joined(separator: "\n")
    var component: JSONValue = ["type": "string"]
    component.set("enum", .array(enumeration.values.map { .string($0.name) }))
    component.set("description", .string(([text, ""] + values).joined(separator: "\n")))
    return component
  }

  /// The schema of a message without some fields, which stand elsewhere.
  func object(_ message: MessageType, without left: Set<String>) -> JSONValue {
    var properties: JSONValue = [:]
    var required: [JSONValue] = []
    for field in message.fields where !left.contains(field.name) {
      properties.set(field.jsonName, property(field))
      if Self.isRequired(field) { required.append(.string(field.jsonName)) }
    }
    var object: JSONValue = ["type": "object"]
    object.set(
      "description", .string(message.source.comments.documentation.joined(separator: "\n")))
    object.set("properties", properties)
    object.set("required", .array(required))
    object.set("allOf", .array(exclusions(message, without: left)))
    return object
  }

  /// That no two members of a oneof stand together.
  private func exclusions(_ message: MessageType, without left: Set<String>) -> [JSONValue] {
    var exclusions: [JSONValue] = []
    for oneof in message.oneofs.indices {
      let members = message.fields.filter { $0.oneof == oneof && !left.contains($0.name) }
      for (place, first) in members.enumerated() {
        for second in members[(place + 1)...] {
          exclusions.append(Self.notTogether(first.jsonName, second.jsonName))
        }
      }
    }
    return exclusions
  }

  private static func notTogether(_ first: String, _ second: String) -> JSONValue {
    let both: JSONValue = .array([.string(first), .string(second)])
    return ["not": ["required": both]]
  }

  static func isRequired(_ field: Field) -> Bool {
    field.options.enumValue("(\(optionsPackage).behavior)") == "FIELD_BEHAVIOR_REQUIRED"
  }

  // MARK: Fields

  private func property(_ field: Field) -> JSONValue {
    var property = value(of: field)
    property.set(
      "description", .string(field.source.comments.documentation.joined(separator: "\n")))
    if field.options.enumValue("(\(Self.optionsPackage).behavior)") == "FIELD_BEHAVIOR_OUTPUT_ONLY"
    {
      property.set("readOnly", true)
    }
    if field.options.bool("deprecated") { property.set("deprecated", true) }
    if field.options.bool("(\(Self.optionsPackage).sensitive)") {
      property.set("x-sensitive", true)
    }
    return property
  }

  /// The schema of what a field holds.
  func value(of field: Field) -> JSONValue {
    let one: JSONValue =
      switch valueType(of: field) {
      case .scalar(let scalar): Self.scalar(scalar)
      case .message(let name), .enumeration(let name): reference(name)
      }
    if field.isMap { return ["type": "object", "additionalProperties": one] }
    return field.isRepeated ? ["type": "array", "items": one] : one
  }

  private static func scalar(_ scalar: ScalarType) -> JSONValue {
    switch scalar {
    case .int32, .sint32, .sfixed32: ["type": "integer", "format": "int32"]
    case .uint32, .fixed32: ["type": "integer", "minimum": 0, "maximum": 4_294_967_295]
    case .int64, .sint64, .sfixed64:
      ["type": "string", "format": "int64", "pattern": "^(0|-?[1-9][0-9]{0,18})$"]
    case .uint64, .fixed64:
      ["type": "string", "format": "uint64", "pattern": "^(0|[1-9][0-9]{0,19})$"]
    case .float, .double:
      [
        "oneOf": [
          ["type": "number"], ["type": "string", "enum": ["NaN", "Infinity", "-Infinity"]],
        ]
      ]
    case .bool: ["type": "boolean"]
    case .string: ["type": "string"]
    case .bytes: ["type": "string", "contentEncoding": "base64"]
    }
  }

  /// The types that proto3 JSON writes in a form of their own.
  private static let wellKnown: [String: JSONValue] = [
    "google.protobuf.Timestamp": ["type": "string", "format": "date-time"],
    "google.protobuf.Duration": ["type": "string", "pattern": "^-?[0-9]{1,12}(\\.[0-9]{1,9})?s$"],
    "google.protobuf.FieldMask": ["type": "string"],
    "google.protobuf.Empty": ["type": "object"],
    "google.protobuf.Struct": ["type": "object", "additionalProperties": true],
    "google.protobuf.Value": ["description": "Any JSON value."],
    "google.protobuf.ListValue": ["type": "array", "items": [:]],
    "google.protobuf.Any": [
      "type": "object", "properties": ["@type": ["type": "string"]], "required": ["@type"],
      "additionalProperties": true,
    ],
    "google.protobuf.BoolValue": ["type": ["boolean", "null"]],
    "google.protobuf.StringValue": ["type": ["string", "null"]],
    "google.protobuf.BytesValue": ["type": ["string", "null"], "contentEncoding": "base64"],
    "google.protobuf.Int32Value": ["type": ["integer", "null"], "format": "int32"],
    "google.protobuf.UInt32Value": ["type": ["integer", "null"], "minimum": 0],
    "google.protobuf.Int64Value": ["type": ["string", "null"], "format": "int64"],
    "google.protobuf.UInt64Value": ["type": ["string", "null"], "format": "uint64"],
    "google.protobuf.FloatValue": ["type": ["number", "string", "null"]],
    "google.protobuf.DoubleValue": ["type": ["number", "string", "null"]],
  ]
}
