extension Resolver {
  /// What a written value means for a field; nil, and reported, if it cannot be one of its values.
  mutating func value(
    _ syntax: OptionValueSyntax, of field: Field, inAggregate: Bool, scope: String
  ) -> OptionValue? {
    switch field.valueType {
    case .message(let name):
      guard case .aggregate(let fields) = syntax.form else {
        return refuse(
          syntax, field, "a message", hint: "Write `{ field: value }`.")
      }
      return .message(message(fields, of: name, scope: scope))
    case .enumeration(let name):
      return enumValue(syntax, of: field, named: name, inAggregate: inAggregate)
    case .scalar(let scalar):
      return scalarValue(syntax, of: field, scalar, inAggregate: inAggregate)
    }
  }

  private mutating func refuse(
    _ syntax: OptionValueSyntax, _ field: Field, _ expectation: String, hint: String? = nil
  ) -> OptionValue? {
    report(syntax.span, "`\(field.name)` takes \(expectation)", hint: hint)
    return nil
  }

  private mutating func enumValue(
    _ syntax: OptionValueSyntax, of field: Field, named name: String, inAggregate: Bool
  ) -> OptionValue? {
    guard let enumeration = types.enumeration(name) else { return nil }
    switch syntax.form {
    case .identifier(let text):
      if let value = enumeration.values.first(where: { $0.name == text }) {
        return .enumeration(name: value.name, number: value.number)
      }
      let near = Suggestion.nearest(to: text, among: enumeration.values.map(\.name))
      report(
        syntax.span, "`\(name)` has no value `\(text)`",
        hint: near.map { "Did you mean `\($0)`?" })
      return nil
    case .integer(let magnitude, let isNegative) where inAggregate && magnitude <= 1 << 31:
      let number = Int32(clamping: isNegative ? -Int64(magnitude) : Int64(magnitude))
      return .enumeration(name: enumeration.value(numbered: number)?.name ?? "", number: number)
    default:
      return refuse(syntax, field, "the name of a value of `\(name)`")
    }
  }

  private mutating func scalarValue(
    _ syntax: OptionValueSyntax, of field: Field, _ scalar: ScalarType, inAggregate: Bool
  ) -> OptionValue? {
    switch scalar {
    case .bool:
      switch syntax.form {
      case .identifier("true"): return .bool(true)
      case .identifier("false"): return .bool(false)
      case .integer(let bit, false) where inAggregate && bit <= 1: return .bool(bit == 1)
      default: return refuse(syntax, field, "`true` or `false`")
      }
    case .string:
      guard case .string(let bytes) = syntax.form else {
        return refuse(syntax, field, "a string", hint: "Put it in quotes.")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        return refuse(syntax, field, "UTF-8")
      }
      return .string(text)
    case .bytes:
      guard case .string(let bytes) = syntax.form else {
        return refuse(syntax, field, "bytes", hint: "Put them in quotes, as for a string.")
      }
      return .bytes(bytes)
    case .double, .float:
      return floatValue(syntax, of: field, scalar)
    case .int32, .sint32, .sfixed32, .int64, .sint64, .sfixed64:
      let is64 = scalar == .int64 || scalar == .sint64 || scalar == .sfixed64
      guard case .integer(let magnitude, let isNegative) = syntax.form else {
        return refuse(syntax, field, "an integer")
      }
      let highest = is64 ? UInt64(Int64.max) : UInt64(Int32.max)
      guard magnitude <= highest + (isNegative ? 1 : 0) else {
        return refuse(syntax, field, "an integer of \(is64 ? 64 : 32) bits")
      }
      return .signed(isNegative ? Int64(truncatingIfNeeded: 0 &- magnitude) : Int64(magnitude))
    case .uint32, .fixed32, .uint64, .fixed64:
      let is64 = scalar == .uint64 || scalar == .fixed64
      guard case .integer(let magnitude, let isNegative) = syntax.form,
        !isNegative || magnitude == 0
      else { return refuse(syntax, field, "an integer of at least 0") }
      guard is64 || magnitude <= UInt64(UInt32.max) else {
        return refuse(syntax, field, "an integer of 32 bits")
      }
      return .unsigned(magnitude)
    }
  }

  private mutating func floatValue(
    _ syntax: OptionValueSyntax, of field: Field, _ scalar: ScalarType
  ) -> OptionValue? {
    let value: Double
    switch syntax.form {
    case .float(let number): value = number
    case .integer(let magnitude, let isNegative):
      value = isNegative ? -Double(magnitude) : Double(magnitude)
    case .identifier(let name):
      guard let named = Parser.namedFloat(name) else { return refuse(syntax, field, "a number") }
      value = named
    default: return refuse(syntax, field, "a number")
    }
    return .float(scalar == .float ? Double(Float(value)) : value)
  }

