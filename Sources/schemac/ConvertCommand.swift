import SchemaCompiler
import Terminal
import Wire

/// `schemac convert`: messages of any schema, from one encoding into another.
enum ConvertCommand {
  static let help = """
    Usage: schemac convert --proto DIR... --type NAME --from ENCODING --to ENCODING [FILE...]

    Reads a message from standard input and writes it to standard output.

      --proto DIR      a folder of .proto files; can be given several times
      --type NAME      the message type's full name, such as sarai.type.v1.Money
      --from, --to     native, protobuf or json
      --delimited      read and write many messages, each behind its length as a varint; JSON: each
                       on a line of its own
      --keep-going     with --delimited: tell of messages that are refused, and leave them out
      --drop-unknown   drop fields that the schema does not know; without it they are refused
      FILE             a .proto file that declares the type; without any, all below the folders
    """

  static func run(_ words: ArraySlice<String>) throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ["--proto", "--type", "--from", "--to"],
      flags: ["--delimited", "--keep-going", "--drop-unknown"], help: help)
    let from = try encoding(arguments, "--from")
    let to = try encoding(arguments, "--to")
    let name = try arguments.required("--type")
    let (schema, _) = try SchemaLoading.compile(arguments.files, roots: arguments.all("--proto"))
    let layouts = SchemaLayouts(schema)
    guard let layout = layouts[name] else {
      throw .usage("the schema has no message type `\(name)`\(hint(for: name, in: schema))")
    }
    var options = CodingOptions()
    options.dropsUnknownFields = arguments.has("--drop-unknown")
    options.types = layouts.registry
    let conversion = Conversion(layout: layout, from: from, to: to, options: options)
    if arguments.has("--delimited") {
      try conversion.runDelimited(keepsGoing: arguments.has("--keep-going"))
    } else {
      try conversion.runOnce()
    }
  }

  private static func encoding(
    _ arguments: Arguments, _ option: String
  ) throws(CommandFailure) -> Encoding {
    switch try arguments.required(option) {
    case "native": return .native
    case "protobuf": return .protobuf
    case "json": return .json
    case let other: throw .usage("`\(option)` is native, protobuf or json, not `\(other)`")
    }
  }

  private static func hint(for name: String, in schema: Schema) -> String {
    let last = name.split(separator: ".").last ?? ""
    let near = schema.messageNames.filter { $0.split(separator: ".").last == last }
    return near.isEmpty ? "" : "; it has \(near.joined(separator: ", "))"
  }
}
