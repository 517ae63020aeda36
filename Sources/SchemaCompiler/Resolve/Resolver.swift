/// Turns syntax trees into a schema: declares every name, looks names up, holds the files against
/// the language's rules, and gives options their meaning.
struct Resolver {
  let files: [FileSyntax]
  var diagnostics: DiagnosticList
  var symbols = SymbolTable()
  /// Message and enum types by full name, their options not resolved yet.
  var types = TypeIndex()
  /// For each file, those whose names its importers see.
  private var exported: [Set<Int>] = []
  /// The numbers with which each message was extended, and where.
  var extensionNumbers: [String: [Int: SourceLocation]] = [:]
  /// The file being resolved: an index into `files`.
  var file = 0
  /// The files whose names the current file has used.
  var used: Set<Int> = []

  init(files: [FileSyntax], diagnostics: DiagnosticList) {
    self.files = files
    self.diagnostics = diagnostics
    self.diagnostics.isParsing = false
  }

  var syntax: FileSyntax { files[file] }
  var package: String { syntax.package?.text ?? "" }
  var isProto3: Bool { syntax.version == .proto3 }
  /// Whether Sarai's own rules hold for the current file.
  var isSarai: Bool { package == "sarai" || package.hasPrefix("sarai.") }

  mutating func resolve() -> Schema? {
    symbols.visible = visibleFiles()
    for index in files.indices {
      file = index
      declareNames()
    }
    var resolved: [SchemaFile] = []
    types = TypeIndex(fallback: BuiltInFiles.optionTypes)
    for index in files.indices {
      file = index
      used = []
      var result = resolveFile()
      types.add(result)
      resolveOptions(of: &result)
      checkMethodRules(of: result)
      warnOfUnusedImports()
      resolved.append(result)
      if diagnostics.isFull { return nil }
    }
    if diagnostics.hasErrors { return nil }
    markRecursion(in: &resolved)
    return Schema(files: resolved)
  }

  /// The only file, its types resolved and its options left alone.
  mutating func resolveStructure() -> SchemaFile? {
    symbols.visible = visibleFiles()
    declareNames()
    let result = resolveFile()
    return diagnostics.hasErrors ? nil : result
  }

  // MARK: Reporting

  func location(_ span: SourceSpan) -> SourceLocation { SourceLocation(syntax.path, span) }

  mutating func report(_ span: SourceSpan, _ message: String, hint: String? = nil) {
    diagnostics.error(location(span), message, hint: hint)
  }

  func source(_ info: SyntaxInfo) -> SourceInfo {
    SourceInfo(
      location: location(info.span), endLine: info.span.end.line, endColumn: info.span.end.column,
      comments: info.comments)
  }

  // MARK: Imports

  /// For each file: itself, what it imports, and what that imports publicly.
  private mutating func visibleFiles() -> [Set<Int>] {
    let indexes = Dictionary(
      files.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    var visible: [Set<Int>] = []
    for (index, file) in files.enumerated() {
      var seen: Set<Int> = [index]
      var shown: Set<Int> = [index]
      for item in file.imports {
        // Imports stand before their importers; one that does not is part of a circle.
        guard let target = indexes[item.path.text], target < index else { continue }
        seen.formUnion(exported[target])
        if item.kind == .public { shown.formUnion(exported[target]) }
      }
      exported.append(shown)
      visible.append(seen)
    }
    return visible
  }

  private mutating func warnOfUnusedImports() {
    for item in syntax.imports where item.kind == .plain {
      guard let target = files[..<file].firstIndex(where: { $0.path == item.path.text }) else {
        continue
      }
      if used.isDisjoint(with: exported[target]) {
        diagnostics.warning(
          location(item.path.span), "`\(item.path.text)` is imported but not used",
          hint: "Remove the line.")
      }
    }
  }
}
