/// Lines of a `.proto` file while they are being written.
struct ProtoText {
  private(set) var lines: [String] = []
  private var depth = 0

  mutating func line(_ text: String) {
    lines.append(String(repeating: "  ", count: depth) + text)
  }

  mutating func comment(_ comments: Comments) {
    for text in comments.documentation { line(text.isEmpty ? "//" : "// \(text)") }
  }

  mutating func block(_ head: String, _ body: (inout ProtoText) -> Void) {
    line("\(head) {")
    let count = lines.count
    depth += 1
    body(&self)
    depth -= 1
    if lines.count == count { lines[count - 1] += "}" } else { line("}") }
  }

  /// A string in quotes, everything but plain ASCII escaped byte by byte.
  static func quoted(_ text: String) -> String { quoted(Array(text.utf8)) }

  private static func quoted(_ bytes: [UInt8]) -> String {
    var literal = "\""
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"): literal += "\\n"
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): literal += "\\\(Character(UnicodeScalar(byte)))"
      case 0x20...0x7E: literal += String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 8)
        literal += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return literal + "\""
  }

  /// The value of an option as it is written.
  static func text(of value: OptionValue) -> String {
    switch value {
    case .bool(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .float(let value): "\(value)"
    case .string(let value): quoted(value)
    case .bytes(let value): quoted(value)
    case .enumeration(let name, let number): name.isEmpty ? "\(number)" : name
    case .message(let fields):
      fields.isEmpty
        ? "{}" : "{ \(fields.filter { !$0.isUnknown }.map(member).joined(separator: ", ")) }"
    case .packed(let values): "[\(values.map(text).joined(separator: ", "))]"
    case .unknown: ""
    }
  }

  /// A member of a message's value, where extensions stand in brackets.
  private static func member(_ field: OptionField) -> String {
    let name =
      field.name.hasPrefix("(") ? "[\(field.name.dropFirst().dropLast())]" : field.name
    return "\(name): \(text(of: field.value))"
  }
}

extension OptionField {
  /// Whether no known extension says what it means.
  var isUnknown: Bool { if case .unknown = value { true } else { false } }
}
