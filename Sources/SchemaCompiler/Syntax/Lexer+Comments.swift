extension Lexer {
  /// Reads white space and comments up to the next token and says to which token each belongs.
  ///
  /// A comment trails the token before when it starts on that token's line and ends its line, or
  /// when a blank line parts it from what follows; it leads the token after when nothing parts
  /// them; every other one is detached. (descriptor.proto, `SourceCodeInfo.Location`.)
  mutating func commentGap(afterToken: Bool) -> CommentGap {
    var collector = CommentCollector(mayTrail: afterToken)
    if afterToken {
      skipBlanks()
      switch startComment() {
      case .line:
        collector.addLine(lineComment())
        collector.flush()
      case .block:
        collector.addBlock(blockComment())
        skipBlanks()
        guard skipNewline() else {
          // The next token stands on the same line: nobody knows whose comment it is.
          collector.drop()
          return collector.gap
        }
        collector.flush()
      case nil:
        guard skipNewline() else { return collector.gap }
      }
    }
    while true {
      skipBlanks()
      switch startComment() {
      case .line: collector.addLine(lineComment())
      case .block:
        collector.addBlock(blockComment())
        skipBlanks()
        _ = skipNewline()
      case nil:
        if skipNewline() {
          collector.flush()
          collector.mayTrail = false
        } else {
          let closes = byte == 0x7D || byte == 0x5D || byte == 0x29
          if closes || byte == nil { collector.flush() }
          return collector.finish()
        }
      }
    }
  }

  private enum CommentStart { case line, block }

  private mutating func skipBlanks() {
    while let byte, Ascii.isBlank(byte) { advance() }
  }

  private mutating func skipNewline() -> Bool {
    guard byte == Ascii.newline else { return false }
    advance()
    return true
  }

  private mutating func startComment() -> CommentStart? {
    guard byte == Ascii.slash else { return nil }
    switch byte(after: 1) {
    case Ascii.slash:
      advance()
      advance()
      return .line
    case Ascii.star:
      return .block
    default:
      return nil
    }
  }

  /// The rest of the line with its line feed.
  private mutating func lineComment() -> String {
    let first = offset
    while let byte, byte != Ascii.newline { advance() }
    _ = skipNewline()
    return text(from: first)
  }

  /// What stands between the marks, without the stars that lines begin with.
  private mutating func blockComment() -> String {
    let start = position
    advance()
    advance()
    var content: [UInt8] = []
    while let byte {
      if byte == Ascii.star, self.byte(after: 1) == Ascii.slash {
        advance()
        advance()
        return String(decoding: content, as: UTF8.self)
      }
      content.append(byte)
      advance()
      guard byte == Ascii.newline else { continue }
      skipBlanks()
      if self.byte == Ascii.star, self.byte(after: 1) != Ascii.slash { advance() }
    }
    error(at: start, "a comment that is never closed", hint: "End it with `*/`.")
    return String(decoding: content, as: UTF8.self)
  }
}

/// Sorts the comments of one gap.
private struct CommentCollector {
  var mayTrail: Bool
  private(set) var gap = CommentGap()
  private var pending: String?
  private var pendingIsLine = false

  init(mayTrail: Bool) { self.mayTrail = mayTrail }

  /// Line comments on successive lines are one comment.
  mutating func addLine(_ text: String) {
    if pending != nil, !pendingIsLine { flush() }
    pending = (pending ?? "") + text
    pendingIsLine = true
  }

  mutating func addBlock(_ text: String) {
    flush()
    pending = text
    pendingIsLine = false
  }

  mutating func drop() { pending = nil }

  mutating func flush() {
    guard let text = pending else { return }
    if mayTrail {
      gap.trailing = text
      mayTrail = false
    } else {
      gap.detached.append(text)
    }
    pending = nil
  }

  consuming func finish() -> CommentGap {
    gap.leading = pending
    return gap
  }
}
