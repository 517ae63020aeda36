/// Reads files and what they import, each once, imports first.
struct Loader<Source: SchemaSource> {
  /// How long a chain of imports may be.
  private static var depthMax: Int { 128 }
  /// How many files one compilation may have.
  private static var filesMax: Int { 4_096 }

  let source: Source
  private(set) var files: [FileSyntax] = []
  var diagnostics = DiagnosticList()
  private var isLoaded: [String: Bool] = [:]
  /// The files whose imports are being read.
  private var chain: [String] = []

  init(source: Source) { self.source = source }

  /// Reads a file that nobody imports.
  mutating func load(root path: String) {
    if isLoaded[path] == nil, !load(path) {
      diagnostics.error(
        SourceLocation(file: path, line: 1, column: 1), "there is no such file",
        hint: "Paths are relative to a root; look at the roots given.")
    }
  }

  /// Whether there is such a file.
  private mutating func load(_ path: String) -> Bool {
    guard let text = source.text(at: path) ?? BuiltInFiles.text(at: path) else { return false }
    let file = Parser.parse(path: path, text: text, into: &diagnostics)
    isLoaded[path] = false
    chain.append(path)
    var seen: Set<String> = []
    for item in file.imports {
      let place = SourceLocation(path, item.path.span)
      guard seen.insert(item.path.text).inserted else {
        diagnostics.error(place, "`\(item.path.text)` is imported twice", hint: "Remove one.")
        continue
      }
      load(item.path.text, at: place)
    }
    chain.removeLast()
    isLoaded[path] = true
    files.append(file)
    return true
  }

  private mutating func load(_ path: String, at place: SourceLocation) {
    switch isLoaded[path] {
    case true?: break
    case false?:
      let cycle = chain.drop { $0 != path } + [path]
      diagnostics.error(
        place, "a circle of imports: \(cycle.joined(separator: " -> "))",
        hint: "Move what both need into a file of its own.")
    case nil:
      if chain.count >= Self.depthMax || isLoaded.count >= Self.filesMax {
        diagnostics.error(place, "too many files import each other")
      } else if !load(path) {
        diagnostics.error(
          place, "the imported file `\(path)` is not there",
          hint: "An import names the path below one of the roots.")
      }
    }
  }
}

extension SourceLocation {
  init(_ file: String, _ span: SourceSpan) {
    self.init(file: file, line: span.start.line, column: span.start.column)
  }
}
