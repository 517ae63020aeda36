public import Wire

/// Cuts text that comes in pieces into the JSON values that stand in it one after the other.
///
/// It finds where a value ends and no more: whether it is JSON at all is seen when it is read.
public struct JSONSplitter: Sendable {
  /// One value, and where it begins.
  public struct Value: Sendable, Hashable {
    /// The text.
    public let bytes: [UInt8]
    /// 1-based.
    public let line: Int
    /// 1-based, in bytes.
    public let column: Int

    /// The same error with its place in the whole text.
    public func placed(_ error: WireError) -> WireError {
      var error = error
      if var position = error.textPosition {
        if position.line == 1 { position.column += column - 1 }
        position.line += line - 1
        error.textPosition = position
      }
      return error
    }
  }

  /// What a value is ended by.
  private enum Scan { case closing, quote, space }

  private let valueBytesMax: Int
  private var value: [UInt8] = []
  private var scan = Scan.space
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var line = 1
  private var column = 1
  private var start = (line: 1, column: 1)
  private var whole: [Value] = []

  /// - Parameter valueBytesMax: a longer value is refused.
  public init(valueBytesMax: Int = 64 << 20) { self.valueBytesMax = valueBytesMax }

  /// Takes more text and gives the values that are whole now.
  ///
  /// - Throws: `CallFailure.input` for a value that is too long.
  public mutating func append(_ bytes: [UInt8]) throws(CallFailure) -> [Value] {
    for byte in bytes {
      take(byte)
      if value.count > valueBytesMax {
        throw .input(
          "line \(start.line), column \(start.column): a value of more than \(valueBytesMax) bytes")
      }
      if byte == UInt8(ascii: "\n") { (line, column) = (line + 1, 1) } else { column += 1 }
    }
    defer { whole = [] }
    return whole
  }

  /// The value that the end of the text ends, which need not be whole.
  public mutating func finish() -> Value? {
    end()
    return whole.popLast()
  }

  private mutating func take(_ byte: UInt8) {
    if value.isEmpty { return begin(byte) }
    if scan == .space {
      if Self.isSpace(byte) { return end() }
      if !Self.opens(byte) { return value.append(byte) }
      end()
      return begin(byte)
    }
    value.append(byte)
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
        if scan == .quote { end() }
      }
      return
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      if depth == 0 { end() }
    default: break
    }
  }

  private mutating func begin(_ byte: UInt8) {
    guard !Self.isSpace(byte) else { return }
    value = [byte]
    start = (line, column)
    (depth, isInString, isEscaped, scan) = (0, false, false, .space)
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["): (scan, depth) = (.closing, 1)
    case UInt8(ascii: "\""): (scan, isInString) = (.quote, true)
    default: break
    }
  }

  private mutating func end() {
    guard !value.isEmpty else { return }
    whole.append(Value(bytes: value, line: start.line, column: start.column))
    value = []
  }

  private static func opens(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "\"")
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
