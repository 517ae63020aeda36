extension Resolver {
  /// Puts every name of the current file into the symbol table.
  mutating func declareNames() {
    if let name = syntax.package {
      if let clash = symbols.declare(package: name.text, file: file) {
        report(
          name.span, "the package `\(clash.name)` is called like \(describe(clash.1))",
          hint: "Rename one of them.")
      }
    }
    for message in syntax.messages { declare(message, in: package) }
    for enumeration in syntax.enums { declare(enumeration, in: package) }
    for field in syntax.extensions { declare(field.name, .extension, in: package) }
    for service in syntax.services {
      declare(service.name, .service, in: package)
      let scope = Self.join(package, service.name.text)
      for method in service.methods { declare(method.name, .method, in: scope) }
    }
  }

  static func join(_ scope: String, _ name: String) -> String {
    scope.isEmpty ? name : "\(scope).\(name)"
  }

  private mutating func declare(_ message: MessageSyntax, in scope: String) {
    declare(message.name, .message, in: scope)
    let inner = Self.join(scope, message.name.text)
    for field in message.fields { declare(field.name, .field, in: inner) }
    for oneof in message.oneofs { declare(oneof.name, .oneof, in: inner) }
    for field in message.extensions { declare(field.name, .extension, in: inner) }
    for nested in message.messages { declare(nested, in: inner) }
    for enumeration in message.enums { declare(enumeration, in: inner) }
    for field in message.fields {
      guard case .map = field.type else { continue }
      let entry = Name(text: Naming.mapEntryName(of: field.name.text), span: field.name.span)
      declare(entry, .message, in: inner)
    }
  }

  private mutating func declare(_ enumeration: EnumSyntax, in scope: String) {
    declare(enumeration.name, .enumeration, in: scope)
    for value in enumeration.values { declare(value.name, .enumValue, in: scope) }
  }

  private mutating func declare(_ name: Name, _ kind: SymbolTable.Kind, in scope: String) {
    let fullName = Self.join(scope, name.text)
    guard fullName.utf8.count <= SymbolTable.nameBytesMax else {
      return report(name.span, "a full name of more than \(SymbolTable.nameBytesMax) bytes")
    }
    let place = location(name.span)
    let symbol = SymbolTable.Symbol(kind: kind, file: file, location: place)
    if let old = symbols.declare(fullName, symbol) {
      let isHere = old.location.file == syntax.path
      let earlier = isHere ? "line \(old.location.line)" : old.location.file
      let sibling = kind == .enumValue || old.kind == .enumValue
      report(
        name.span, "`\(fullName)` is already \(describe(old)) (\(earlier))",
        hint: sibling
          ? "The values of an enum stand beside it, not inside it: begin them with its name."
          : "Rename one of them.")
    } else if symbols.packages[fullName] != nil {
      report(name.span, "`\(fullName)` is already a package", hint: "Rename one of them.")
    }
  }

  private func describe(_ symbol: SymbolTable.Symbol) -> String {
    let vowel = "aeiou".contains(symbol.kind.rawValue.prefix(1))
    return "\(vowel ? "an" : "a") \(symbol.kind.rawValue)"
  }

  // MARK: Looking up

  /// The message or enum that `name` means in `scope`; nil, and reported, if there is none.
  mutating func type(
    _ name: Name, in scope: String, messageOnly what: String? = nil
  ) -> FieldType? {
    switch symbols.find(name.text, from: scope, file: file, where: \.isType) {
    case .symbol(let symbol, let fullName):
      used.insert(symbol.file)
      switch symbol.kind {
      case .message: return .message(fullName)
      case .enumeration where what == nil: return .enumeration(fullName)
      case .enumeration:
        report(name.span, "`\(name.text)` is an enum", hint: "\(what ?? "") is a message.")
      default:
        report(name.span, "`\(name.text)` is \(describe(symbol)), not a type")
      }
    case .hidden(let nearer):
      report(
        name.span, "`\(name.text)` is not defined inside `\(nearer)`",
        hint: "`\(nearer)` is the nearest match for its first part; "
          + "write `.\(name.text)` if you mean the outermost one.")
    case .nothing:
      // A search of all names, for nothing once nobody reads what it finds.
      let hint = diagnostics.isFull ? nil : suggestion(for: name.text)
      report(name.span, "the type `\(name.text)` is not defined", hint: hint)
    }
    return nil
  }

  private func suggestion(for name: String) -> String? {
    let wanted = name.hasPrefix(".") ? String(name.dropFirst()) : name
    let types = symbols.symbols.filter { $0.value.kind.isType }
    // A type of that name in a file that is not imported is the likeliest reason.
    let suffix = "." + wanted
    let elsewhere = types.filter {
      ($0.key == wanted || $0.key.hasSuffix(suffix))
        && !symbols.visible[file].contains($0.value.file)
    }
    if let found = elsewhere.keys.min(), let symbol = elsewhere[found] {
      return #"`\#(found)` is declared in a file that is not imported: "#
        + #"add `import "\#(files[symbol.file].path)";`."#
    }
    if let path = BuiltInFiles.path(declaring: wanted) {
      return #"Add `import "\#(path)";`."#
    }
    let near = Self.scalarAliases[wanted]
    if let near { return "Did you mean `\(near)`?" }
    let visible = types.filter { symbols.visible[file].contains($0.value.file) }.keys
    let short = visible.map { String($0.split(separator: ".").last ?? "") }
    let candidates = (ScalarType.allCases.map(\.rawValue) + short + visible).sorted()
    return Suggestion.nearest(to: wanted, among: candidates).map { "Did you mean `\($0)`?" }
  }

  /// What other languages call the scalar types.
  private static let scalarAliases = [
    "int": "int32", "long": "int64", "uint": "uint32", "Int": "int64", "Int32": "int32",
    "Int64": "int64", "boolean": "bool", "Bool": "bool", "String": "string", "str": "string",
    "text": "string", "byte": "bytes", "data": "bytes", "Double": "double", "Float": "float",
  ]
}
