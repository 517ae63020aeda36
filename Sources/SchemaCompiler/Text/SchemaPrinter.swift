/// Writes declarations of a schema as the text of a `.proto` file, comments and options included.
public struct SchemaPrinter {
  private let schema: Schema

  /// The custom options that may be given several times.
  private let repeated: Set<String>

  /// A printer of this schema's declarations.
  public init(_ schema: Schema) {
    self.schema = schema
    let extensions = schema.files.flatMap { $0.extensions + $0.allMessages.flatMap(\.extensions) }
    repeated = Set(extensions.filter(\.isRepeated).map { "(\($0.fullName))" })
  }

  /// What a full name stands for; nil if nothing bears it.
  public func text(of name: String) -> String? {
    if let service = schema.service(named: name) { return text { print(service, &$0) } }
    if let message = schema.message(named: name) {
      return text { print(message, in: file(of: name), &$0) }
    }
    if let enumeration = schema.enumeration(named: name) { return text { print(enumeration, &$0) } }
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let parent = String(name[..<dot])
    let last = String(name[name.index(after: dot)...])
    if let method = schema.service(named: parent)?.methods.first(where: { $0.name == last }) {
      return text { print(method, &$0) }
    }
    if let message = schema.message(named: parent), let field = message.field(named: last) {
      return text { print(field, in: file(of: parent), &$0) }
    }
    let values = schema.enumeration(named: parent)?.values ?? []
    if let value = values.first(where: { $0.name == last }) { return text { print(value, &$0) } }
    return nil
  }

  /// The whole of a file; nil if the schema has none of that path.
  public func text(ofFile path: String) -> String? {
    guard let file = schema.file(at: path) else { return nil }
    return text { writer in
      writer.line("syntax = \"\(file.version.rawValue)\";")
      if !file.package.isEmpty { writer.line("package \(file.package);") }
      for item in file.imports {
        let kind = item.kind == .plain ? "" : item.kind == .public ? "public " : "weak "
        writer.line("import \(kind)\(ProtoText.quoted(item.path));")
      }
      print(statementsOf: file.options, &writer)
      for enumeration in file.enums { print(enumeration, &writer) }
      for message in file.messages { print(message, in: file, &writer) }
      print(extensions: file.extensions, in: file, &writer)
      for service in file.services { print(service, &writer) }
    }
  }

  private func text(_ write: (inout ProtoText) -> Void) -> String {
    var writer = ProtoText()
    write(&writer)
    return writer.lines.joined(separator: "\n")
  }

  private func file(of message: String) -> SchemaFile? {
    schema.files.first { $0.allMessages.contains { $0.fullName == message } }
  }

  // MARK: Services

  private func print(_ service: Service, _ writer: inout ProtoText) {
    writer.comment(service.source.comments)
    writer.block("service \(service.name)") { writer in
      print(statementsOf: service.options, &writer)
      for method in service.methods { print(method, &writer) }
    }
  }

  private func print(_ method: Method, _ writer: inout ProtoText) {
    writer.comment(method.source.comments)
    let head =
      "rpc \(method.name)(\(method.clientStreams ? "stream " : "")\(method.input)) returns"
      + " (\(method.serverStreams ? "stream " : "")\(method.output))"
    if method.options.fields.isEmpty, !method.options.isPresent { return writer.line(head + ";") }
    writer.block(head) { print(statementsOf: method.options, &$0) }
  }

  // MARK: Messages

  private func print(
    _ message: MessageType, in file: SchemaFile?, _ writer: inout ProtoText
  ) {
    writer.comment(message.source.comments)
    writer.block("message \(message.name)") { writer in
      print(statementsOf: message.options, &writer)
      for enumeration in message.enums { print(enumeration, &writer) }
      for inner in message.messages where !inner.isMapEntry { print(inner, in: file, &writer) }
      print(fieldsOf: message, in: file, &writer)
      print(extensions: message.extensions, in: file, &writer)
      for range in message.extensionRanges {
        let options = brackets(texts(range.options))
        let text = Self.text(range, max: Int(FieldNumber.max))
        writer.line("extensions \(text)\(options);")
      }
      print(
        reserved: message.reservedRanges, message.reservedNames, max: Int(FieldNumber.max), &writer)
    }
  }

