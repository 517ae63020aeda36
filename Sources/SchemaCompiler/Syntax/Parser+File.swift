extension Parser {
  /// A whole file.
  mutating func file() -> FileSyntax {
    let start = current.span.start
    var file = FileSyntax(path: path, span: SourceSpan(start: start, end: start))
    readVersion(into: &file)
    while !isAtEnd {
      do throws(ParserRecovery) { try topLevel(&file) } catch { skipStatement() }
    }
    file.span.end = previousEnd
    return file
  }

  private mutating func readVersion(into file: inout FileSyntax) {
    guard current.isKeyword("syntax") else {
      if current.isKeyword("edition") {
        report(
          current.span, "protobuf editions are not supported",
          hint: #"Start the file with `syntax = "proto3";`."#)
        skipStatement()
      } else if !isAtEnd {
        let place = SourceLocation(
          file: path, line: current.span.start.line, column: current.span.start.column)
        lexer.diagnostics.error(
          place, "no `syntax` line, which would make it proto2",
          hint: #"Start the file with `syntax = "proto3";`."#)
      }
      return
    }
    do throws(ParserRecovery) {
      let start = current.span.start
      advance()
      try expect(symbol: "=")
      let (bytes, span) = try string(#""proto3""#)
      let comments = try endHead(";")
      file.versionInfo = SyntaxInfo(span: self.span(from: start), comments: comments)
      switch String(decoding: bytes, as: UTF8.self) {
      case "proto3": file.version = .proto3
      case "proto2": file.version = .proto2
      case let other:
        report(
          span, "the syntax `\(other.prefix(32))` is not known",
          hint: #"Write `syntax = "proto3";`."#)
        file.version = .proto3
      }
    } catch {
      skipStatement()
      file.version = .proto3
    }
  }

  private mutating func topLevel(_ file: inout FileSyntax) throws(ParserRecovery) {
    if current.isSymbol(";") { return try endQuietly(";") }
    switch current.kind == .identifier ? current.text : "" {
    case "message": file.messages.append(try message(depth: 1))
    case "enum": file.enums.append(try enumeration())
    case "service": file.services.append(try service())
    case "extend": file.extensions += try extend()
    case "import": file.imports.append(try importStatement())
    case "option": try optionStatement(into: &file.options)
    case "package": try package(into: &file)
    case "syntax":
      report(current.span, "`syntax` must come first in the file, and once")
      throw ParserRecovery()
    case let word:
      if current.isSymbol("}") {
        report(current.span, "a `}` without its `{`")
        advance()
        return
      }
      let near = Suggestion.nearest(to: word, among: Self.topLevelKeywords)
      throw unexpected(
        "a declaration (`message`, `enum`, `service`, `extend`, `import`, `option`)",
        hint: near.map { "Did you mean `\($0)`?" })
    }
  }

  private static let topLevelKeywords = [
    "message", "enum", "service", "extend", "import", "option", "package",
  ]

  private mutating func package(into file: inout FileSyntax) throws(ParserRecovery) {
    let start = current.span.start
    try expect(keyword: "package")
    let name = try dottedName("the package's name")
    let comments = try endHead(";")
    if file.package != nil {
      report(span(from: start), "a second `package` line", hint: "A file has one package.")
      return
    }
    file.package = name
    file.packageInfo = SyntaxInfo(span: span(from: start), comments: comments)
  }

  private mutating func importStatement() throws(ParserRecovery) -> ImportSyntax {
    let start = current.span.start
    try expect(keyword: "import")
    var kind = Import.Kind.plain
    if take(keyword: "public") {
      kind = .public
    } else if take(keyword: "weak") {
      kind = .weak
    }
    let (bytes, span) = try string("the path of the file to import, in quotes")
    let comments = try endHead(";")
    let path = Name(text: String(decoding: bytes, as: UTF8.self), span: span)
    let info = SyntaxInfo(span: self.span(from: start), comments: comments)
    return ImportSyntax(path: path, kind: kind, info: info)
  }
}
