/// The dialect of a schema file.
public enum SyntaxVersion: String, Sendable, Hashable {
  /// Read so that descriptor.proto can be imported; no code is generated for it.
  case proto2
  /// What Sarai's schemas are written in.
  case proto3
}

/// One file that another one needs.
public struct Import: Sendable, Hashable {
  /// What the import line says beside the path.
  public enum Kind: Sendable, Hashable {
    /// The names are visible in this file alone.
    case plain
    /// The names are visible wherever this file is imported, too.
    case `public`
    /// Like plain; kept for the descriptor.
    case weak
  }

  /// The path, relative to a root.
  public var path: String
  /// Who sees the names.
  public var kind: Kind
}

/// A resolved schema file.
public struct SchemaFile: Sendable {
  /// The path as it is imported, relative to its root.
  public let path: String
  /// The dialect.
  public let version: SyntaxVersion
  /// Empty if the file has none.
  public let package: String
  /// In order of writing.
  public let imports: [Import]
  /// The types at the top level.
  public internal(set) var messages: [MessageType]
  /// The enums at the top level.
  public internal(set) var enums: [EnumType]
  /// The services.
  public internal(set) var services: [Service]
  /// The custom options that the file declares at the top level.
  public internal(set) var extensions: [Field]
  /// The file's own options.
  public internal(set) var options: Options
  /// The whole file.
  public let source: SourceInfo
  /// The `syntax` and `package` lines, whose comments descriptors keep.
  let syntaxSource: SourceInfo?
  let packageSource: SourceInfo?

  /// Every message type, each before those nested in it.
  public var allMessages: [MessageType] {
    messages.flatMap(\.selfAndNested)
  }

  /// Every enum type, nested ones too.
  public var allEnums: [EnumType] {
    enums + allMessages.flatMap(\.enums)
  }
}
