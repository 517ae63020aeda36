import SchemaCompiler
import Terminal

/// `schemac describe`: a `google.protobuf.FileDescriptorSet` of schema files.
enum DescribeCommand {
  static let help = """
    Usage: schemac describe --proto DIR... [-o FILE] [FILE...]

    Writes the FileDescriptorSet of the files, and of all that they import, to standard output.

      --proto DIR       a folder that imports are relative to; can be given several times
      -o FILE           write to FILE instead
      --no-source-info  leave places and comments out
      FILE              a .proto file below one of the folders; without any, all of them
    """

  static func run(_ words: ArraySlice<String>) throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ["--proto", "-o"], flags: ["--no-source-info"], help: help)
    let (schema, _) = try SchemaLoading.compile(arguments.files, roots: arguments.all("--proto"))
    let bytes = schema.descriptorSet(withSourceInfo: !arguments.has("--no-source-info"))
    if let path = try arguments.optional("-o") {
      try FileSystem.write(bytes, to: path)
    } else {
      Output.write(bytes)
    }
  }
}
