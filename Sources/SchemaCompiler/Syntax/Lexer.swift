/// Cuts the text of a schema file into tokens, one at a time.
struct Lexer {
  /// Identifiers longer than this are refused, so that names stay bounded.
  static let identifierBytesMax = 255

  let file: String
  let bytes: [UInt8]
  var offset = 0
  var position = Position(line: 1, column: 1)
  var diagnostics: DiagnosticList
  private var isFirst = true

  init(file: String, bytes: [UInt8], diagnostics: DiagnosticList) {
    self.file = file
    self.bytes = bytes
    self.diagnostics = diagnostics
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// The byte at the current offset, if any is left.
  var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  func byte(after count: Int) -> UInt8? {
    offset + count < bytes.count ? bytes[offset + count] : nil
  }

  /// Steps over one byte, counting lines and characters.
  mutating func advance() {
    let byte = bytes[offset]
    if byte == Ascii.newline {
      position = Position(line: position.line + 1, column: 1)
    } else if byte & 0xC0 != 0x80 {
      position.column += 1
    }
    offset += 1
  }

  mutating func error(at position: Position, _ message: String, hint: String? = nil) {
    let place = SourceLocation(file: file, line: position.line, column: position.column)
    diagnostics.error(place, message, hint: hint)
  }

  /// The next token; at the end, and once too much is wrong, a token of kind `end`.
  mutating func next() -> Token {
    var gap = commentGap(afterToken: !isFirst)
    isFirst = false
    while true {
      let start = position
      guard let byte, !diagnostics.isFull else {
        return token(.end, from: start, text: "", gap)
      }
      switch byte {
      case Ascii.isIdentifierStart: return identifier(gap)
      case Ascii.isDigit: return number(gap)
      case Ascii.dot:
        if let next = self.byte(after: 1), Ascii.isDigit(next) { return number(gap) }
        return symbol(gap)
      case Ascii.quote, Ascii.apostrophe: return string(gap)
      case 0x21...0x7E: return symbol(gap)
      default:
        refuse(byte)
        let more = commentGap(afterToken: false)
        gap.detached += more.detached
        gap.leading = more.leading
      }
    }
  }

  func token(_ kind: Token.Kind, from start: Position, text: String, _ gap: CommentGap) -> Token {
    Token(
      kind: kind, text: text, span: SourceSpan(start: start, end: position), comments: gap)
  }

  func text(from start: Int) -> String { String(decoding: bytes[start..<offset], as: UTF8.self) }

  private mutating func symbol(_ gap: CommentGap) -> Token {
    let start = position
    let first = offset
    advance()
    return token(.symbol, from: start, text: text(from: first), gap)
  }

  private mutating func identifier(_ gap: CommentGap) -> Token {
    let start = position
    let first = offset
    while let byte, Ascii.isIdentifierPart(byte) { advance() }
    if offset - first > Self.identifierBytesMax {
      error(at: start, "a name of more than \(Self.identifierBytesMax) characters")
      let shortened = String(decoding: bytes[first..<first + 32], as: UTF8.self)
      return token(.identifier, from: start, text: shortened, gap)
    }
    return token(.identifier, from: start, text: text(from: first), gap)
  }

  /// Reports a byte that can start no token, and steps over it and its like.
  private mutating func refuse(_ byte: UInt8) {
    let start = position
    let first = offset
    if byte < 0x80 {
      advance()
      let code = String(byte, radix: 16, uppercase: true)
      error(at: start, "the control character U+\(code.count < 2 ? "000" : "00")\(code)")
    } else {
      while let byte = self.byte, byte >= 0x80, offset - first < 32 { advance() }
      error(
        at: start, "`\(text(from: first))` outside of a string or comment",
        hint: "Names are written with the letters a-z, A-Z, digits and `_`.")
    }
  }
}

/// The classes of ASCII characters that the grammar tells apart.
enum Ascii {
  static let newline: UInt8 = 0x0A
  static let quote: UInt8 = 0x22
  static let apostrophe: UInt8 = 0x27
  static let star: UInt8 = 0x2A
  static let dot: UInt8 = 0x2E
  static let slash: UInt8 = 0x2F
  static let backslash: UInt8 = 0x5C

  static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  static func isIdentifierStart(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x5F
  }
  static func isIdentifierPart(_ byte: UInt8) -> Bool {
    isIdentifierStart(byte) || isDigit(byte)
  }
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || (0x0B...0x0D).contains(byte)
  }
  /// The value of a hexadecimal digit.
  static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    case 0x41...0x46: byte - 0x41 + 10
    default: nil
    }
  }
}

/// Lets a class of characters stand as a pattern in a `switch`.
func ~= (matches: (UInt8) -> Bool, byte: UInt8) -> Bool { matches(byte) }
