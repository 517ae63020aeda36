import SchemaCompiler
import Terminal

/// `schemac check`: what a changed schema breaks.
enum CheckCommand {
  static let help = """
    Usage: schemac check OLD NEW

    Names every change from OLD to NEW that breaks the native encoding, protobuf, JSON or calls.
    Ends with 1 if there is one.

      OLD, NEW   a folder of .proto files, or a descriptor set as `schemac describe` writes it
    """

  static func run(_ words: ArraySlice<String>) throws(CommandFailure) {
    let arguments = try Arguments(words, options: [], help: help)
    guard arguments.files.count == 2 else {
      throw .usage("`check` takes two schemas\n\n\(help)")
    }
    let old = try SchemaLoading.load(arguments.files[0])
    let new = try SchemaLoading.load(arguments.files[1])
    let changes = new.breakingChanges(since: old)
    guard !changes.isEmpty else { return }
    let count = changes.count == 1 ? "1 breaking change" : "\(changes.count) breaking changes"
    throw .findings(changes.map(\.description).joined(separator: "\n") + "\n\(count)")
  }
}
