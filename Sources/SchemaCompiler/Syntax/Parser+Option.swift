extension Parser {
  /// `option name = value;`
  mutating func optionStatement(into options: inout OptionsSyntax) throws(ParserRecovery) {
    try expect(keyword: "option")
    options.written.append(try option())
    _ = try endHead(";")
  }

  /// `[name = value, ...]`, or nothing.
  mutating func bracketedOptions() throws(ParserRecovery) -> OptionsSyntax {
    var options = OptionsSyntax()
    guard take(symbol: "[") else { return options }
    repeat {
      options.written.append(try option())
    } while take(symbol: ",")
    try expect(symbol: "]")
    return options
  }

  private mutating func option() throws(ParserRecovery) -> OptionSyntax {
    var parts: [OptionSyntax.Part] = []
    repeat {
      if take(symbol: "(") {
        let name = try dottedName("the name of a custom option", mayBeAbsolute: true)
        try expect(symbol: ")")
        parts.append(OptionSyntax.Part(name: name, isExtension: true))
      } else {
        let name = try identifier("an option's name")
        parts.append(OptionSyntax.Part(name: name, isExtension: false))
      }
      if parts.count > Self.depthMax {
        report(current.span, "an option's name of more than \(Self.depthMax) parts")
        throw ParserRecovery()
      }
    } while take(symbol: ".")
    try expect(symbol: "=", hint: "An option is written `name = value`.")
    return OptionSyntax(parts: parts, value: try optionValue())
  }

  private mutating func optionValue() throws(ParserRecovery) -> OptionValueSyntax {
    let start = current.span.start
    if take(symbol: "{") {
      let fields = try aggregate(closing: "}", depth: 1)
      return OptionValueSyntax(form: .aggregate(fields), span: span(from: start))
    }
    return try scalarValue()
  }

  private mutating func scalarValue() throws(ParserRecovery) -> OptionValueSyntax {
    let start = current.span.start
    let isNegative = take(symbol: "-")
    let form: OptionValueSyntax.Form
    switch current.kind {
    case .integer(let magnitude):
      form = .integer(magnitude: magnitude, isNegative: isNegative)
      advance()
    case .float(let value):
      form = .float(isNegative ? -value : value)
      advance()
    case .identifier where isNegative:
      guard let value = Self.namedFloat(current.text) else { throw unexpected("a number") }
      form = .float(-value)
      advance()
    case .identifier:
      form = .identifier(current.text)
      advance()
    case .string where !isNegative:
      form = .string(try string("a value").bytes)
    default:
      throw unexpected(isNegative ? "a number" : "a value")
    }
    return OptionValueSyntax(form: form, span: span(from: start))
  }

  /// `inf` and `nan`.
  static func namedFloat(_ name: String) -> Double? {
    switch name {
    case "inf", "infinity": .infinity
    case "nan": .nan
    default: nil
    }
  }

  // MARK: Text format

  /// The fields of a message value, after its `{` or `<`.
  private mutating func aggregate(
    closing: String, depth: Int
  ) throws(ParserRecovery) -> [AggregateField] {
    if depth > Self.depthMax {
      report(current.span, "option values nested more than \(Self.depthMax) deep")
      throw ParserRecovery()
    }
    var fields: [AggregateField] = []
    while !take(symbol: closing) {
      fields.append(try aggregateField(depth: depth))
      _ = take(symbol: ",") || take(symbol: ";")
    }
    return fields
  }

  private mutating func aggregateField(depth: Int) throws(ParserRecovery) -> AggregateField {
    let isExtension = take(symbol: "[")
    let name: Name
    if isExtension {
      name = try dottedName("the name of an extension")
      if current.isSymbol("/") {
        report(current.span, "an expanded `Any` in an option is not supported")
        throw ParserRecovery()
      }
      try expect(symbol: "]")
    } else {
      name = try identifier("a field's name or the closing bracket")
    }
    let hasColon = take(symbol: ":")
    if current.isSymbol("{") || current.isSymbol("<") {
      let value = try messageValue(depth: depth)
      return AggregateField(name: name, isExtension: isExtension, value: value)
    }
    guard hasColon else { throw unexpected("`:` or `{` after `\(name.text)`") }
    let value = current.isSymbol("[") ? try list(depth: depth) : try scalarValue()
    return AggregateField(name: name, isExtension: isExtension, value: value)
  }

  private mutating func messageValue(depth: Int) throws(ParserRecovery) -> OptionValueSyntax {
    let start = current.span.start
    let closing = current.isSymbol("{") ? "}" : ">"
    advance()
    let fields = try aggregate(closing: closing, depth: depth + 1)
    return OptionValueSyntax(form: .aggregate(fields), span: span(from: start))
  }

  private mutating func list(depth: Int) throws(ParserRecovery) -> OptionValueSyntax {
    let start = current.span.start
    try expect(symbol: "[")
    var values: [OptionValueSyntax] = []
    while !take(symbol: "]") {
      let isMessage = current.isSymbol("{") || current.isSymbol("<")
      values.append(isMessage ? try messageValue(depth: depth) : try scalarValue())
      if !current.isSymbol("]") { try expect(symbol: ",") }
    }
    return OptionValueSyntax(form: .list(values), span: span(from: start))
  }
}
