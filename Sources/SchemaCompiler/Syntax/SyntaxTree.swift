// What one schema file says, names not yet looked up. The parser makes it from text and the
// descriptor reader from bytes; the resolver takes it from there.

/// A name as written, with its place. Type names may be dotted and begin with a dot.
struct Name: Hashable {
  var text: String
  var span: SourceSpan
}

/// A whole file.
struct FileSyntax {
  var path: String
  var version = SyntaxVersion.proto2
  var versionInfo: SyntaxInfo?
  var span: SourceSpan
  var package: Name?
  var packageInfo: SyntaxInfo?
  var imports: [ImportSyntax] = []
  var options = OptionsSyntax()
  var messages: [MessageSyntax] = []
  var enums: [EnumSyntax] = []
  var services: [ServiceSyntax] = []
  var extensions: [FieldSyntax] = []
}

/// The span and the comments of a declaration.
struct SyntaxInfo {
  var span: SourceSpan
  var comments = Comments()
}

struct ImportSyntax {
  var path: Name
  var kind: Import.Kind
  var info: SyntaxInfo
}

struct MessageSyntax {
  var name: Name
  var info: SyntaxInfo
  var fields: [FieldSyntax] = []
  var oneofs: [OneofSyntax] = []
  var messages: [MessageSyntax] = []
  var enums: [EnumSyntax] = []
  var extensions: [FieldSyntax] = []
  var extensionRanges: [RangeSyntax] = []
  var reservedRanges: [RangeSyntax] = []
  var reservedNames: [Name] = []
  var options = OptionsSyntax()
}

struct FieldSyntax {
  enum Label: String { case optional, required, repeated }

  var name: Name
  var info: SyntaxInfo
  var label: Label?
  var labelSpan: SourceSpan?
  var type: TypeSyntax
  var number: NumberSyntax
  /// Index into the message's oneofs.
  var oneof: Int?
  /// For a field inside `extend`.
  var extendee: Name?
  /// For a map: the number of nested messages that stand before its entry type.
  var entryIndex = 0
  var jsonName: String?
  var jsonNameSpan: SourceSpan?
  /// The normalised text of a proto2 default, when a descriptor gave it.
  var defaultText: String?
  var options = OptionsSyntax()
}

indirect enum TypeSyntax {
  case scalar(ScalarType, SourceSpan)
  case named(Name)
  case map(key: TypeSyntax, value: TypeSyntax, SourceSpan)

  var span: SourceSpan {
    switch self {
    case .scalar(_, let span), .map(_, _, let span): span
    case .named(let name): name.span
    }
  }
}

struct NumberSyntax {
  var value: Int64
  var span: SourceSpan
}

/// Numbers from `first` to `last`, both included.
struct RangeSyntax {
  var first: Int64
  var last: Int64
  var span: SourceSpan
  var options = OptionsSyntax()
}

struct OneofSyntax {
  var name: Name
  var info: SyntaxInfo
  var options = OptionsSyntax()
}

struct EnumSyntax {
  var name: Name
  var info: SyntaxInfo
  var values: [EnumValueSyntax] = []
  var reservedRanges: [RangeSyntax] = []
  var reservedNames: [Name] = []
  var options = OptionsSyntax()
}

struct EnumValueSyntax {
  var name: Name
  var info: SyntaxInfo
  var number: NumberSyntax
  var options = OptionsSyntax()
}

struct ServiceSyntax {
  var name: Name
  var info: SyntaxInfo
  var methods: [MethodSyntax] = []
  var options = OptionsSyntax()
}

struct MethodSyntax {
  var name: Name
  var info: SyntaxInfo
  var input: Name
  var output: Name
  var clientStreams = false
  var serverStreams = false
  var options = OptionsSyntax()
}

/// The options of one declaration: as written, or as a descriptor's bytes hold them.
struct OptionsSyntax {
  var written: [OptionSyntax] = []
  /// Whether there was a block for options, if an empty one: descriptors tell the difference.
  var hasBlock = false
  var encoded: [UInt8]?
}

/// `(package.name).part = value`.
struct OptionSyntax {
  struct Part {
    var name: Name
    var isExtension: Bool
  }

  var parts: [Part]
  var value: OptionValueSyntax

  /// Whether this is the plain option called `name`.
  func isPlain(_ name: String) -> Bool {
    parts.count == 1 && !parts[0].isExtension && parts[0].name.text == name
  }
}

/// A value as written; what it means depends on the option's type.
struct OptionValueSyntax {
  indirect enum Form {
    case identifier(String)
    case integer(magnitude: UInt64, isNegative: Bool)
    case float(Double)
    case string([UInt8])
    case aggregate([AggregateField])
    case list([OptionValueSyntax])
  }

  var form: Form
  var span: SourceSpan
}

/// `name: value` inside `{ }`.
struct AggregateField {
  var name: Name
  var isExtension: Bool
  var value: OptionValueSyntax
}
