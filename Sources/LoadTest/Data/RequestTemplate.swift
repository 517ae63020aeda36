/// The data of a request as the person gives it: JSON whose strings may hold placeholders.
///
/// | placeholder | becomes |
/// | --- | --- |
/// | `{{seq}}` | 0, 1, 2 … by request |
/// | `{{int 1 100}}` | a random whole number, both ends included |
/// | `{{choice a b c}}` | one of the words |
/// | `{{string 64}}` | so many random letters and digits |
/// | `{{uuid}}` | a random UUID (version 4) |
///
/// Numbers may stand in strings: proto3 JSON reads `"12"` where a number belongs.
public struct RequestTemplate: Sendable {
  /// A longer string fits no message of 4 MiB, the servers' limit.
  private static let stringBytesMax = 4 << 20

  private enum Piece: Sendable {
    case text(String)
    case sequence
    case integer(ClosedRange<Int64>)
    case choice([String])
    case letters(Int)
    case uuid
  }

  private indirect enum Node: Sendable {
    case fixed(JSONValue)
    case string([Piece])
    case array([Node])
    case object([(name: String, value: Node)])
  }

  private let root: Node

  /// The names of the members at the top.
  var memberNames: [String] {
    if case .object(let members) = root { members.map(\.name) } else { [] }
  }

  /// Reads a template.
  ///
  /// - Throws: `LoadPlanError` for what is no JSON object, and for placeholders that do not exist.
  public init(_ text: some Sequence<UInt8>) throws(LoadPlanError) {
    let value: JSONValue
    do throws(JSONFault) {
      value = try JSONValue(parsing: text)
    } catch {
      throw LoadPlanError("the data is not JSON: \(error)")
    }
    guard case .object = value else { throw LoadPlanError("the data is not a JSON object: {…}") }
    root = try Self.node(value)
  }

  /// The request of that number.
  func value(_ sequence: Int, _ random: inout SeededRandom) -> JSONValue {
    Self.value(root, sequence, &random)
  }

  // MARK: Filling in

  private static func value(
    _ node: Node, _ sequence: Int, _ random: inout SeededRandom
  ) -> JSONValue {
    switch node {
    case .fixed(let value): return value
    case .string(let pieces):
      return .string(pieces.reduce(into: "") { $0 += text($1, sequence, &random) })
    case .array(let nodes): return .array(nodes.map { value($0, sequence, &random) })
    case .object(let members):
      return .object(members.map { .init($0.name, value($0.value, sequence, &random)) })
    }
  }

  private static func text(
    _ piece: Piece, _ sequence: Int, _ random: inout SeededRandom
  ) -> String {
    switch piece {
    case .text(let text): text
    case .sequence: "\(sequence)"
    case .integer(let bounds): "\(Int64.random(in: bounds, using: &random))"
    case .choice(let words): words.randomElement(using: &random) ?? ""
    case .letters(let count): RandomText.letters(count, &random)
    case .uuid: RandomText.uuid(&random)
    }
  }

  // MARK: Reading

  private static func node(_ value: JSONValue) throws(LoadPlanError) -> Node {
    switch value {
    case .string(let text):
      return try .string(pieces(text))
    case .array(let elements):
      var nodes: [Node] = []
      for element in elements { nodes.append(try node(element)) }
      return .array(nodes)
    case .object(let members):
      var nodes: [(name: String, value: Node)] = []
      for member in members { nodes.append((member.name, try node(member.value))) }
      return .object(nodes)
    default: return .fixed(value)
    }
  }

  private static func pieces(_ text: String) throws(LoadPlanError) -> [Piece] {
    var pieces: [Piece] = []
    var rest = Substring(text)
    while let open = rest.firstRange(of: "{{") {
      pieces.append(.text(String(rest[..<open.lowerBound])))
      rest = rest[open.upperBound...]
      guard let close = rest.firstRange(of: "}}") else {
        throw LoadPlanError("`{{\(rest)` in the data has no `}}`")
      }
      pieces.append(try placeholder(rest[..<close.lowerBound]))
      rest = rest[close.upperBound...]
    }
    pieces.append(.text(String(rest)))
    return pieces
  }

  private static func placeholder(_ text: Substring) throws(LoadPlanError) -> Piece {
    let words = text.split(separator: " ").map(String.init)
    switch (words.first, words.count) {
    case ("seq", 1): return .sequence
    case ("uuid", 1): return .uuid
    case ("choice", 2...): return .choice(Array(words.dropFirst()))
    case ("int", 3):
      if let low = Int64(words[1]), let high = Int64(words[2]), low <= high {
        return .integer(low...high)
      }
    case ("string", 2):
      if let count = Int(words[1]), (0...stringBytesMax).contains(count) { return .letters(count) }
    default: break
    }
    throw LoadPlanError(
      "`{{\(text)}}` is no placeholder; there are {{seq}}, {{int 1 100}}, {{choice a b c}}, "
        + "{{string 64}} and {{uuid}}")
  }
}
