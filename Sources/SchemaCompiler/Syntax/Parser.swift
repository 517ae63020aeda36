/// Thrown after a fault was reported, to get back to the nearest statement list.
struct ParserRecovery: Error {}

/// Reads the tokens of one file into its syntax tree, reporting as many faults as there are.
///
/// Every statement list catches the faults of its statements, skips to the end of the one at fault
/// (past the next `;` or balanced block) and goes on.
struct Parser {
  /// How deep messages, and option values, may nest.
  static let depthMax = 32
  /// A larger file is refused before it is read.
  static let fileBytesMax = 1 << 20

  let path: String
  var lexer: Lexer
  var current: Token
  /// Where the token before the current one ended.
  var previousEnd = Position(line: 1, column: 1)
  /// The comments that lead the statement to come.
  private var upcoming = CommentGap()

  /// Reads `text`; always gives a tree, of whatever could be understood.
  static func parse(
    path: String, text: [UInt8], into diagnostics: inout DiagnosticList
  ) -> FileSyntax {
    let start = Position(line: 1, column: 1)
    let empty = FileSyntax(path: path, span: SourceSpan(start: start, end: start))
    let place = SourceLocation(file: path, line: 1, column: 1)
    guard text.count <= fileBytesMax else {
      diagnostics.error(place, "a schema file of more than \(fileBytesMax) bytes")
      return empty
    }
    guard String(validating: text, as: UTF8.self) != nil else {
      diagnostics.error(place, "the file is not UTF-8", hint: "Save it with that encoding.")
      return empty
    }
    var parser = Parser(path: path, lexer: Lexer(file: path, bytes: text, diagnostics: diagnostics))
    let file = parser.file()
    diagnostics = parser.lexer.diagnostics
    return file
  }

  private init(path: String, lexer: Lexer) {
    self.path = path
    self.lexer = lexer
    current = self.lexer.next()
    upcoming = current.comments
  }

  // MARK: Tokens

  var isAtEnd: Bool { current.kind == .end }

  mutating func advance() {
    previousEnd = current.span.end
    current = lexer.next()
  }

  func span(from start: Position) -> SourceSpan { SourceSpan(start: start, end: previousEnd) }

  mutating func report(_ span: SourceSpan, _ message: String, hint: String? = nil) {
    lexer.error(at: span.start, message, hint: hint)
  }

  /// Reports that something else was expected than the current token.
  mutating func unexpected(_ expectation: String, hint: String? = nil) -> ParserRecovery {
    report(current.span, "expected \(expectation), found \(current.description)", hint: hint)
    return ParserRecovery()
  }

  mutating func take(symbol: String) -> Bool {
    guard current.isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(keyword: String) -> Bool {
    guard current.isKeyword(keyword) else { return false }
    advance()
    return true
  }

  mutating func expect(symbol: String, hint: String? = nil) throws(ParserRecovery) {
    guard take(symbol: symbol) else { throw unexpected("`\(symbol)`", hint: hint) }
  }

  mutating func expect(keyword: String) throws(ParserRecovery) {
    guard take(keyword: keyword) else { throw unexpected("`\(keyword)`") }
  }

  mutating func identifier(_ what: String) throws(ParserRecovery) -> Name {
    guard current.kind == .identifier else { throw unexpected(what) }
    let name = Name(text: current.text, span: current.span)
    advance()
    return name
  }

  /// `a.b.c`, with a dot in front where a type is meant.
  mutating func dottedName(
    _ what: String, mayBeAbsolute: Bool = false
  ) throws(ParserRecovery) -> Name {
    let start = current.span.start
    var text = ""
    if mayBeAbsolute, take(symbol: ".") { text = "." }
    text += try identifier(what).text
    while take(symbol: ".") {
      text += "."
      text += try identifier("a name after the `.`").text
      if text.utf8.count > SymbolTable.nameBytesMax {
        report(span(from: start), "a name of more than \(SymbolTable.nameBytesMax) bytes")
        throw ParserRecovery()
      }
    }
    return Name(text: text, span: span(from: start))
  }

  /// Adjoining strings, joined.
  mutating func string(_ what: String) throws(ParserRecovery) -> (bytes: [UInt8], SourceSpan) {
    let start = current.span.start
    guard case .string(var bytes) = current.kind else { throw unexpected(what) }
    advance()
    while case .string(let more) = current.kind {
      bytes += more
      advance()
    }
    return (bytes, span(from: start))
  }

  /// An integer with an optional minus sign.
  mutating func integer(
    _ what: String, mayBeNegative: Bool, hint: String? = nil
  ) throws(ParserRecovery) -> NumberSyntax {
    let start = current.span.start
    let isNegative = mayBeNegative && take(symbol: "-")
    guard case .integer(let magnitude) = current.kind else { throw unexpected(what, hint: hint) }
    advance()
    let limit = isNegative ? UInt64(Int32.min.magnitude) : UInt64(Int32.max)
    if magnitude > limit {
      report(span(from: start), "a number that does not fit 32 bits")
    }
    let value = Int64(clamping: min(magnitude, limit))
    return NumberSyntax(value: isNegative ? -value : value, span: span(from: start))
  }

  // MARK: Statements

  /// Takes the `;` or `{` that ends a declaration's head, with the comments that belong to it.
  mutating func endHead(_ symbol: String, hint: String? = nil) throws(ParserRecovery) -> Comments {
    try expect(symbol: symbol, hint: hint)
    let comments = Comments(
      leading: upcoming.leading, trailing: current.comments.trailing, detached: upcoming.detached)
    upcoming = current.comments
    return comments
  }

  /// Takes a `;` or `}` that no declaration's comments hang on.
  mutating func endQuietly(_ symbol: String) throws(ParserRecovery) {
    try expect(symbol: symbol)
    let detached = symbol == "}" ? [] : upcoming.detached
    upcoming = current.comments
    upcoming.detached = detached + upcoming.detached
  }

  /// Statements up to the `}` that closes the block whose `{` was just taken.
  mutating func block(
    _ what: String, _ statement: (inout Parser) throws(ParserRecovery) -> Void
  ) throws(ParserRecovery) {
    while !current.isSymbol("}") {
      if isAtEnd { throw unexpected("`}` to close the \(what)") }
      if current.isSymbol(";") {
        try endQuietly(";")
        continue
      }
      do throws(ParserRecovery) { try statement(&self) } catch { skipStatement() }
    }
    try endQuietly("}")
  }

  /// Skips past the next `;` or balanced block, or up to a `}` that closes an outer one.
  mutating func skipStatement() {
    while !isAtEnd {
      if current.isSymbol(";") { return advanceFresh() }
      if current.isSymbol("}") { return }
      if current.isSymbol("{") { return skipBlock() }
      advance()
    }
  }

  private mutating func skipBlock() {
    var depth = 0
    while !isAtEnd {
      if current.isSymbol("{") { depth += 1 }
      if current.isSymbol("}") { depth -= 1 }
      if depth == 0 { return advanceFresh() }
      advance()
    }
  }

  private mutating func advanceFresh() {
    advance()
    upcoming = current.comments
  }
}
