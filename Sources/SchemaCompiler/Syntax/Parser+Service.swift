extension Parser {
  /// `service Name { rpc ... }`
  mutating func service() throws(ParserRecovery) -> ServiceSyntax {
    let start = current.span.start
    try expect(keyword: "service")
    let name = try identifier("the service's name")
    let comments = try endHead("{")
    var service = ServiceSyntax(name: name, info: SyntaxInfo(span: name.span, comments: comments))
    try block("service") { parser throws(ParserRecovery) in
      if parser.current.isKeyword("option") {
        try parser.optionStatement(into: &service.options)
      } else {
        service.methods.append(try parser.method())
      }
    }
    service.info.span = span(from: start)
    return service
  }

  private mutating func method() throws(ParserRecovery) -> MethodSyntax {
    let start = current.span.start
    guard take(keyword: "rpc") else {
      throw unexpected("`rpc`", hint: "A method is written `rpc Name(Request) returns (Reply);`.")
    }
    let name = try identifier("the method's name")
    let (input, clientStreams) = try messageType()
    try expect(keyword: "returns")
    let (output, serverStreams) = try messageType()
    var method = MethodSyntax(
      name: name, info: SyntaxInfo(span: name.span), input: input, output: output,
      clientStreams: clientStreams, serverStreams: serverStreams)
    if current.isSymbol("{") {
      method.info.comments = try endHead("{")
      method.options.hasBlock = true
      try block("method") { parser throws(ParserRecovery) in
        guard parser.current.isKeyword("option") else {
          throw parser.unexpected("`option` or `}`")
        }
        try parser.optionStatement(into: &method.options)
      }
    } else {
      method.info.comments = try endHead(";")
    }
    method.info.span = span(from: start)
    return method
  }

  private mutating func messageType() throws(ParserRecovery) -> (Name, streams: Bool) {
    try expect(symbol: "(")
    let streams = take(keyword: "stream")
    let name = try dottedName("a message type", mayBeAbsolute: true)
    try expect(symbol: ")")
    return (name, streams)
  }
}
