public import SchemaCompiler

/// Schemas from the places that commands are given.
public enum SchemaLoading {
  /// The schema of `files`, or of all below `roots`. Warnings go to standard error.
  public static func compile(
    _ files: [String], roots: [String]
  ) throws(CommandFailure) -> (schema: Schema, files: [String]) {
    var paths: [String] = []
    for file in files { paths.append(try path(of: file, below: roots)) }
    if files.isEmpty {
      for root in roots { paths += try FileSystem.schemaFiles(below: root) }
    }
    guard !paths.isEmpty else { throw .usage("there are no .proto files; see --proto") }
    let compilation = Compilation(paths, from: SchemaRoots(folders: roots))
    let report = compilation.diagnostics.map(\.description).joined(separator: "\n")
    guard let schema = compilation.schema else { throw .findings(report) }
    if !report.isEmpty { Output.complain(report) }
    return (schema, paths)
  }

  /// How imports name a file: as given, or relative to the root that it lies below.
  private static func path(of file: String, below roots: [String]) throws(CommandFailure) -> String
  {
    if SchemaRoots(folders: roots).text(at: file) != nil { return file }
    for root in roots {
      let prefix = root.hasSuffix("/") ? root : "\(root)/"
      if file.hasPrefix(prefix) { return String(file.dropFirst(prefix.count)) }
    }
    if BuiltInFiles.paths.contains(file) { return file }
    throw .usage("`\(file)` lies below none of the roots \(roots.joined(separator: ", "))")
  }

  /// The schema of a folder of .proto files, or of a descriptor set.
  public static func load(_ path: String) throws(CommandFailure) -> Schema {
    if FileSystem.isFolder(path) { return try compile([], roots: [path]).schema }
    let compilation = Compilation(descriptorSet: try FileSystem.read(path), named: path)
    guard let schema = compilation.schema else {
      throw .findings(compilation.diagnostics.map(\.description).joined(separator: "\n"))
    }
    return schema
  }
}