  private func print(
    fieldsOf message: MessageType, in file: SchemaFile?, _ writer: inout ProtoText
  ) {
    var printed: Set<Int> = []
    for field in message.fields {
      guard let index = field.oneof else {
        print(field, in: file, &writer)
        continue
      }
      guard printed.insert(index).inserted else { continue }
      writer.comment(message.oneofs[index].source.comments)
      writer.block("oneof \(message.oneofs[index].name)") { writer in
        print(statementsOf: message.oneofs[index].options, &writer)
        for member in message.fields where member.oneof == index {
          print(member, in: file, &writer)
        }
      }
    }
  }

  private func print(
    extensions: [Field], in file: SchemaFile?, _ writer: inout ProtoText
  ) {
    for field in extensions {
      writer.block("extend \(field.extendee ?? "")") { print(field, in: file, &$0) }
    }
  }

  private func print(_ field: Field, in file: SchemaFile?, _ writer: inout ProtoText) {
    writer.comment(field.source.comments)
    let label =
      switch field.cardinality {
      case .repeated: "repeated "
      case .required: "required "
      case .optional: "optional "
      case .singular:
        field.isProto3Optional || (file?.version == .proto2 && field.oneof == nil)
          ? "optional " : ""
      case .map: ""
      }
    let type =
      if case .map(let key) = field.cardinality {
        "map<\(key.rawValue), \(field.type.name)>"
      } else {
        field.type.name
      }
    var options: [String] = []
    if let text = field.defaultText { options.append("default = \(Self.text(text, field.type))") }
    if field.jsonName != field.defaultJSONName {
      options.append("json_name = \(ProtoText.quoted(field.jsonName))")
    }
    options += texts(field.options)
    writer.line("\(label)\(type) \(field.name) = \(field.number)\(brackets(options));")
  }

  // MARK: Enums

  private func print(_ enumeration: EnumType, _ writer: inout ProtoText) {
    writer.comment(enumeration.source.comments)
    writer.block("enum \(enumeration.name)") { writer in
      print(statementsOf: enumeration.options, &writer)
      for value in enumeration.values { print(value, &writer) }
      print(
        reserved: enumeration.reservedRanges, enumeration.reservedNames, max: Int(Int32.max),
        &writer)
    }
  }

  private func print(_ value: EnumValue, _ writer: inout ProtoText) {
    writer.comment(value.source.comments)
    let options = brackets(texts(value.options))
    writer.line("\(value.name) = \(value.number)\(options);")
  }

  // MARK: Parts

  private func print(
    reserved ranges: [NumberRange], _ names: [String], max: Int, _ writer: inout ProtoText
  ) {
    if !ranges.isEmpty {
      let texts = ranges.map { Self.text($0, max: max) }
      writer.line("reserved \(texts.joined(separator: ", "));")
    }
    if !names.isEmpty {
      writer.line("reserved \(names.map(ProtoText.quoted).joined(separator: ", "));")
    }
  }

  private func print(statementsOf options: Options, _ writer: inout ProtoText) {
    for text in texts(options) { writer.line("option \(text);") }
  }

  private func brackets(_ options: [String]) -> String {
    options.isEmpty ? "" : " [\(options.joined(separator: ", "))]"
  }

  /// `name = value` of each option but those that no known extension describes. One that was set
  /// part by part is written as a whole.
  private func texts(_ options: Options) -> [String] {
    var fields: [OptionField] = []
    for field in options.fields where !field.isUnknown {
      if case .message(let more) = field.value, !repeated.contains(field.name),
        let index = fields.firstIndex(where: { $0.name == field.name }),
        case .message(let first) = fields[index].value
      {
        fields[index].value = .message(first + more)
      } else {
        fields.append(field)
      }
    }
    return fields.map { "\($0.name) = \(ProtoText.text(of: $0.value))" }
  }

  private static func text(_ range: NumberRange, max: Int) -> String {
    if range.first == range.last { return "\(range.first)" }
    return "\(range.first) to \(range.last == max ? "max" : "\(range.last)")"
  }

  private static func text(_ normalised: String, _ type: FieldType) -> String {
    switch type {
    case .scalar(.string): ProtoText.quoted(normalised)
    // Escaped already, as descriptors hold it.
    case .scalar(.bytes): "\"\(normalised)\""
    default: normalised
    }
  }
}
