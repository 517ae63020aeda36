extension Lexer {
  /// An integer (decimal, 0x hexadecimal, 0 octal) or a float.
  mutating func number(_ gap: CommentGap) -> Token {
    let start = position
    let first = offset
    if byte == 0x30, let mark = byte(after: 1), mark == 0x78 || mark == 0x58 {
      advance()
      advance()
      let digits = offset
      while let byte, Ascii.hexValue(byte) != nil { advance() }
      return integer(digits..<offset, radix: 16, from: start, first: first, gap)
    }
    let isFloat = decimalNumber()
    let literal = text(from: first)
    if let byte, Ascii.isIdentifierPart(byte) || byte == Ascii.dot {
      while let byte = self.byte, Ascii.isIdentifierPart(byte) || byte == Ascii.dot { advance() }
      let shown = String(decoding: bytes[first..<min(offset, first + 64)], as: UTF8.self)
      error(at: start, "`\(shown)` is not a number", hint: "Names cannot start with a digit.")
      return token(.integer(0), from: start, text: literal, gap)
    }
    if isFloat {
      // C's `1.5f` is dropped by the grammar, so what is left is what Double reads.
      return token(.float(Double(literal) ?? 0), from: start, text: literal, gap)
    }
    if literal.utf8.count > 1, literal.utf8.first == 0x30 {
      return integer(first + 1..<offset, radix: 8, from: start, first: first, gap)
    }
    guard let value = UInt64(literal) else {
      return token(.float(Double(literal) ?? .infinity), from: start, text: literal, gap)
    }
    return token(.integer(value), from: start, text: literal, gap)
  }

  /// Steps over digits, a fraction and an exponent; whether there was more than digits.
  private mutating func decimalNumber() -> Bool {
    var isFloat = false
    while let byte, Ascii.isDigit(byte) { advance() }
    if byte == Ascii.dot {
      isFloat = true
      advance()
      while let byte, Ascii.isDigit(byte) { advance() }
    }
    if byte == 0x65 || byte == 0x45 {
      let signed = byte(after: 1) == 0x2B || byte(after: 1) == 0x2D
      if let digit = byte(after: signed ? 2 : 1), Ascii.isDigit(digit) {
        isFloat = true
        advance()
        if signed { advance() }
        while let byte, Ascii.isDigit(byte) { advance() }
      }
    }
    return isFloat
  }

  private mutating func integer(
    _ digits: Range<Int>, radix: Int, from start: Position, first: Int, _ gap: CommentGap
  ) -> Token {
    let literal = text(from: first)
    let trailing = byte.map(Ascii.isIdentifierPart) ?? false
    let value = UInt64(String(decoding: bytes[digits], as: UTF8.self), radix: radix)
    guard let value, !trailing else {
      while let byte, Ascii.isIdentifierPart(byte) { advance() }
      let name = radix == 8 ? "octal" : "hexadecimal"
      error(
        at: start, "not \(radix == 8 ? "an" : "a") \(name) number of at most 64 bits",
        hint: radix == 8 ? "A number that starts with 0 is octal." : nil)
      return token(.integer(0), from: start, text: literal, gap)
    }
    return token(.integer(value), from: start, text: literal, gap)
  }

  /// A string between quotes or apostrophes, its escapes replaced.
  mutating func string(_ gap: CommentGap) -> Token {
    let start = position
    let delimiter = bytes[offset]
    advance()
    var value: [UInt8] = []
    while let byte, byte != Ascii.newline {
      if byte == delimiter {
        advance()
        return token(.string(value), from: start, text: "", gap)
      }
      if byte == Ascii.backslash {
        escape(into: &value)
      } else {
        value.append(byte)
        advance()
      }
    }
    error(
      at: start, "a string that is never closed",
      hint: "A string ends on its own line; two strings side by side are joined.")
    return token(.string(value), from: start, text: "", gap)
  }

  /// One escape of C's, with \u and \U for Unicode.
  private mutating func escape(into value: inout [UInt8]) {
    let start = position
    advance()
    guard let mark = byte, mark != Ascii.newline else { return }
    advance()
    switch mark {
    case 0x61: value.append(0x07)
    case 0x62: value.append(0x08)
    case 0x66: value.append(0x0C)
    case 0x6E: value.append(0x0A)
    case 0x72: value.append(0x0D)
    case 0x74: value.append(0x09)
    case 0x76: value.append(0x0B)
    case 0x5C, 0x27, 0x22, 0x3F: value.append(mark)
    case 0x30...0x37:
      var code = UInt32(mark - 0x30)
      for _ in 0..<2 {
        guard let byte, (0x30...0x37).contains(byte) else { break }
        code = code * 8 + UInt32(byte - 0x30)
        advance()
      }
      value.append(UInt8(truncatingIfNeeded: code))
    case 0x78, 0x58:
      guard let code = hexDigits(atLeast: 1, atMost: 2) else { return refuseEscape(at: start) }
      value.append(UInt8(truncatingIfNeeded: code))
    case 0x75, 0x55:
      let count = mark == 0x75 ? 4 : 8
      guard let code = hexDigits(atLeast: count, atMost: count) else {
        return refuseEscape(at: start)
      }
      guard let scalar = Unicode.Scalar(code) else {
        return error(at: start, "an escape that is not a Unicode character")
      }
      value.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: refuseEscape(at: start)
    }
  }

  private mutating func hexDigits(atLeast: Int, atMost: Int) -> UInt32? {
    var code: UInt32 = 0
    var count = 0
    while count < atMost, let byte, let digit = Ascii.hexValue(byte) {
      code = code << 4 | UInt32(digit)
      count += 1
      advance()
    }
    return count >= atLeast ? code : nil
  }

  private mutating func refuseEscape(at start: Position) {
    error(
      at: start, "an escape that is not known",
      hint: #"Known are \n \r \t \a \b \f \v \\ \' \" \?, \123, \x1f, \u00e9 and \U0001f600."#)
  }
}
