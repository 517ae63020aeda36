/// Why text is not JSON.
public struct JSONFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, and at which byte.
  public let description: String
}

extension JSONValue {
  /// Reads one value, which the text must hold exactly.
  ///
  /// - Throws: `JSONFault` for what is not JSON, a member given twice, and nesting over 64.
  public init(parsing text: some Sequence<UInt8>) throws(JSONFault) {
    var parser = JSONParser(bytes: Array(text))
    self = try parser.value(depth: 0)
    try parser.requireEnd()
  }
}

/// Reads JSON text (RFC 8259), strictly.
private struct JSONParser {
  private static let nestingMax = 64

  let bytes: [UInt8]
  var position = 0

  func fault(_ reason: String) -> JSONFault {
    JSONFault(description: "byte \(position): \(reason)")
  }

  mutating func peek() -> UInt8? {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      case let byte: return byte
      }
    }
    return nil
  }

  mutating func requireEnd() throws(JSONFault) {
    if peek() != nil { throw fault("something follows the end of the JSON") }
  }

  mutating func take(_ byte: Character) -> Bool {
    guard peek() == byte.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func expect(_ byte: Character) throws(JSONFault) {
    guard take(byte) else { throw fault("`\(byte)` is missing") }
  }

  mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth < Self.nestingMax else { throw fault("nested deeper than \(Self.nestingMax)") }
    switch peek() {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw fault("the text ends where a value belongs")
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw fault("no JSON value") }
    position += word.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(JSONFault) -> JSONValue {
    try expect("{")
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    if take("}") { return .object([]) }
    repeat {
      guard peek() == UInt8(ascii: "\"") else { throw fault("a member's name is missing") }
      let name = try string()
      guard names.insert(name).inserted else { throw fault("`\(name)` is there twice") }
      try expect(":")
      members.append(JSONValue.Member(name, try value(depth: depth + 1)))
    } while take(",")
    try expect("}")
    return .object(members)
  }

  private mutating func array(depth: Int) throws(JSONFault) -> JSONValue {
    try expect("[")
    var elements: [JSONValue] = []
    if take("]") { return .array([]) }
    repeat { elements.append(try value(depth: depth + 1)) } while take(",")
    try expect("]")
    return .array(elements)
  }

  private mutating func number() throws(JSONFault) -> JSONValue {
    let start = position
    _ = skip("-")
    if !skip("0") { try digits() }
    if skip(".") { try digits() }
    if skip("e") || skip("E") {
      if !skip("+") { _ = skip("-") }
      try digits()
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func skip(_ byte: Character) -> Bool {
    guard position < bytes.count, bytes[position] == byte.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func digits() throws(JSONFault) {
    let start = position
    while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
    if start == position { throw fault("no JSON value") }
  }

  private mutating func string() throws(JSONFault) -> String {
    try expect("\"")
    var units: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        guard let text = String(validating: units, as: UTF8.self) else { throw fault("not UTF-8") }
        position += 1
        return text
      case UInt8(ascii: "\\"): try escape(into: &units)
      case ..<0x20: throw fault("a control character in a string; escape it")
      default:
        units.append(byte)
        position += 1
      }
    }
    throw fault("a string without an end")
  }

  private mutating func escape(into units: inout [UInt8]) throws(JSONFault) {
    position += 1
    guard position < bytes.count else { throw fault("a string without an end") }
    let plain: [UInt8: UInt8] = [
      0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 0x08, 0x66: 0x0C, 0x6E: 0x0A, 0x72: 0x0D,
      0x74: 0x09,
    ]
    if let byte = plain[bytes[position]] {
      units.append(byte)
      position += 1
      return
    }
    guard skip("u") else { throw fault("no escape that JSON has") }
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code), skip("\\"), skip("u") {
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw fault("half of a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair") }
    units += Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, !digits.contains(UInt8(ascii: "+")),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("four hexadecimal digits are missing") }
    position += 4
    return code
  }
}
