/// How to read and write: limits for what comes in, choices for what goes out.
public struct CodingOptions: Sendable {
  /// How deep messages may nest, the outermost counting as 1. Groups and JSON arrays count too.
  public var nestingMax: Int = 64

  /// How many bytes of memory a decoded value may take beside a multiple of its input.
  ///
  /// One MiB lets any small request through, whatever its shape.
  public var memoryBytesBase: Int = 1 << 20

  /// How many bytes of memory a decoded value may take for each byte of input.
  ///
  /// Honest messages of Proto/ stay under 20: the worst are lists of sparsely filled structs.
  public var memoryMultiple: Int = 32

  /// Drops unknown fields where they could not be written (from one encoding to another), instead
  /// of refusing.
  public var dropsUnknownFields = false

  /// Refuses unknown fields everywhere, read or written: for what is hashed, signed or moves money.
  public var refusesUnknownFields = false

  /// Passes over JSON members that the schema does not know, instead of refusing them.
  public var ignoresUnknownJSONMembers = false

  /// Writes JSON over several lines, indented by two spaces.
  public var prettyPrintsJSON = false

  /// Writes JSON members under the names of the `.proto` file (`hs_code`), not lowerCamelCase.
  public var usesProtoNamesInJSON = false

  /// Writes JSON members that are at their default, lists and maps that are empty.
  public var writesDefaultsInJSON = false

  /// Writes `"***"` in place of what the schema marks as sensitive. For logs, never to be read back.
  public var hidesSensitiveInJSON = false

  /// The messages that a `google.protobuf.Any` may hold when it goes to or from JSON.
  public var types = TypeRegistry()

  /// The options that nothing was changed in.
  public static let `default` = CodingOptions()

  /// The default options.
  public init() {}

  /// What the binary encodings need of the options.
  var binary: BinaryOptions {
    BinaryOptions(
      nestingMax: nestingMax, memoryBytesBase: memoryBytesBase, memoryMultiple: memoryMultiple,
      dropsUnknownFields: dropsUnknownFields, refusesUnknownFields: refusesUnknownFields)
  }
}

/// The options of the binary encodings: plain bits, so that a call copies no references.
@usableFromInline
struct BinaryOptions: Sendable {
  var nestingMax = 64
  var memoryBytesBase = 1 << 20
  var memoryMultiple = 32
  var dropsUnknownFields = false
  var refusesUnknownFields = false

  /// The memory that decoding `byteCount` bytes may take.
  func memoryBudget(forInput byteCount: Int) -> Int {
    let (scaled, overflow) = byteCount.multipliedReportingOverflow(by: memoryMultiple)
    let (budget, pastEnd) = scaled.addingReportingOverflow(memoryBytesBase)
    return overflow || pastEnd ? .max : budget
  }
}

/// The messages that can be found by their full name, such as `sarai.catalog.v1.Product`.
public struct TypeRegistry: Sendable {
  private var layouts: [String: MessageLayout] = [:]
  /// Those that keep layouts of run time alive.
  private var owners: [ObjectIdentifier: DynamicLayouts] = [:]

  /// A registry of these messages.
  public init(_ layouts: [MessageLayout] = []) {
    for layout in layouts {
      self.layouts[layout.name] = layout
      if let owner = layout.owner { owners[ObjectIdentifier(owner)] = owner }
    }
  }

  /// The message of that full name.
  public subscript(name: String) -> MessageLayout? { layouts[name] }

  /// The message that a type URL names: what follows its last slash.
  func layout(typeURL: String) -> MessageLayout? {
    guard let slash = typeURL.lastIndex(of: "/") else { return nil }
    return layouts[String(typeURL[typeURL.index(after: slash)...])]
  }
}
