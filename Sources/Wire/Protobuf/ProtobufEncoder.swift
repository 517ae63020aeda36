/// Writes protobuf's binary encoding, from the last field to the first: fields ascend by number,
/// maps by key, unknown fields stand at the end.
struct ProtobufEncoder: ~Copyable {
  private var writer: ReverseWriter
  private let dropsUnknownFields: Bool
  private var depthLeft: Int

  /// Writes one message before what the writer holds.
  static func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer, options: CodingOptions,
    to writer: inout ReverseWriter
  ) throws(WireFault) {
    var encoder = ProtobufEncoder(writer, options: options)
    // The writer comes back, whatever happens.
    do throws(WireFault) {
      try encoder.encode(table, message)
    } catch {
      writer = encoder.finish()
      throw error
    }
    writer = encoder.finish()
  }

  private init(_ writer: consuming ReverseWriter, options: CodingOptions) {
    self.writer = writer
    dropsUnknownFields = options.dropsUnknownFields
    depthLeft = options.nestingMax
  }

  private consuming func finish() -> ReverseWriter { writer }

  // MARK: Messages

  /// Writes a message's fields.
  private mutating func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    if depthLeft == 0 { throw WireFault(reason: .nestingTooDeep, byteOffset: 0) }
    depthLeft -= 1
    try unknownFields(table, message)
    if let fields = table.pointee.fields.baseAddress {
      var field = fields + table.pointee.fields.count
      while field > fields {
        field -= 1
        try self.field(field, message + field.pointee.offset)
      }
    }
    depthLeft += 1
  }

  @inline(__always)
  private mutating func lengthAndMessage(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let before = writer.count
    try encode(table, message)
    writer.varint(UInt64(writer.count - before))
  }

  @inline(__always)
  private mutating func unknownFields(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let slot = (message + table.pointee.unknownFieldsOffset)
      .assumingMemoryBound(to: UnknownFields.self)
    if slot.pointee.isEmpty { return }
    if let bytes = slot.pointee.protobuf {
      writer.bytes(bytes)
    } else if !dropsUnknownFields {
      throw WireFault(reason: .unknownFields, byteOffset: 0)
    }
  }

  @inline(__always)
  private mutating func tag(_ number: UInt32, _ wireType: WireType) {
    writer.varint(UInt64(number) << 3 | UInt64(wireType.rawValue))
  }

  // MARK: Fields

  @inline(__always)
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    let number = field.pointee.number
    switch field.pointee.shape {
    case .singular: singular(field.pointee.kind, number, slot)
    case .optional: try optional(field, number, slot)
    case .repeated: try repeated(field, number, slot)
    case .map: try map(field, number, slot)
    case .member: try member(field, number, slot)
    }
  }

  @inline(__always)
  private mutating func singular(_ kind: ValueKind, _ number: UInt32, _ slot: UnsafeRawPointer) {
    switch kind {
    case .int32, .enum: singular(SignedCodec<Int32>.self, number, slot)
    case .int64: singular(SignedCodec<Int64>.self, number, slot)
    case .uint32: singular(UnsignedCodec<UInt32>.self, number, slot)
    case .uint64: singular(UnsignedCodec<UInt64>.self, number, slot)
    case .sint32: singular(ZigZagCodec<Int32>.self, number, slot)
    case .sint64: singular(ZigZagCodec<Int64>.self, number, slot)
    case .fixed32: singular(FixedCodec<UInt32>.self, number, slot)
    case .fixed64: singular(FixedCodec<UInt64>.self, number, slot)
    case .sfixed32: singular(FixedCodec<Int32>.self, number, slot)
    case .sfixed64: singular(FixedCodec<Int64>.self, number, slot)
    case .float: singular(FloatCodec.self, number, slot)
    case .double: singular(DoubleCodec.self, number, slot)
    case .bool: singular(BoolCodec.self, number, slot)
    case .string: singular(StringCodec.self, number, slot)
    case .bytes: singular(BytesCodec.self, number, slot)
    case .message: break  // a singular message has presence: never of this shape
    }
  }

  @inline(__always)
  private mutating func singular<C: ScalarCodec>(
    _ codec: C.Type, _ number: UInt32, _ slot: UnsafeRawPointer
  ) {
    let value = slot.assumingMemoryBound(to: C.Value.self)
    if C.isDefault(value.pointee) { return }
    C.writeProtobuf(value.pointee, &writer)
    tag(number, C.wireType)
  }

  @inline(__always)
  private mutating func optional(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32, .enum: optional(SignedCodec<Int32>.self, number, slot)
    case .int64: optional(SignedCodec<Int64>.self, number, slot)
    case .uint32: optional(UnsignedCodec<UInt32>.self, number, slot)
    case .uint64: optional(UnsignedCodec<UInt64>.self, number, slot)
    case .sint32: optional(ZigZagCodec<Int32>.self, number, slot)
    case .sint64: optional(ZigZagCodec<Int64>.self, number, slot)
    case .fixed32: optional(FixedCodec<UInt32>.self, number, slot)
    case .fixed64: optional(FixedCodec<UInt64>.self, number, slot)
    case .sfixed32: optional(FixedCodec<Int32>.self, number, slot)
    case .sfixed64: optional(FixedCodec<Int64>.self, number, slot)
    case .float: optional(FloatCodec.self, number, slot)
    case .double: optional(DoubleCodec.self, number, slot)
    case .bool: optional(BoolCodec.self, number, slot)
    case .string: optional(StringCodec.self, number, slot)
    case .bytes: optional(BytesCodec.self, number, slot)
    case .message: try optionalMessage(field, number, slot)
    }
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ number: UInt32, _ slot: UnsafeRawPointer
  ) {
    guard let value = slot.assumingMemoryBound(to: C.Value?.self).pointee else { return }
    C.writeProtobuf(value, &writer)
    tag(number, C.wireType)
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    guard let access = field.pointee.message else { return }
    try access.lend { (access) throws(WireFault) in
      guard access.slot.isPresent(slot) else { return }
      if access.slot.isInline {
        try lengthAndMessage(access.table, slot)
      } else {
        try access.slot.read(slot) { (message) throws(WireFault) in
          try lengthAndMessage(access.table, message)
        }
      }
      tag(number, .lengthDelimited)
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    guard let oneof = field.pointee.oneof, let member = field.pointee.member,
      oneof.lend({ $0.which(slot) }) == number
    else { return }
    try member.lend { (member) throws(WireFault) in
      try member.read(slot) { (value) throws(WireFault) in
        try element(field, field.pointee.kind, number, value)
      }
    }
  }

  // MARK: Lists and maps

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32: repeated(SignedCodec<Int32>.self, field, slot)
    case .int64: repeated(SignedCodec<Int64>.self, field, slot)
    case .uint32: repeated(UnsignedCodec<UInt32>.self, field, slot)
    case .uint64: repeated(UnsignedCodec<UInt64>.self, field, slot)
    case .sint32: repeated(ZigZagCodec<Int32>.self, field, slot)
    case .sint64: repeated(ZigZagCodec<Int64>.self, field, slot)
    case .fixed32: repeated(FixedCodec<UInt32>.self, field, slot)
    case .fixed64: repeated(FixedCodec<UInt64>.self, field, slot)
    case .sfixed32: repeated(FixedCodec<Int32>.self, field, slot)
    case .sfixed64: repeated(FixedCodec<Int64>.self, field, slot)
    case .float: repeated(FloatCodec.self, field, slot)
    case .double: repeated(DoubleCodec.self, field, slot)
    case .bool: repeated(BoolCodec.self, field, slot)
    case .string: repeated(StringCodec.self, field, slot)
    case .bytes: repeated(BytesCodec.self, field, slot)
    case .enum:
      guard let access = field.pointee.enumeration?.takeUnretainedValue() else { return }
      try access.read(slot) { (numbers) throws(WireFault) in
        list(SignedCodec<Int32>.self, numbers, field)
      }
    case .message:
      guard let access = field.pointee.message else { return }
      try access.lend { (access) throws(WireFault) in
        let (table, elements) = (access.table, access.elements)
        try elements.read(slot) { (first, count) throws(WireFault) in
          var index = count
          while index > 0 {
            index -= 1
            try lengthAndMessage(table, elements.readable(first + index * elements.stride))
            tag(number, .lengthDelimited)
          }
        }
      }
    }
  }

  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) {
    slot.assumingMemoryBound(to: [C.Value].self).pointee.withUnsafeBufferPointer {
      list(codec, $0, field)
    }
  }

  @inline(__always)
  private mutating func list<C: ScalarCodec>(
    _ codec: C.Type, _ elements: UnsafeBufferPointer<C.Value>, _ field: UnsafePointer<FieldEntry>
  ) {
    let (number, isPacked) = (field.pointee.number, field.pointee.isPacked)
    let before = writer.count
    var index = elements.count
    while index > 0 {
      index -= 1
      C.writeProtobuf(elements[index], &writer)
      if !isPacked { tag(number, C.wireType) }
    }
    if isPacked, !elements.isEmpty {
      writer.varint(UInt64(writer.count - before))
      tag(number, .lengthDelimited)
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    guard let map = field.pointee.map?.takeUnretainedValue(), map.count(slot) > 0 else { return }
    try map.read(slot, true) { (key, value) throws(WireFault) in
      let before = writer.count
      try element(field, field.pointee.kind, 2, value)
      try element(field, field.pointee.keyKind, 1, key)
      writer.varint(UInt64(writer.count - before))
      tag(number, .lengthDelimited)
    }
  }

  /// A value that is written even when it is a default: of a map or a oneof.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ number: UInt32,
    _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .enum: element(SignedCodec<Int32>.self, number, slot)
    case .int64: element(SignedCodec<Int64>.self, number, slot)
    case .uint32: element(UnsignedCodec<UInt32>.self, number, slot)
    case .uint64: element(UnsignedCodec<UInt64>.self, number, slot)
    case .sint32: element(ZigZagCodec<Int32>.self, number, slot)
    case .sint64: element(ZigZagCodec<Int64>.self, number, slot)
    case .fixed32: element(FixedCodec<UInt32>.self, number, slot)
    case .fixed64: element(FixedCodec<UInt64>.self, number, slot)
    case .sfixed32: element(FixedCodec<Int32>.self, number, slot)
    case .sfixed64: element(FixedCodec<Int64>.self, number, slot)
    case .float: element(FloatCodec.self, number, slot)
    case .double: element(DoubleCodec.self, number, slot)
    case .bool: element(BoolCodec.self, number, slot)
    case .string: element(StringCodec.self, number, slot)
    case .bytes: element(BytesCodec.self, number, slot)
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      try lengthAndMessage(access.table, access.elements.readable(slot))
      tag(number, .lengthDelimited)
    }
  }

  @inline(__always)
  private mutating func element<C: ScalarCodec>(
    _ codec: C.Type, _ number: UInt32, _ slot: UnsafeRawPointer
  ) {
    C.writeProtobuf(slot.assumingMemoryBound(to: C.Value.self).pointee, &writer)
    tag(number, C.wireType)
  }
}
