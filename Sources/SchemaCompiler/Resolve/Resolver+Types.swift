extension Resolver {
  /// The current file, its options still empty.
  mutating func resolveFile() -> SchemaFile {
    let file = syntax
    return SchemaFile(
      path: file.path, version: file.version, package: package,
      imports: file.imports.map { Import(path: $0.path.text, kind: $0.kind) },
      messages: file.messages.map { message($0, in: package) },
      enums: file.enums.map { enumeration($0, in: package) },
      services: file.services.map { service($0) },
      extensions: file.extensions.compactMap { extensionField($0, in: package) },
      options: Options(), source: source(SyntaxInfo(span: file.span)),
      syntaxSource: file.versionInfo.map { source($0) },
      packageSource: file.packageInfo.map { source($0) })
  }

  private mutating func message(_ syntax: MessageSyntax, in scope: String) -> MessageType {
    let fullName = Self.join(scope, syntax.name.text)
    check(syntax, fullName)
    var nested = syntax.messages.map { message($0, in: fullName) }
    var fields: [Field] = []
    for item in syntax.fields {
      guard let field = field(item, in: fullName) else { continue }
      fields.append(field)
      if let entry = entry(of: item, field: field, in: fullName) {
        nested.insert(entry, at: min(item.entryIndex, nested.count))
      }
    }
    return MessageType(
      name: syntax.name.text, fullName: fullName, fields: fields,
      oneofs: syntax.oneofs.map {
        Oneof(name: $0.name.text, options: Options(), source: source($0.info))
      },
      messages: nested,
      enums: syntax.enums.map { enumeration($0, in: fullName) },
      extensions: syntax.extensions.compactMap { extensionField($0, in: fullName) },
      extensionRanges: syntax.extensionRanges.map(NumberRange.init),
      reservedRanges: syntax.reservedRanges.map(NumberRange.init),
      reservedNames: syntax.reservedNames.map(\.text),
      options: Options(), source: source(syntax.info), isMapEntry: false)
  }

  /// The message that holds the entries of a map field.
  private func entry(of syntax: FieldSyntax, field: Field, in scope: String) -> MessageType? {
    guard case .map(let key) = field.cardinality, let fullName = field.entryName else { return nil }
    func part(_ name: String, _ number: Int, _ type: FieldType) -> Field {
      Field(
        name: name, fullName: "\(fullName).\(name)", number: number, type: type,
        cardinality: .singular, jsonName: name, oneof: nil, isProto3Optional: false,
        isPacked: false, extendee: nil,
        defaultText: nil, entryName: nil, options: Options(), source: field.source)
    }
    var options = Options()
    options.isPresent = true
    options.fields = [
      OptionField(name: "map_entry", number: 7, type: .scalar(.bool), value: .bool(true))
    ]
    return MessageType(
      name: Naming.mapEntryName(of: field.name), fullName: fullName,
      fields: [part("key", 1, .scalar(key)), part("value", 2, field.type)], oneofs: [],
      messages: [], enums: [], extensions: [], extensionRanges: [], reservedRanges: [],
      reservedNames: [], options: options, source: field.source, isMapEntry: true)
  }

  private mutating func enumeration(_ syntax: EnumSyntax, in scope: String) -> EnumType {
    check(syntax)
    return EnumType(
      name: syntax.name.text, fullName: Self.join(scope, syntax.name.text),
      values: syntax.values.map {
        EnumValue(
          name: $0.name.text, number: Int32(clamping: $0.number.value), options: Options(),
          source: source($0.info))
      },
      reservedRanges: syntax.reservedRanges.map(NumberRange.init),
      reservedNames: syntax.reservedNames.map(\.text), options: Options(),
      source: source(syntax.info))
  }

  private mutating func service(_ syntax: ServiceSyntax) -> Service {
    let fullName = Self.join(package, syntax.name.text)
    var methods: [Method] = []
    for item in syntax.methods {
      let input = type(item.input, in: fullName, messageOnly: "What a method takes")
      let output = type(item.output, in: fullName, messageOnly: "What a method returns")
      guard let input, let output else { continue }
      methods.append(
        Method(
          name: item.name.text, fullName: "\(fullName).\(item.name.text)", input: input.name,
          output: output.name, clientStreams: item.clientStreams,
          serverStreams: item.serverStreams, options: Options(), source: source(item.info)))
    }
    return Service(
      name: syntax.name.text, fullName: fullName, methods: methods, options: Options(),
      source: source(syntax.info))
  }

  // MARK: Fields

  /// A field; nil, and reported, if its type is not known.
  private mutating func field(_ syntax: FieldSyntax, in scope: String) -> Field? {
    checkNumber(syntax)
    checkLabel(syntax)
    let type: FieldType
    var cardinality: Cardinality
    switch syntax.label {
    case nil: cardinality = .singular
    case .optional: cardinality = .optional
    case .required: cardinality = .required
    case .repeated: cardinality = .repeated
    }
    var entryName: String?
    if case .map(let key, let value, _) = syntax.type {
      guard let keyType = mapKey(key), let valueType = valueType(value, in: scope) else {
        return nil
      }
      type = valueType
      cardinality = .map(key: keyType)
      entryName = Self.join(scope, Naming.mapEntryName(of: syntax.name.text))
    } else {
      guard let found = valueType(syntax.type, in: scope) else { return nil }
      type = found
    }
    return Field(
      name: syntax.name.text, fullName: Self.join(scope, syntax.name.text),
      number: Int(syntax.number.value), type: type, cardinality: cardinality,
      jsonName: jsonName(of: syntax), oneof: syntax.oneof,
      isProto3Optional: isProto3 && cardinality == .optional,
      isPacked: isPacked(syntax, type, cardinality), extendee: nil,
      defaultText: defaultText(of: syntax, type), entryName: entryName, options: Options(),
      source: source(syntax.info))
  }

  private mutating func valueType(_ syntax: TypeSyntax, in scope: String) -> FieldType? {
    switch syntax {
    case .scalar(let scalar, _): return .scalar(scalar)
    case .map: return nil
    case .named(let name):
      guard let type = type(name, in: scope) else { return nil }
      if isProto3, case .enumeration(let fullName) = type, isProto2Enum(fullName) {
        report(
          name.span, "`\(fullName)` is a proto2 enum, which a proto3 message cannot hold",
          hint: "A proto3 enum keeps values that it does not know; a proto2 enum refuses them.")
      }
      return type
    }
  }

  private func isProto2Enum(_ fullName: String) -> Bool {
    symbols.symbols[fullName].map { files[$0.file].version == .proto2 } ?? false
  }

  private mutating func mapKey(_ syntax: TypeSyntax) -> ScalarType? {
    if case .scalar(let scalar, _) = syntax, scalar.isMapKey { return scalar }
    var name = "this type"
    if case .scalar(let scalar, _) = syntax { name = "`\(scalar.rawValue)`" }
    report(
      syntax.span, "\(name) cannot be the key of a map",
      hint: "A key is an integer, a bool or a string.")
    return nil
  }

  private mutating func jsonName(of syntax: FieldSyntax) -> String {
    let ordinary = Naming.jsonName(of: syntax.name.text)
    if let given = syntax.jsonName { return given }
    guard let option = syntax.options.written.first(where: { $0.isPlain("json_name") }) else {
      return ordinary
    }
    let span = option.parts[0].name.span
    guard case .string(let bytes) = option.value.form else {
      report(option.value.span, "`json_name` takes a string")
      return ordinary
    }
    if syntax.extendee != nil {
      report(span, "`json_name` on an extension")
    }
    if bytes.contains(0) {
      report(option.value.span, "a `json_name` with a zero byte")
      return ordinary
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func isPacked(
    _ syntax: FieldSyntax, _ type: FieldType, _ cardinality: Cardinality
  ) -> Bool {
    guard let option = syntax.options.written.first(where: { $0.isPlain("packed") }) else {
      let encoded = syntax.options.encoded.flatMap { DescriptorReader.packedOption(in: $0) }
      return cardinality == .repeated && type.isPackable && (encoded ?? isProto3)
    }
    guard cardinality == .repeated, type.isPackable else {
      report(
        option.parts[0].name.span, "`packed` on a field that cannot be packed",
        hint: "Only repeated numbers, bools and enums can be packed.")
      return false
    }
    if case .identifier("false") = option.value.form { return false }
    return true
  }

  // MARK: Extensions

  private mutating func extensionField(_ syntax: FieldSyntax, in scope: String) -> Field? {
    guard let extendee = syntax.extendee else { return nil }
    guard let type = field(syntax, in: scope) else { return nil }
    guard
      case .message(let target) = self.type(extendee, in: scope, messageOnly: "What is extended")
    else { return nil }
    checkExtension(syntax, of: target, at: extendee)
    return Field(
      name: type.name, fullName: type.fullName, number: type.number, type: type.type,
      cardinality: type.cardinality, jsonName: type.jsonName, oneof: nil,
      isProto3Optional: type.isProto3Optional, isPacked: type.isPacked,
      extendee: target, defaultText: type.defaultText, entryName: nil, options: Options(),
      source: type.source)
  }

  private mutating func checkExtension(
    _ syntax: FieldSyntax, of target: String, at extendee: Name
  ) {
    if isProto3, !BuiltInFiles.optionMessages.contains(target) {
      return report(
        extendee.span, "`\(target)` cannot be extended in proto3",
        hint: "Only the messages of options, `google.protobuf.FieldOptions` and so on, can be.")
    }
    let number = Int(syntax.number.value)
    let ranges = extensionRanges(of: target)
    if !ranges.isEmpty, !ranges.contains(where: { $0.contains(number) }) {
      let first = ranges.map(\.first).min() ?? 0
      report(
        syntax.number.span, "`\(target)` has no extension number \(number)",
        hint: "Its extension numbers begin at \(first).")
    } else if ranges.isEmpty {
      report(extendee.span, "`\(target)` has no extension numbers")
    }
    let place = location(syntax.number.span)
    if let old = extensionNumbers[target, default: [:]].updateValue(place, forKey: number) {
      report(
        syntax.number.span, "`\(target)` is already extended with the number \(number)",
        hint: "The first is at \(old.file):\(old.line).")
    }
  }

  private func extensionRanges(of target: String) -> [NumberRange] {
    if let message = types.message(target) { return message.extensionRanges }
    var found: [NumberRange] = []
    func search(_ messages: [MessageSyntax], _ scope: String) {
      for message in messages where target.hasPrefix(Self.join(scope, message.name.text)) {
        let fullName = Self.join(scope, message.name.text)
        if fullName == target { found += message.extensionRanges.map(NumberRange.init) }
        search(message.messages, fullName)
      }
    }
    search(syntax.messages, package)
    return found
  }
}

extension NumberRange {
  init(_ syntax: RangeSyntax) {
    self.init(first: Int(syntax.first), last: Int(syntax.last))
  }
}
