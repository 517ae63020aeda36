/// What became of a set of schema files.
public struct Compilation: Sendable {
  /// The files and all that they import; nil if there were errors.
  public let schema: Schema?
  /// What was found, in the order of the places.
  public let diagnostics: [Diagnostic]

  /// Reads `paths` and what they import from `source`, and checks it all.
  ///
  /// Files of `google/protobuf/` that the source does not have are built in.
  public init(_ paths: [String], from source: some SchemaSource) {
    var loader = Loader(source: source)
    for path in paths { loader.load(root: path) }
    self.init(files: loader.files, diagnostics: loader.diagnostics)
  }

  /// Checks files, each of which stands after those that it imports.
  init(files: [FileSyntax], diagnostics: DiagnosticList) {
    var resolver = Resolver(files: files, diagnostics: diagnostics)
    let schema = resolver.resolve()
    self.schema = resolver.diagnostics.hasErrors ? nil : schema
    self.diagnostics = resolver.diagnostics.all.sorted { $0.location < $1.location }
  }
}

extension Compilation {
  /// Reads and checks the bytes of a `google.protobuf.FileDescriptorSet`.
  ///
  /// Files of `google/protobuf/` that it leaves out are built in.
  ///
  /// - Parameter name: what faults of the bytes themselves are told of.
  public init(descriptorSet bytes: [UInt8], named name: String = "descriptor set") {
    var diagnostics = DiagnosticList()
    do throws(DescriptorReader.Malformed) {
      let files = try DescriptorReader.files(in: bytes)
      var order = DescriptorOrder(files: files)
      self.init(files: order.sorted(&diagnostics), diagnostics: diagnostics)
    } catch {
      diagnostics.error(
        SourceLocation(file: name, line: 1, column: 1), "not a FileDescriptorSet that can be read",
        hint: "`schemac describe`, or protoc with --include_imports, makes one.")
      self.init(files: [], diagnostics: diagnostics)
    }
  }
}

/// Puts the files of a descriptor set, which may come in any order, after what they import.
private struct DescriptorOrder {
  private var files: [String: FileSyntax] = [:]
  private let paths: [String]
  private var isPlaced: [String: Bool] = [:]
  private var result: [FileSyntax] = []

  init(files: [FileSyntax]) {
    paths = files.map(\.path)
    for file in files where self.files[file.path] == nil { self.files[file.path] = file }
  }

  mutating func sorted(_ diagnostics: inout DiagnosticList) -> [FileSyntax] {
    for path in paths { place(path, &diagnostics, depth: 0) }
    return result
  }

  private mutating func place(_ path: String, _ diagnostics: inout DiagnosticList, depth: Int) {
    guard isPlaced[path] == nil else { return }
    isPlaced[path] = false
    var file = files[path]
    if file == nil, let text = BuiltInFiles.text(at: path) {
      file = Parser.parse(path: path, text: text, into: &diagnostics)
    }
    guard let file else { return }
    for item in file.imports {
      let target = item.path.text
      let isMissing = files[target] == nil && BuiltInFiles.text(at: target) == nil
      let isCircle = isPlaced[target] == false && !isMissing
      if isMissing || isCircle || depth > 128 {
        diagnostics.error(
          SourceLocation(path, item.path.span),
          isMissing
            ? "the imported file `\(target)` is not in the set" : "a circle of imports")
        continue
      }
      place(target, &diagnostics, depth: depth + 1)
    }
    isPlaced[path] = true
    result.append(file)
  }
}
