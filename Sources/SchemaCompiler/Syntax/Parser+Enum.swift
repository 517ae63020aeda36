extension Parser {
  /// `enum Name { VALUE = 0; ... }`
  mutating func enumeration() throws(ParserRecovery) -> EnumSyntax {
    let start = current.span.start
    try expect(keyword: "enum")
    let name = try identifier("the enum's name")
    let comments = try endHead("{")
    var enumeration = EnumSyntax(
      name: name, info: SyntaxInfo(span: name.span, comments: comments))
    try block("enum") { parser throws(ParserRecovery) in
      if parser.current.isKeyword("option") {
        try parser.optionStatement(into: &enumeration.options)
      } else if parser.current.isKeyword("reserved") {
        try parser.reserved(
          ranges: &enumeration.reservedRanges, names: &enumeration.reservedNames, isEnum: true)
      } else {
        enumeration.values.append(try parser.enumValue())
      }
    }
    enumeration.info.span = span(from: start)
    return enumeration
  }

  private mutating func enumValue() throws(ParserRecovery) -> EnumValueSyntax {
    let start = current.span.start
    let name = try identifier("the name of an enum value")
    try expect(symbol: "=", hint: "An enum value is written `NAME = number;`.")
    let number = try integer("the value's number", mayBeNegative: true)
    let options = try bracketedOptions()
    let comments = try endHead(";")
    return EnumValueSyntax(
      name: name, info: SyntaxInfo(span: span(from: start), comments: comments), number: number,
      options: options)
  }
}
