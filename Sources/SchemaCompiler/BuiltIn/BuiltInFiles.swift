/// The schema files of protobuf itself, so that a schema can import them without having them.
///
/// They say what protobuf's own files say, in as few words: a test holds their descriptors against
/// protoc's.
public enum BuiltInFiles {
  static let descriptorPath = "google/protobuf/descriptor.proto"

  /// The text of a file by the path that imports name it by.
  static func text(at path: String) -> [UInt8]? {
    texts[path].map { Array($0.utf8) }
  }

  /// Every path, sorted.
  public static var paths: [String] { texts.keys.sorted() }

  private static let texts: [String: String] = [
    "google/protobuf/any.proto": any,
    "google/protobuf/api.proto": api,
    "google/protobuf/compiler/plugin.proto": plugin,
    descriptorPath: descriptor,
    "google/protobuf/duration.proto": duration,
    "google/protobuf/empty.proto": empty,
    "google/protobuf/field_mask.proto": fieldMask,
    "google/protobuf/source_context.proto": sourceContext,
    "google/protobuf/struct.proto": structure,
    "google/protobuf/timestamp.proto": timestamp,
    "google/protobuf/type.proto": type,
    "google/protobuf/wrappers.proto": wrappers,
  ]

  /// What every file of the well-known types begins with.
  static func head(java: String, go: String, arenas: Bool = false, imports: [String] = []) -> String
  {
    """
    syntax = "proto3";
    package google.protobuf;
    \(imports.map { "import \"google/protobuf/\($0).proto\";" }.joined(separator: "\n"))
    option java_package = "com.google.protobuf";
    option java_outer_classname = "\(java)Proto";
    option java_multiple_files = true;
    option go_package = "google.golang.org/protobuf/types/known/\(go)pb";
    option objc_class_prefix = "GPB";
    option csharp_namespace = "Google.Protobuf.WellKnownTypes";
    \(arenas ? "option cc_enable_arenas = true;" : "")

    """
  }

  /// The messages that options are, and that custom options extend.
  static let optionMessages: Set<String> = Set(
    [
      "File", "Message", "Field", "Oneof", "ExtensionRange", "Enum", "EnumValue", "Service",
      "Method",
    ].map { "google.protobuf.\($0)Options" })

  /// descriptor.proto, resolved but for its own options: it says what options there are.
  static let optionTypes: SchemaFile? = {
    var diagnostics = DiagnosticList()
    let syntax = Parser.parse(
      path: descriptorPath, text: Array(descriptor.utf8), into: &diagnostics)
    var resolver = Resolver(files: [syntax], diagnostics: diagnostics)
    return resolver.resolveStructure()
  }()

  /// The file in which a well-known type is declared.
  static func path(declaring fullName: String) -> String? {
    let prefix = "google.protobuf."
    guard fullName.hasPrefix(prefix) else { return nil }
    let head = "message \(fullName.dropFirst(prefix.count)) {"
    return texts.filter { $0.value.contains(head) && !$0.key.contains("compiler") }.keys.min()
  }
}
