/// Why bytes are not a message, or a message has no bytes, and where.
public struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong, one case for each refusal of the specification (Proto/README.md).
  public enum Reason: String, Sendable, Hashable, CaseIterable {
    // Binary
    case truncated = "the input ends inside a value"
    case overlongVarint = "a varint longer than its value needs"
    case varintTooLong = "a varint of more than 10 bytes or 64 bits"
    case lengthPastEnd = "a length that reaches past the end"
    case invalidUTF8 = "a string that is not UTF-8"
    case unsortedMapKey = "a map key that is not above the one before it"
    case explicitDefault = "a default value that must be left out"
    case outOfRange = "a value outside its type"
    case presenceTooWide = "a presence of more than 63 bits"
    case unknownPresence = "a presence bit below a known field that this schema does not have"
    case severalOneofMembers = "two members of one oneof"
    case trailingBytes = "bytes after the end of the message"
    case nestingTooDeep = "nesting deeper than the limit"
    case memoryBudget = "more memory than the decoding budget allows"
    case invalidTag = "a tag with a field number of 0 or a wire type that does not exist"
    case unmatchedGroup = "the end of a group that was not begun, or a group without an end"
    // JSON
    case invalidJSON = "malformed JSON"
    case unknownMember = "a member that the message does not have"
    case duplicateMember = "a member given twice"
    case wrongType = "a value of the wrong type"
    case unknownEnumName = "a name that the enum does not have"
    case invalidFormat = "a value that is not in the form its type asks for"
    case unknownType = "a type that is not known here"
    // Both ways
    case unrepresentable = "a value that this encoding cannot express"
    case unknownFields = "unknown fields, which cannot go over to another encoding"
    case nativeUnavailable = "a message with field numbers above 63, which has no native encoding"
  }

  /// What is wrong.
  public var reason: Reason

  /// Where in the input: the offset of the byte that was refused. 0 when encoding.
  public var byteOffset: Int

  /// Where in JSON text; nil for binary.
  public var textPosition: TextPosition?

  /// Which member of which message, such as `items[3].price.currency`; empty where not known.
  public var path: String

  /// What was found or expected, when more can be said than `reason` does.
  public var detail: String

  /// An error at a byte.
  public init(_ reason: Reason, at byteOffset: Int, path: String = "", detail: String = "") {
    self.reason = reason
    self.byteOffset = byteOffset
    self.path = path
    self.detail = detail
  }

  /// The fault in one line, such as `byte 17: a string that is not UTF-8`.
  public var description: String {
    var line = textPosition.map { "line \($0.line), column \($0.column)" } ?? "byte \(byteOffset)"
    if !path.isEmpty { line += ", \(path)" }
    line += ": \(reason.rawValue)"
    return detail.isEmpty ? line : "\(line) (\(detail))"
  }
}

/// A place in a text; line and column count from 1, columns in bytes.
public struct TextPosition: Hashable, Sendable {
  /// 1-based.
  public var line: Int
  /// 1-based, in bytes.
  public var column: Int

  /// The place of the byte at `offset` of `text`.
  init(of offset: Int, in text: Span<UInt8>) {
    line = 1
    column = 1
    for index in 0..<min(offset, text.count) {
      if text[index] == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else {
        column += 1
      }
    }
  }
}

/// A fault while it is thrown through the engine: two words, no allocation.
@usableFromInline
struct WireFault: Error {
  var reason: WireError.Reason
  var byteOffset: Int
}
