import Foundation
import PackagePlugin

/// Generates the Swift of a target's schema files, so that editing a `.proto` and building is all.
///
/// What to generate stands in the target's `schema.json`; without that file, it is every `.proto` in
/// the target's folder.
@main
struct SchemaPlugin: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    guard let target = target as? SwiftSourceModuleTarget else { return [] }
    let configuration = try Configuration(ofTargetIn: target.directoryURL)
    let files = try configuration.files()
    guard !files.isEmpty || !configuration.builtin.isEmpty else {
      throw Configuration.Fault("the target \(target.name) has no .proto files")
    }
    let out = context.pluginWorkDirectoryURL.appending(path: "Generated")
    var arguments = ["generate", "--out", out.path]
    for root in configuration.roots { arguments += ["--proto", root.path] }
    for (prefix, module) in configuration.modules.sorted(by: { $0.key < $1.key }) {
      arguments += ["--module", "\(prefix)=\(module)"]
    }
    let paths = files.map(\.path) + configuration.builtin
    var outputs = paths.map { out.appending(path: Self.swiftName(of: $0)) }
    if let name = configuration.descriptors {
      arguments += ["--descriptors", name]
      outputs.append(out.appending(path: "\(name).swift"))
    }
    var inputs = files.map(\.url)
    if let own = configuration.file { inputs.append(own) }
    // Imported files count as well: they decide what the types mean.
    inputs += try configuration.importedFiles().map(\.url)
    return [
      .buildCommand(
        displayName: "Generating Swift from \(paths.count) schema files of \(target.name)",
        executable: try context.tool(named: "schemac").url,
        arguments: arguments + ["--"] + paths, inputFiles: inputs, outputFiles: outputs)
    ]
  }

  /// What schemac calls the Swift of a schema file.
  private static func swiftName(of path: String) -> String {
    let stem = path.hasSuffix(".proto") ? String(path.dropLast(6)) : path
    return stem.split(separator: "/").joined(separator: ".") + ".swift"
  }
}
