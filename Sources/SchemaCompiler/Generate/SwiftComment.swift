/// The documentation comments of generated code.
enum SwiftComment {
  /// What the schema says about a declaration, or `otherwise`.
  static func lines(_ source: SourceInfo, _ options: Options, otherwise: String) -> [String] {
    var lines = source.comments.documentation
    if lines.isEmpty { lines = [otherwise] }
    if options.bool("deprecated") { lines += ["", "Deprecated."] }
    return lines
  }
}

/// Values as Swift writes them.
enum SwiftLiteral {
  /// A string literal.
  static func string(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": literal += "\\\(scalar)"
      case "\u{20}"..."\u{7E}": literal.unicodeScalars.append(scalar)
      default: literal += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return literal + "\""
  }
}

extension ScalarType {
  /// What holds a value.
  var swiftType: String {
    switch self {
    case .double: "Double"
    case .float: "Float"
    case .int32, .sint32, .sfixed32: "Int32"
    case .int64, .sint64, .sfixed64: "Int64"
    case .uint32, .fixed32: "UInt32"
    case .uint64, .fixed64: "UInt64"
    case .bool: "Bool"
    case .string: "String"
    case .bytes: "[UInt8]"
    }
  }

  /// What a field without presence holds when it is absent.
  var swiftDefault: String {
    switch self {
    case .bool: "false"
    case .string: "\"\""
    case .bytes: "[]"
    case .double, .float, .int32, .sint32, .sfixed32, .int64, .sint64, .sfixed64, .uint32,
      .fixed32, .uint64, .fixed64:
      "0"
    }
  }
}

extension Field {
  /// Whether logs must hide it: the option `sensitive` of a sarai package says so.
  var isSensitive: Bool {
    options.fields.contains {
      $0.name.hasPrefix("(sarai.") && $0.name.hasSuffix(".sensitive)") && $0.value == .bool(true)
    }
  }
}
