/// Writes a schema as a `google.protobuf.FileDescriptorSet`, as protoc does.
struct DescriptorWriter {
  let schema: Schema
  /// Whether to add places and comments.
  let withSourceInfo: Bool

  func fileSet() -> [UInt8] {
    var writer = ProtobufWriter()
    for file in schema.files { writer.field(1, bytes: bytes(of: file)) }
    return writer.bytes
  }

  func bytes(of file: SchemaFile) -> [UInt8] {
    var writer = ProtobufWriter()
    writer.field(1, string: file.path)
    if !file.package.isEmpty { writer.field(2, string: file.package) }
    for item in file.imports { writer.field(3, string: item.path) }
    for message in file.messages { writer.message(4) { write(message, to: &$0) } }
    for enumeration in file.enums { writer.message(5) { write(enumeration, to: &$0) } }
    for service in file.services { writer.message(6) { write(service, to: &$0) } }
    for field in file.extensions { writer.message(7) { write(field, in: nil, to: &$0) } }
    write(file.options, 8, to: &writer)
    if withSourceInfo {
      writer.message(9) { SourceCodeInfoWriter(file: file).write(to: &$0) }
    }
    for (index, item) in file.imports.enumerated() where item.kind == .public {
      writer.field(10, integer: index)
    }
    for (index, item) in file.imports.enumerated() where item.kind == .weak {
      writer.field(11, integer: index)
    }
    if file.version == .proto3 { writer.field(12, string: file.version.rawValue) }
    return writer.bytes
  }

  // MARK: Types

  private func write(_ message: MessageType, to writer: inout ProtobufWriter) {
    writer.field(1, string: message.name)
    for field in message.fields { writer.message(2) { write(field, in: message, to: &$0) } }
    for nested in message.messages { writer.message(3) { write(nested, to: &$0) } }
    for enumeration in message.enums { writer.message(4) { write(enumeration, to: &$0) } }
    for range in message.extensionRanges {
      writer.message(5) {
        $0.field(1, integer: range.first)
        $0.field(2, integer: range.last + 1)
        write(range.options, 3, to: &$0)
      }
    }
    for field in message.extensions { writer.message(6) { write(field, in: nil, to: &$0) } }
    write(message.options, 7, to: &writer)
    for oneof in message.oneofs {
      writer.message(8) {
        $0.field(1, string: oneof.name)
        write(oneof.options, 2, to: &$0)
      }
    }
    for name in message.syntheticOneofs { writer.message(8) { $0.field(1, string: name.oneof) } }
    for range in message.reservedRanges {
      writer.message(9) {
        $0.field(1, integer: range.first)
        $0.field(2, integer: range.last + 1)
      }
    }
    for name in message.reservedNames { writer.field(10, string: name) }
  }

  private func write(
    _ field: Field, in message: MessageType?, to writer: inout ProtobufWriter
  ) {
    writer.field(1, string: field.name)
    if let extendee = field.extendee { writer.field(2, string: ".\(extendee)") }
    writer.field(3, integer: field.number)
    switch field.cardinality {
    case .singular, .optional: writer.field(4, integer: 1)
    case .required: writer.field(4, integer: 2)
    case .repeated, .map: writer.field(4, integer: 3)
    }
    switch field.valueType {
    case .scalar(let scalar): writer.field(5, integer: scalar.descriptorNumber)
    case .message(let name):
      writer.field(5, integer: 11)
      writer.field(6, string: ".\(name)")
    case .enumeration(let name):
      writer.field(5, integer: 14)
      writer.field(6, string: ".\(name)")
    }
    if let text = field.defaultText { writer.field(7, string: text) }
    write(field.options, 8, to: &writer)
    if let oneof = field.oneof {
      writer.field(9, integer: oneof)
    } else if field.isProto3Optional, let message,
      let place = message.syntheticOneofs.firstIndex(where: { $0.field == field.name })
    {
      writer.field(9, integer: message.oneofs.count + place)
    }
    writer.field(10, string: field.jsonName)
    if field.isProto3Optional { writer.field(17, bool: true) }
  }

  private func write(_ enumeration: EnumType, to writer: inout ProtobufWriter) {
    writer.field(1, string: enumeration.name)
    for value in enumeration.values {
      writer.message(2) {
        $0.field(1, string: value.name)
        $0.field(2, integer: Int(value.number))
        write(value.options, 3, to: &$0)
      }
    }
    write(enumeration.options, 3, to: &writer)
    for range in enumeration.reservedRanges {
      writer.message(4) {
        $0.field(1, integer: range.first)
        $0.field(2, integer: range.last)
      }
    }
    for name in enumeration.reservedNames { writer.field(5, string: name) }
  }

  private func write(_ service: Service, to writer: inout ProtobufWriter) {
    writer.field(1, string: service.name)
    for method in service.methods {
      writer.message(2) {
        $0.field(1, string: method.name)
        $0.field(2, string: ".\(method.input)")
        $0.field(3, string: ".\(method.output)")
        write(method.options, 4, to: &$0)
        if method.clientStreams { $0.field(5, bool: true) }
        if method.serverStreams { $0.field(6, bool: true) }
      }
    }
    write(service.options, 3, to: &writer)
  }

  private func write(_ options: Options, _ number: Int, to writer: inout ProtobufWriter) {
    if options.isPresent { writer.field(number, bytes: options.encoded()) }
  }
}

extension Schema {
  /// The schema as the bytes of a `google.protobuf.FileDescriptorSet`.
  public func descriptorSet(withSourceInfo: Bool = true) -> [UInt8] {
    DescriptorWriter(schema: self, withSourceInfo: withSourceInfo).fileSet()
  }

  /// One file as the bytes of a `google.protobuf.FileDescriptorProto`, without source info.
  public func descriptor(of file: SchemaFile) -> [UInt8] {
    DescriptorWriter(schema: self, withSourceInfo: false).bytes(of: file)
  }
}

extension MessageType {
  /// The oneofs that stand for proto3 `optional` in descriptors, by field.
  var syntheticOneofs: [(field: String, oneof: String)] {
    guard fields.contains(where: \.isProto3Optional) else { return [] }
    var taken = Set(fields.map(\.name)).union(oneofs.map(\.name))
    return fields.filter(\.isProto3Optional).map { field in
      var name = field.name.hasPrefix("_") ? field.name : "_\(field.name)"
      while taken.contains(name) { name = "X\(name)" }
      taken.insert(name)
      return (field.name, name)
    }
  }
}
