extension Resolver {
  /// Gives meaning to the options of everything in the current file.
  mutating func resolveOptions(of result: inout SchemaFile) {
    let syntax = syntax
    result.options = options(syntax.options, of: "FileOptions", in: package)
    resolve(syntax.messages, into: &result.messages, in: package)
    resolve(syntax.enums, into: &result.enums, in: package)
    resolve(syntax.extensions, into: &result.extensions, in: package)
    for (index, service) in syntax.services.enumerated() {
      let scope = Self.join(package, service.name.text)
      result.services[index].options = options(service.options, of: "ServiceOptions", in: scope)
      let isWhole = result.services[index].methods.count == service.methods.count
      for (number, method) in service.methods.enumerated() {
        let found = options(method.options, of: "MethodOptions", in: scope)
        if isWhole { result.services[index].methods[number].options = found }
      }
    }
  }

  // Declarations at fault are left out of `result`; the options of the others are looked at, so that
  // their faults are told as well, but have no place to go.

  private mutating func resolve(
    _ syntax: [MessageSyntax], into result: inout [MessageType], in scope: String
  ) {
    let places = result.indices.filter { !result[$0].isMapEntry }
    for (index, message) in syntax.enumerated() where index < places.count {
      let place = places[index]
      let inner = Self.join(scope, message.name.text)
      result[place].options = options(message.options, of: "MessageOptions", in: inner)
      resolve(message.fields, into: &result[place].fields, in: inner)
      resolve(message.extensions, into: &result[place].extensions, in: inner)
      resolve(message.messages, into: &result[place].messages, in: inner)
      resolve(message.enums, into: &result[place].enums, in: inner)
      for (number, oneof) in message.oneofs.enumerated() {
        result[place].oneofs[number].options = options(oneof.options, of: "OneofOptions", in: inner)
      }
      for (number, range) in message.extensionRanges.enumerated() {
        result[place].extensionRanges[number].options = options(
          range.options, of: "ExtensionRangeOptions", in: inner)
      }
    }
  }

  private mutating func resolve(
    _ syntax: [FieldSyntax], into result: inout [Field], in scope: String
  ) {
    let isWhole = result.count == syntax.count
    for (index, field) in syntax.enumerated() {
      var written = field.options
      written.written.removeAll { $0.isPlain("json_name") || $0.isPlain("default") }
      let found = options(written, of: "FieldOptions", in: scope)
      if isWhole { result[index].options = found }
    }
  }

  private mutating func resolve(
    _ syntax: [EnumSyntax], into result: inout [EnumType], in scope: String
  ) {
    for (index, enumeration) in syntax.enumerated() {
      let inner = Self.join(scope, enumeration.name.text)
      result[index].options = options(enumeration.options, of: "EnumOptions", in: inner)
      for (number, value) in enumeration.values.enumerated() {
        result[index].values[number].options = options(
          value.options, of: "EnumValueOptions", in: inner)
      }
    }
  }

  // MARK: One declaration

  private mutating func options(
    _ syntax: OptionsSyntax, of kind: String, in scope: String
  ) -> Options {
    let target = "google.protobuf.\(kind)"
    if let encoded = syntax.encoded {
      return DescriptorReader.options(encoded, of: target, types: types)
    }
    var result = Options()
    guard !syntax.written.isEmpty || syntax.hasBlock else { return result }
    result.isPresent = true
    var assigned = AssignedOptions()
    for option in syntax.written {
      if let field = interpret(option, of: target, in: scope, &assigned) {
        result.fields.append(field)
      }
    }
    let standard = result.fields.filter { !$0.name.hasPrefix("(") }
    let custom = result.fields.filter { $0.name.hasPrefix("(") }
    result.fields = standard.stablySorted(by: \.number) + custom
    return result
  }

