extension Parser {
  /// `message Name { ... }`
  mutating func message(depth: Int) throws(ParserRecovery) -> MessageSyntax {
    let start = current.span.start
    try expect(keyword: "message")
    let name = try identifier("the message's name")
    if depth > Self.depthMax {
      report(name.span, "messages nested more than \(Self.depthMax) deep")
      throw ParserRecovery()
    }
    let comments = try endHead("{")
    var message = MessageSyntax(
      name: name, info: SyntaxInfo(span: name.span, comments: comments))
    var entries = 0
    try block("message") { parser throws(ParserRecovery) in
      try parser.member(of: &message, entries: &entries, depth: depth)
    }
    message.info.span = span(from: start)
    return message
  }

  private mutating func member(
    of message: inout MessageSyntax, entries: inout Int, depth: Int
  ) throws(ParserRecovery) {
    switch current.kind == .identifier ? current.text : "" {
    case "message": message.messages.append(try self.message(depth: depth + 1))
    case "enum": message.enums.append(try enumeration())
    case "extend": message.extensions += try extend()
    case "option": try optionStatement(into: &message.options)
    case "reserved":
      try reserved(ranges: &message.reservedRanges, names: &message.reservedNames, isEnum: false)
    case "extensions": message.extensionRanges += try extensionRanges()
    case "oneof": try oneof(in: &message, entries: &entries)
    default:
      var field = try field()
      field.entryIndex = message.messages.count + entries
      if case .map = field.type { entries += 1 }
      message.fields.append(field)
    }
  }

  private mutating func oneof(
    in message: inout MessageSyntax, entries: inout Int
  ) throws(ParserRecovery) {
    let start = current.span.start
    try expect(keyword: "oneof")
    let name = try identifier("the oneof's name")
    let comments = try endHead("{")
    let index = message.oneofs.count
    var oneof = OneofSyntax(name: name, info: SyntaxInfo(span: name.span, comments: comments))
    var fields: [FieldSyntax] = []
    try block("oneof") { parser throws(ParserRecovery) in
      if parser.current.isKeyword("option") {
        return try parser.optionStatement(into: &oneof.options)
      }
      var field = try parser.field()
      field.oneof = index
      if let label = field.label, let span = field.labelSpan {
        parser.report(
          span, "`\(label.rawValue)` inside a oneof",
          hint: "A member of a oneof has no label: it is there or not as it is.")
        field.label = nil
      }
      if case .map(_, _, let span) = field.type {
        parser.report(
          span, "a map inside a oneof", hint: "Put the map into a message of its own.")
        return
      }
      fields.append(field)
    }
    for var field in fields {
      field.entryIndex = message.messages.count + entries
      message.fields.append(field)
    }
    oneof.info.span = span(from: start)
    message.oneofs.append(oneof)
  }

  /// `label type name = number [options];`
  mutating func field() throws(ParserRecovery) -> FieldSyntax {
    let start = current.span.start
    var label: FieldSyntax.Label?
    var labelSpan: SourceSpan?
    if current.kind == .identifier, let found = FieldSyntax.Label(rawValue: current.text) {
      label = found
      labelSpan = current.span
      advance()
    }
    if current.isKeyword("group") {
      report(
        current.span, "groups are not supported",
        hint: "Declare a message and a field of that type.")
      throw ParserRecovery()
    }
    let type = try fieldType()
    let name = try identifier("the field's name")
    try expect(symbol: "=", hint: "A field is written `type name = number;`.")
    let number = try integer("the field's number", mayBeNegative: false)
    let options = try bracketedOptions()
    let comments = try endHead(";")
    if case .map(_, _, let span) = type, let label {
      report(
        span, "`\(label.rawValue)` in front of a map",
        hint: "A map has no label: it holds any number of entries as it is.")
    }
    let isMap = if case .map = type { true } else { false }
    return FieldSyntax(
      name: name, info: SyntaxInfo(span: span(from: start), comments: comments),
      label: isMap ? nil : label, labelSpan: labelSpan, type: type, number: number,
      options: options)
  }

  private mutating func fieldType() throws(ParserRecovery) -> TypeSyntax {
    let start = current.span.start
    guard current.isKeyword("map") else { return try simpleType() }
    advance()
    guard take(symbol: "<") else {
      return .named(Name(text: "map", span: span(from: start)))
    }
    let key = try simpleType()
    try expect(symbol: ",", hint: "A map is written `map<key, value>`.")
    let value = try simpleType()
    try expect(symbol: ">")
    return .map(key: key, value: value, span(from: start))
  }

  private mutating func simpleType() throws(ParserRecovery) -> TypeSyntax {
    if current.kind == .identifier, let scalar = ScalarType(rawValue: current.text) {
      let span = current.span
      advance()
      return .scalar(scalar, span)
    }
    return .named(try dottedName("a type", mayBeAbsolute: true))
  }

  /// `extend Extendee { fields }`
  mutating func extend() throws(ParserRecovery) -> [FieldSyntax] {
    try expect(keyword: "extend")
    let extendee = try dottedName("the message to extend", mayBeAbsolute: true)
    try endQuietly("{")
    var fields: [FieldSyntax] = []
    try block("extension") { parser throws(ParserRecovery) in
      var field = try parser.field()
      if case .map(_, _, let span) = field.type {
        parser.report(span, "a map as an extension")
        return
      }
      field.extendee = extendee
      fields.append(field)
    }
    return fields
  }

  /// `reserved 2, 4 to 6, 9 to max;` or `reserved "a", "b";`
  mutating func reserved(
    ranges: inout [RangeSyntax], names: inout [Name], isEnum: Bool
  ) throws(ParserRecovery) {
    try expect(keyword: "reserved")
    let highest = isEnum ? Int64(Int32.max) : FieldNumber.max
    repeat {
      if case .string = current.kind {
        let (bytes, span) = try string("a name")
        names.append(Name(text: String(decoding: bytes, as: UTF8.self), span: span))
      } else {
        if current.kind == .identifier {
          throw unexpected(
            "a number or a name in quotes",
            hint: "A reserved name stands in quotes: `reserved \"\(current.text)\";`.")
        }
        ranges.append(try range(mayBeNegative: isEnum, max: highest))
      }
    } while take(symbol: ",")
    try endQuietly(";")
  }

  private mutating func extensionRanges() throws(ParserRecovery) -> [RangeSyntax] {
    try expect(keyword: "extensions")
    var ranges: [RangeSyntax] = []
    repeat {
      ranges.append(try range(mayBeNegative: false, max: FieldNumber.max))
    } while take(symbol: ",")
    let options = try bracketedOptions()
    try endQuietly(";")
    return ranges.map { range in
      var range = range
      range.options = options
      return range
    }
  }

  private mutating func range(
    mayBeNegative: Bool, max: Int64
  ) throws(ParserRecovery) -> RangeSyntax {
    let first = try integer("a number or a name in quotes", mayBeNegative: mayBeNegative)
    var last = first.value
    if take(keyword: "to") {
      if take(keyword: "max") {
        last = max
      } else {
        last = try integer("a number or `max`", mayBeNegative: mayBeNegative).value
      }
    }
    return RangeSyntax(first: first.value, last: last, span: span(from: first.span.start))
  }
}
