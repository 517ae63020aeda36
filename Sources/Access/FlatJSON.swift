/// A JSON object of the few forms that token headers and claims are made of, each in one spelling:
/// no white space, no escapes, no doubled names, whole numbers without a sign. What else JSON allows
/// is refused, so that two programs never read two things in one token.
struct FlatJSON {
  enum Value: Equatable {
    case text(String)
    case number(Int64)
    case texts([String])
    case flag(Bool)
  }

  private(set) var members: [String: Value] = [:]

  private static let memberCountMax = 32
  private static let itemCountMax = 128

  /// Nil unless the bytes are exactly one such object.
  init?(_ bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard reader.take("{") else { return nil }
    repeat {
      guard members.count < Self.memberCountMax, let name = reader.text(), reader.take(":"),
        let value = reader.value(), members.updateValue(value, forKey: name) == nil
      else { return nil }
    } while reader.take(",")
    guard reader.take("}"), reader.isAtEnd else { return nil }
  }

  subscript(text name: String) -> String? {
    guard case .text(let text) = members[name] else { return nil }
    return text
  }

  subscript(number name: String) -> Int64? {
    guard case .number(let number) = members[name] else { return nil }
    return number
  }

  subscript(texts name: String) -> [String]? {
    guard case .texts(let texts) = members[name] else { return nil }
    return texts
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    var isAtEnd: Bool { place == bytes.count }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
      place += 1
      return true
    }

    mutating func text() -> String? {
      guard take("\"") else { return nil }
      let start = place
      while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
        guard (0x20...0x7E).contains(bytes[place]), bytes[place] != UInt8(ascii: "\\") else {
          return nil
        }
        place += 1
      }
      let text = String(decoding: bytes[start..<place], as: UTF8.self)
      return take("\"") ? text : nil
    }

    mutating func value() -> Value? {
      guard place < bytes.count else { return nil }
      switch bytes[place] {
      case UInt8(ascii: "\""): return text().map { .text($0) }
      case UInt8(ascii: "["): return texts().map { .texts($0) }
      case UInt8(ascii: "0")...UInt8(ascii: "9"): return number().map { .number($0) }
      default:
        if take(word: "true") { return .flag(true) }
        if take(word: "false") { return .flag(false) }
        return nil
      }
    }

    private mutating func take(word: String) -> Bool {
      guard bytes[place...].starts(with: word.utf8) else { return false }
      place += word.utf8.count
      return true
    }

    private mutating func number() -> Int64? {
      let start = place
      while place < bytes.count, (0x30...0x39).contains(bytes[place]) { place += 1 }
      guard place - start <= 18, place - start == 1 || bytes[start] != UInt8(ascii: "0") else {
        return nil
      }
      return bytes[start..<place].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private mutating func texts() -> [String]? {
      guard take("[") else { return nil }
      if take("]") { return [] }
      var texts: [String] = []
      repeat {
        guard texts.count < FlatJSON.itemCountMax, let text = text() else { return nil }
        texts.append(text)
      } while take(",")
      return take("]") ? texts : nil
    }
  }

  /// The object's one spelling, members in the order given.
  static func text(_ members: [(String, Value)]) -> String {
    let parts = members.map { name, value in
      let text =
        switch value {
        case .text(let text): "\"\(text)\""
        case .number(let number): "\(number)"
        case .texts(let texts): "[" + texts.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        case .flag(let flag): "\(flag)"
        }
      return "\"\(name)\":\(text)"
    }
    return "{" + parts.joined(separator: ",") + "}"
  }
}
