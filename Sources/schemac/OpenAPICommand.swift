import SchemaCompiler
import Terminal

/// `schemac openapi`: the REST/JSON interface of schema files.
enum OpenAPICommand {
  static let help = """
    Usage: schemac openapi --proto DIR... [-o FILE] [--title TEXT] [--api-version TEXT] [FILE...]

    Writes an OpenAPI 3.1 document of all methods with a `(sarai.options.v1.http)` route to standard
    output.

      --proto DIR         a folder that imports are relative to; can be given several times
      -o FILE             write to FILE instead
      --title TEXT        the document's title, by default "API"
      --api-version TEXT  the version of the interface, by default "1"
      FILE                a .proto file below one of the folders; without any, all of them
    """

  static func run(_ words: ArraySlice<String>) throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ["--proto", "-o", "--title", "--api-version"], help: help)
    let (schema, _) = try SchemaLoading.compile(arguments.files, roots: arguments.all("--proto"))
    let document = OpenAPIDocument(
      schema, title: try arguments.optional("--title") ?? "API",
      version: try arguments.optional("--api-version") ?? "1")
    if let path = try arguments.optional("-o") {
      try FileSystem.write(Array(document.text.utf8), to: path)
    } else {
      Output.write(Array(document.text.utf8))
    }
  }
}
