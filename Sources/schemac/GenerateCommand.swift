import SchemaCompiler
import Terminal

/// `schemac generate`: the Swift of schema files.
enum GenerateCommand {
  static let help = """
    Usage: schemac generate --proto DIR... --out DIR [--module PREFIX=MODULE...]
                              [--descriptors NAME] [FILE...]

    Writes one Swift file for each .proto file. Those written together make up one module.

      --proto DIR              a folder that imports are relative to; can be given several times
      --out DIR                where to write
      --module PREFIX=MODULE   the module with the Swift of imported files whose paths begin with
                               PREFIX; google/protobuf/ is in WellKnownTypes unless said otherwise
      --descriptors NAME       writes NAME.swift too: an enum NAME with the FileDescriptorSet, which
                               reflection answers from
      FILE                     a .proto file below one of the folders; without any, all of them
    """

  static func run(_ words: ArraySlice<String>) throws(CommandFailure) {
    let arguments = try Arguments(
      words, options: ["--proto", "--out", "--module", "--module-map", "--descriptors"], help: help)
    let out = try arguments.required("--out")
    var modules: [String: String] = [:]
    for map in arguments.all("--module") + arguments.all("--module-map") {
      let parts = map.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw .usage("`--module` takes PREFIX=MODULE, not `\(map)`") }
      modules[parts[0]] = parts[1]
    }
    let (schema, paths) = try SchemaLoading.compile(
      arguments.files, roots: arguments.all("--proto"))
    let generator = SwiftGenerator(schema, paths: paths, modules: modules)
    let faults = generator.faults
    guard faults.isEmpty else {
      throw .findings(faults.map(\.description).joined(separator: "\n"))
    }
    var files = generator.files()
    if let name = try arguments.optional("--descriptors") {
      files.append(generator.descriptors(named: name))
    }
    for file in files {
      try FileSystem.write(Array(file.text.utf8), to: "\(out)/\(file.name)")
    }
  }
}
