import SchemaCompiler
import Terminal

/// The schema that the command line names, if it names one.
enum SchemaFiles {
  static func schema(_ arguments: Arguments) throws(CommandFailure) -> Schema? {
    let roots = arguments.all("--proto")
    if let path = try arguments.optional("--descriptors") {
      guard roots.isEmpty else { throw .usage("`--proto` or `--descriptors`, not both") }
      return try SchemaLoading.load(path)
    }
    return roots.isEmpty ? nil : try SchemaLoading.compile([], roots: roots).schema
  }
}
