/// A JSON value whose objects keep the order of their members.
indirect enum JSONValue: Sendable, Hashable, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  case object([Member])
  case array([JSONValue])
  case string(String)
  case integer(Int)
  case bool(Bool)

  struct Member: Sendable, Hashable {
    let name: String
    let value: JSONValue
  }

  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(elements.map { Member(name: $0.0, value: $0.1) })
  }

  /// Adds a member to an object; nil and empty texts, lists and objects are left out.
  mutating func set(_ name: String, _ value: JSONValue?) {
    guard case .object(var members) = self, let value, !value.isEmpty else { return }
    members.append(Member(name: name, value: value))
    self = .object(members)
  }

  private var isEmpty: Bool {
    switch self {
    case .object(let members): members.isEmpty
    case .array(let elements): elements.isEmpty
    case .string(let text): text.isEmpty
    case .integer, .bool: false
    }
  }

  /// What the members called `$ref` within it say.
  var references: [String] {
    switch self {
    case .object(let members):
      members.flatMap { member in
        if member.name == "$ref", case .string(let reference) = member.value { return [reference] }
        return member.value.references
      }
    case .array(let elements): elements.flatMap(\.references)
    case .string, .integer, .bool: []
    }
  }

  /// The text, indented by two spaces a level.
  var text: String {
    var text = ""
    write(to: &text, indent: "\n")
    return text + "\n"
  }

  private func write(to text: inout String, indent: String) {
    switch self {
    case .object(let members):
      let inner = indent + "  "
      text += "{"
      for (place, member) in members.enumerated() {
        text += (place == 0 ? "" : ",") + inner
        Self.quote(member.name, to: &text)
        text += ": "
        member.value.write(to: &text, indent: inner)
      }
      text += (members.isEmpty ? "" : indent) + "}"
    case .array(let elements):
      let inner = indent + "  "
      text += "["
      for (place, element) in elements.enumerated() {
        text += (place == 0 ? "" : ",") + inner
        element.write(to: &text, indent: inner)
      }
      text += (elements.isEmpty ? "" : indent) + "]"
    case .string(let string): Self.quote(string, to: &text)
    case .integer(let integer): text += "\(integer)"
    case .bool(let bool): text += "\(bool)"
    }
  }

  private static func quote(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\u{0}"..."\u{1F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
