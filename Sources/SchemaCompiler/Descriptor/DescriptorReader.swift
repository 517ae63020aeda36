/// Reads `google.protobuf.FileDescriptorSet` back into syntax trees, for the resolver to check as if
/// they had been written.
struct DescriptorReader {
  /// How deep message types may nest.
  static let depthMax = Parser.depthMax
  /// A larger set is refused.
  static let bytesMax = 64 << 20

  typealias Malformed = ProtobufReader.Malformed

  /// Places and comments by path; the whole file's is that of the empty path.
  private var sources: [[Int]: SyntaxInfo] = [:]
  private var isProto3 = false
  private var path = ""

  /// The files of a set, in its order.
  static func files(in bytes: [UInt8]) throws(Malformed) -> [FileSyntax] {
    guard bytes.count <= bytesMax else { throw Malformed() }
    var reader = ProtobufReader(bytes[...])
    var files: [FileSyntax] = []
    while let (number, value, _) = try reader.next() {
      guard number == 1 else { continue }
      var file = Self()
      files.append(try file.file(value.bytes))
    }
    return files
  }

  // MARK: Parts

  private typealias Fields = [Int: [ProtobufReader.Value]]

  /// A message's fields by number.
  private func fields(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> Fields {
    var reader = ProtobufReader(bytes)
    var fields: Fields = [:]
    while let (number, value, _) = try reader.next() { fields[number, default: []].append(value) }
    return fields
  }

  private func info(_ place: [Int]) -> SyntaxInfo {
    let start = Position(line: 1, column: 1)
    return sources[place] ?? SyntaxInfo(span: SourceSpan(start: start, end: start))
  }

  private func name(_ fields: Fields, _ number: Int, at place: [Int]) -> Name {
    Name(text: fields[number]?.last?.string ?? "", span: info(place).span)
  }

  private func options(_ fields: Fields, _ number: Int) -> OptionsSyntax {
    guard let values = fields[number] else { return OptionsSyntax() }
    return OptionsSyntax(encoded: values.flatMap(\.bytes))
  }

  private mutating func file(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> FileSyntax {
    let fields = try fields(bytes)
    for value in fields[9] ?? [] { try readSources(value.bytes) }
    path = fields[1]?.last?.string ?? ""
    var file = FileSyntax(path: path, span: info([]).span)
    isProto3 = fields[12]?.last?.string == "proto3"
    file.version = isProto3 ? .proto3 : .proto2
    file.versionInfo = sources[[12]]
    file.packageInfo = sources[[2]]
    let package = fields[2]?.last?.string ?? ""
    if !package.isEmpty { file.package = Name(text: package, span: info([2]).span) }
    var kinds: [Int: Import.Kind] = [:]
    for value in fields[10] ?? [] { for index in try integers(value) { kinds[index] = .public } }
    for value in fields[11] ?? [] { for index in try integers(value) { kinds[index] = .weak } }
    file.imports = (fields[3] ?? []).enumerated().map { index, value in
      let place = info([3, index])
      return ImportSyntax(
        path: Name(text: value.string, span: place.span), kind: kinds[index] ?? .plain, info: place)
    }
    file.messages = try list(fields[4]) { (item, index) throws(Malformed) in
      try message(item, at: [4, index], scope: ".\(package)", depth: 1).syntax
    }
    file.enums = try list(fields[5]) { (item, index) throws(Malformed) in
      try enumeration(item, at: [5, index])
    }
    file.services = try list(fields[6]) { (item, index) throws(Malformed) in
      try service(item, at: [6, index])
    }
    file.extensions = try list(fields[7]) { (item, index) throws(Malformed) in
      try field(item, at: [7, index], entries: [:])
    }
    file.options = options(fields, 8)
    return file
  }

  private func integers(_ value: ProtobufReader.Value) throws(Malformed) -> [Int] {
    try ProtobufReader.integers(value)
  }

  private func list<Element>(
    _ values: [ProtobufReader.Value]?,
    _ read: (Fields, Int) throws(Malformed) -> Element
  ) throws(Malformed) -> [Element] {
    var result: [Element] = []
    for (index, value) in (values ?? []).enumerated() {
      result.append(try read(try fields(value.bytes), index))
    }
    return result
  }

  private mutating func readSources(_ bytes: ArraySlice<UInt8>) throws(Malformed) {
    for (place, _) in try list(fields(bytes)[1], { item, _ in (item, 0) }) {
      var path: [Int] = []
      for value in place[1] ?? [] { path += try integers(value) }
      var span: [Int] = []
      for value in place[2] ?? [] { span += try integers(value) }
      let highest = Int(Int32.max)
      guard span.count == 3 || span.count == 4, span.allSatisfy({ 0..<highest ~= $0 }) else {
        continue
      }
      let start = Position(line: span[0] + 1, column: span[1] + 1)
      let end = Position(
        line: (span.count == 4 ? span[2] : span[0]) + 1, column: (span.last ?? 0) + 1)
      let comments = Comments(
        leading: place[3]?.last?.string, trailing: place[4]?.last?.string,
        detached: (place[6] ?? []).map(\.string))
      sources[path] = SyntaxInfo(span: SourceSpan(start: start, end: end), comments: comments)
    }
  }

  // MARK: Types

  /// A message type, and whether it holds a map's entries.
  private func message(
    _ fields: Fields, at place: [Int], scope: String, depth: Int
  ) throws(Malformed) -> (syntax: MessageSyntax, isEntry: Bool) {
    guard depth <= Self.depthMax else { throw Malformed() }
    var message = MessageSyntax(name: name(fields, 1, at: place), info: info(place))
    let inner = "\(scope == "." ? "" : scope).\(message.name.text)"
    let nested = try list(fields[3]) { (item, index) throws(Malformed) in
      try self.message(item, at: place + [3, index], scope: inner, depth: depth + 1)
    }
    var entries: [String: MapEntry] = [:]
    for (index, (syntax, isEntry)) in nested.enumerated() {
      if isEntry, let key = syntax.fields.first(where: { $0.number.value == 1 }),
        let value = syntax.fields.first(where: { $0.number.value == 2 })
      {
        entries["\(inner).\(syntax.name.text)"] = MapEntry(
          index: index, key: key.type, value: value.type)
      } else {
        message.messages.append(syntax)
      }
    }
    message.options = options(fields, 7)
    let isEntry = message.options.encoded.map { Self.flag(7, in: $0) } ?? false
    message.fields = try list(fields[2]) { (item, index) throws(Malformed) in
      try field(item, at: place + [2, index], entries: entries)
    }
    let synthetic = Set(message.fields.filter { $0.label == .optional }.compactMap(\.oneof))
    message.oneofs = try list(fields[8]) { (item, index) throws(Malformed) in
      OneofSyntax(
        name: name(item, 1, at: place + [8, index]), info: info(place + [8, index]),
        options: options(item, 2))
    }.enumerated().filter { !isProto3 || !synthetic.contains($0.offset) }.map(\.element)
    for index in message.fields.indices where isProto3 && message.fields[index].label == .optional {
      message.fields[index].oneof = nil
    }
    message.enums = try list(fields[4]) { (item, index) throws(Malformed) in
      try enumeration(item, at: place + [4, index])
    }
    message.extensions = try list(fields[6]) { (item, index) throws(Malformed) in
      try field(item, at: place + [6, index], entries: [:])
    }
    let span = message.info.span
    message.extensionRanges = try list(fields[5]) { (item, _) throws(Malformed) in
      var range = range(item, span, isEndIncluded: false)
      range.options = options(item, 3)
      return range
    }
    message.reservedRanges = try list(fields[9]) { (item, _) throws(Malformed) in
      range(item, span, isEndIncluded: false)
    }
    message.reservedNames = (fields[10] ?? []).map { Name(text: $0.string, span: span) }
    return (message, isEntry)
  }

  private struct MapEntry {
    var index: Int
    var key: TypeSyntax
    var value: TypeSyntax
  }

  private func range(_ fields: Fields, _ span: SourceSpan, isEndIncluded: Bool) -> RangeSyntax {
    let first = Int32(truncatingIfNeeded: fields[1]?.last?.integer ?? 0)
    let last = Int32(truncatingIfNeeded: fields[2]?.last?.integer ?? 0)
    return RangeSyntax(
      first: Int64(first), last: Int64(last) - (isEndIncluded ? 0 : 1), span: span)
  }

  private func field(
    _ fields: Fields, at place: [Int], entries: [String: MapEntry]
  ) throws(Malformed) -> FieldSyntax {
    let info = info(place)
    let typeName = fields[6]?.last?.string ?? ""
    var type = TypeSyntax.named(Name(text: typeName, span: info.span))
    let kind = fields[5]?.last?.integer ?? 0
    if let scalar = ScalarType(descriptorNumber: kind) { type = .scalar(scalar, info.span) }
    if kind == 10 { throw Malformed() }
    let number = Int32(truncatingIfNeeded: fields[3]?.last?.integer ?? 0)
    var field = FieldSyntax(
      name: name(fields, 1, at: place), info: info, type: type,
      number: NumberSyntax(value: Int64(number), span: info.span))
    field.oneof = fields[9]?.last?.integer
    switch fields[4]?.last?.integer {
    case 2: field.label = .required
    case 3: field.label = .repeated
    default:
      let isExplicit = isProto3 ? fields[17]?.last?.bool == true : field.oneof == nil
      field.label = isExplicit ? .optional : nil
    }
    if let entry = entries[typeName] {
      field.type = .map(key: entry.key, value: entry.value, info.span)
      field.label = nil
      field.entryIndex = entry.index
    }
    if let extendee = fields[2]?.last?.string {
      field.extendee = Name(text: extendee, span: info.span)
    }
    field.jsonName = fields[10]?.last?.string
    field.defaultText = fields[7]?.last?.string
    field.options = options(fields, 8)
    return field
  }

  private func enumeration(_ fields: Fields, at place: [Int]) throws(Malformed) -> EnumSyntax {
    var enumeration = EnumSyntax(name: name(fields, 1, at: place), info: info(place))
    enumeration.values = try list(fields[2]) { (item, index) throws(Malformed) in
      let info = info(place + [2, index])
      let number = Int32(truncatingIfNeeded: item[2]?.last?.integer ?? 0)
      return EnumValueSyntax(
        name: name(item, 1, at: place + [2, index]), info: info,
        number: NumberSyntax(value: Int64(number), span: info.span), options: options(item, 3))
    }
    enumeration.options = options(fields, 3)
    let span = enumeration.info.span
    enumeration.reservedRanges = try list(fields[4]) { (item, _) throws(Malformed) in
      range(item, span, isEndIncluded: true)
    }
    enumeration.reservedNames = (fields[5] ?? []).map { Name(text: $0.string, span: span) }
    return enumeration
  }

  private func service(_ fields: Fields, at place: [Int]) throws(Malformed) -> ServiceSyntax {
    var service = ServiceSyntax(name: name(fields, 1, at: place), info: info(place))
    service.methods = try list(fields[2]) { (item, index) throws(Malformed) in
      let place = place + [2, index]
      return MethodSyntax(
        name: name(item, 1, at: place), info: info(place), input: name(item, 2, at: place),
        output: name(item, 3, at: place), clientStreams: item[5]?.last?.bool ?? false,
        serverStreams: item[6]?.last?.bool ?? false, options: options(item, 4))
    }
    service.options = options(fields, 3)
    return service
  }
}