  private mutating func interpret(
    _ option: OptionSyntax, of target: String, in scope: String, _ assigned: inout AssignedOptions
  ) -> OptionField? {
    var path: [(field: Field, name: String)] = []
    var message = target
    for (index, part) in option.parts.enumerated() {
      guard let found = optionField(part, of: message, in: scope) else { return nil }
      path.append(found)
      guard index < option.parts.count - 1 else { break }
      guard case .message(let next) = found.field.type, found.field.cardinality != .repeated,
        !found.field.isMap
      else {
        report(
          part.name.span, "`\(part.name.text)` is not one message, so nothing inside it can be set",
          hint: found.field.isRepeated ? "Set a whole element: `= { ... }`." : nil)
        return nil
      }
      message = next
    }
    guard let (field, name) = path.last else { return nil }
    if !assigned.add(path.map(\.name), isRepeated: field.isRepeated || field.isMap) {
      report(option.parts[0].name.span, "this option is set twice", hint: "Remove one of them.")
      return nil
    }
    guard let value = value(option.value, of: field, inAggregate: false, scope: scope) else {
      return nil
    }
    var result = OptionField(name: name, number: field.number, type: field.valueType, value: value)
    for (outer, name) in path.dropLast().reversed() {
      result = OptionField(
        name: name, number: outer.number, type: outer.valueType, value: .message([result]))
    }
    return result
  }

  private mutating func optionField(
    _ part: OptionSyntax.Part, of message: String, in scope: String
  ) -> (field: Field, name: String)? {
    let name = part.name
    if part.isExtension { return extensionOption(name, of: message, in: scope) }
    if name.text != "uninterpreted_option",
      let field = types.message(message)?.field(named: name.text)
    {
      return (field, name.text)
    }
    let known = types.message(message)?.fields.map(\.name).filter { $0 != name.text } ?? []
    let near = Suggestion.nearest(to: name.text, among: known.sorted())
    let short = message.split(separator: ".").last ?? ""
    let custom = "Custom options stand in parentheses."
    report(
      name.span, "`\(short)` has no option `\(name.text)`",
      hint: near.map { "Did you mean `\($0)`?" } ?? custom)
    return nil
  }

  private mutating func extensionOption(
    _ name: Name, of message: String, in scope: String
  ) -> (field: Field, name: String)? {
    let found = symbols.find(name.text, from: scope, file: file) { _ in true }
    guard case .symbol(let symbol, let fullName) = found, symbol.kind == .extension else {
      let known = symbols.symbols.filter { $0.value.kind == .extension }.keys.sorted()
      let suffix = "." + name.text
      let near =
        known.first { $0 == name.text || $0.hasSuffix(suffix) }
        ?? Suggestion.nearest(to: name.text, among: known)
      let path = near.flatMap { symbols.symbols[$0] }.map { files[$0.file].path }
      report(
        name.span, "the custom option `\(name.text)` is not defined",
        hint: near.map { "Did you mean `(\($0))`, of \(path ?? "")?" }
          ?? "Import the file that declares it.")
      return nil
    }
    used.insert(symbol.file)
    // One that is missing was refused where it is declared.
    guard let field = types.extensionField(named: fullName) else { return nil }
    guard field.extendee == message else {
      report(
        name.span, "`\(fullName)` is an option of `\(field.extendee ?? "")`, not of `\(message)`")
      return nil
    }
    return (field, "(\(fullName))")
  }
}

extension Field {
  /// The type of one value, a map's entry being a message.
  var valueType: FieldType { entryName.map { .message($0) } ?? type }
}

/// Which options of one declaration are set already.
private struct AssignedOptions {
  /// Paths set as a whole, and paths of which at least a part is set.
  private var whole: Set<[String]> = []
  private var touched: Set<[String]> = []

  /// Whether `path` could be added to what is set.
  mutating func add(_ path: [String], isRepeated: Bool) -> Bool {
    for count in 1..<max(1, path.count) where whole.contains(Array(path.prefix(count))) {
      return false
    }
    if isRepeated { return true }
    if touched.contains(path) { return false }
    whole.insert(path)
    for count in 1...path.count { touched.insert(Array(path.prefix(count))) }
    return true
  }
}

extension Array {
  /// Sorted, equal ones in the order that they had.
  func stablySorted(by key: (Element) -> Int) -> [Element] {
    enumerated().sorted { (key($0.element), $0.offset) < (key($1.element), $1.offset) }
      .map(\.element)
  }
}