  // MARK: Messages

  private mutating func message(
    _ fields: [AggregateField], of name: String, scope: String
  ) -> [OptionField] {
    guard let type = types.message(name) else { return [] }
    var result: [OptionField] = []
    var seen: Set<Int> = []
    var packed: [Int: Int] = [:]
    for item in fields {
      guard let (field, shown) = aggregateTarget(item, of: type, scope: scope) else { continue }
      var values = [item.value]
      if case .list(let elements) = item.value.form {
        guard field.isRepeated || field.isMap else {
          report(item.value.span, "`\(field.name)` takes one value, not a list")
          continue
        }
        values = elements
      } else if !field.isRepeated, !field.isMap, !seen.insert(field.number).inserted {
        report(item.name.span, "`\(field.name)` is set twice")
        continue
      }
      for syntax in values {
        guard let value = value(syntax, of: field, inAggregate: true, scope: scope) else {
          continue
        }
        if field.isPacked, let place = packed[field.number] {
          guard case .packed(let before) = result[place].value else { continue }
          result[place].value = .packed(before + [value])
          continue
        }
        // Without presence a default is the same as none.
        if field.cardinality == .singular, field.oneof == nil, value.isDefault { continue }
        if field.isPacked { packed[field.number] = result.count }
        result.append(
          OptionField(
            name: shown, number: field.number, type: field.valueType,
            value: field.isPacked ? .packed([value]) : value))
      }
    }
    return result.stablySorted(by: \.number)
  }

  private mutating func aggregateTarget(
    _ item: AggregateField, of type: MessageType, scope: String
  ) -> (field: Field, name: String)? {
    if item.isExtension {
      let found = symbols.find(item.name.text, from: scope, file: file) { $0 == .extension }
      if case .symbol(let symbol, let fullName) = found,
        let field = types.extensionField(named: fullName), field.extendee == type.fullName
      {
        used.insert(symbol.file)
        return (field, "(\(fullName))")
      }
    } else if let field = type.field(named: item.name.text) {
      return (field, field.name)
    }
    let near = Suggestion.nearest(to: item.name.text, among: type.fields.map(\.name))
    report(
      item.name.span, "`\(type.fullName)` has no field `\(item.name.text)`",
      hint: near.map { "Did you mean `\($0)`?" })
    return nil
  }

  // MARK: Defaults of proto2

  /// The normalised text of a proto2 default, as descriptors hold it.
  mutating func defaultText(of syntax: FieldSyntax, _ type: FieldType) -> String? {
    if let text = syntax.defaultText { return text }
    guard !isProto3, let option = syntax.options.written.first(where: { $0.isPlain("default") })
    else { return nil }
    switch (option.value.form, type) {
    case (.identifier(let name), _): return name
    case (.integer(let magnitude, let isNegative), _):
      return isNegative ? "-\(magnitude)" : "\(magnitude)"
    case (.float(let value), _):
      let text = "\(value)"
      return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    case (.string(let bytes), .scalar(.bytes)): return Self.escaped(bytes)
    case (.string(let bytes), _): return String(decoding: bytes, as: UTF8.self)
    default:
      report(option.value.span, "not a default value")
      return nil
    }
  }

  /// Bytes as C would write them.
  private static func escaped(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
      switch byte {
      case 0x0A: text += #"\n"#
      case 0x0D: text += #"\r"#
      case 0x09: text += #"\t"#
      case 0x22, 0x27, 0x5C: text += #"\"# + String(UnicodeScalar(byte))
      case 0x20...0x7E: text += String(UnicodeScalar(byte))
      default:
        let octal = String(byte, radix: 8)
        text += #"\"# + String(repeating: "0", count: 3 - octal.count) + octal
      }
    }
    return text
  }
}

extension OptionValue {
  /// Whether it is what an absent field without presence is taken for.
  var isDefault: Bool {
    switch self {
    case .bool(let value): !value
    case .signed(let value): value == 0
    case .unsigned(let value): value == 0
    case .float(let value): value == 0 && value.sign == .plus
    case .string(let value): value.isEmpty
    case .bytes(let value): value.isEmpty
    case .enumeration(_, let number): number == 0
    case .message, .packed, .unknown: false
    }
  }
}
