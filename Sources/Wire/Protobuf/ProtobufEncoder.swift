/// Writes protobuf's binary encoding, from the last field to the first: fields ascend by number,
/// maps by key, unknown fields stand at the end.
struct ProtobufEncoder: ~Copyable {
  private var writer: ReverseWriter
  private let dropsUnknownFields: Bool
  private let refusesUnknownFields: Bool
  private var depthLeft: Int

  /// Writes one message before what the writer holds.
  static func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer, options: BinaryOptions,
    to writer: inout ReverseWriter
  ) throws(WireFault) {
    var encoder = ProtobufEncoder(writer, options: options)
    // The writer comes back, whatever happens.
    do throws(WireFault) {
      try unsafe encoder.encode(table, message)
    } catch {
      writer = encoder.finish()
      throw error
    }
    writer = encoder.finish()
  }

  private init(_ writer: consuming ReverseWriter, options: BinaryOptions) {
    self.writer = writer
    dropsUnknownFields = options.dropsUnknownFields
    refusesUnknownFields = options.refusesUnknownFields
    depthLeft = options.nestingMax
  }

  private consuming func finish() -> ReverseWriter { writer }

  // MARK: Messages

  /// Writes a message's fields.
  private mutating func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    if depthLeft <= 0 { throw WireFault(reason: .nestingTooDeep, byteOffset: 0) }
    depthLeft -= 1
    try unsafe unknownFields(table, message)
    let room = unsafe table.pointee.plainBytesMax
    writer.reserve(room)
    var cursor = writer.cursor
    if let fields = unsafe table.pointee.fields.baseAddress {
      var field = unsafe fields + table.pointee.fields.count
      while unsafe field > fields {
        unsafe field -= 1
        let slot = unsafe message + field.pointee.offset
        let isPresent: Bool
        let wireType: WireType
        switch unsafe field.pointee.form {
        case .int32, .enumeration:
          isPresent = cursor.unlessZero(
            UInt64(bitPattern: Int64(unsafe slot.load(as: Int32.self))))
          wireType = .varint
        case .int64, .uint64:
          isPresent = cursor.unlessZero(unsafe slot.load(as: UInt64.self))
          wireType = .varint
        case .uint32:
          isPresent = cursor.unlessZero(UInt64(unsafe slot.load(as: UInt32.self)))
          wireType = .varint
        case .sint32:
          isPresent = cursor.unlessZero(ZigZag.encode(Int64(unsafe slot.load(as: Int32.self))))
          wireType = .varint
        case .sint64:
          isPresent = cursor.unlessZero(ZigZag.encode(unsafe slot.load(as: Int64.self)))
          wireType = .varint
        case .bool:
          isPresent = cursor.unlessZero(unsafe slot.load(as: Bool.self) ? 1 : 0)
          wireType = .varint
        case .fixed32, .sfixed32, .float:
          isPresent = cursor.unlessZero(fixed: unsafe slot.load(as: UInt32.self))
          wireType = .fixed32
        case .fixed64, .sfixed64, .double:
          isPresent = cursor.unlessZero(fixed: unsafe slot.load(as: UInt64.self))
          wireType = .fixed64
        case .string:
          guard let text = unsafe SmallText(slot.assumingMemoryBound(to: String.self)) else {
            try unsafe self.field(field, slot, &cursor, room)
            continue
          }
          isPresent = cursor.unlessEmpty(text)
          wireType = .lengthDelimited
        case .bytes:
          let bytes = unsafe slot.assumingMemoryBound(to: [UInt8].self)
          guard unsafe bytes.pointee.count <= ReverseCursor.shortBytesMax else {
            try unsafe self.field(field, slot, &cursor, room)
            continue
          }
          isPresent = unsafe cursor.unlessEmpty(bytes.pointee.span)
          wireType = .lengthDelimited
        default:
          try unsafe self.field(field, slot, &cursor, room)
          continue
        }
        if isPresent {
          unsafe cursor.varint(UInt64(field.pointee.number) << 3 | UInt64(wireType.rawValue))
        }
      }
    }
    depthLeft += 1
    writer.cursor = cursor
  }

  @inline(__always)
  private mutating func lengthAndMessage(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let before = writer.count
    try unsafe encode(table, message)
    writer.varint(UInt64(writer.count - before))
  }

  @inline(__always)
  private mutating func unknownFields(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let slot = unsafe (message + table.pointee.unknownFieldsOffset)
      .assumingMemoryBound(to: UnknownFields.self)
    if unsafe slot.pointee.isEmpty { return }
    if refusesUnknownFields { throw WireFault(reason: .unknownFields, byteOffset: 0) }
    if let bytes = unsafe slot.pointee.protobuf {
      unsafe bytes.withUnsafeBytes { unsafe writer.bytes($0) }
    } else if !dropsUnknownFields {
      throw WireFault(reason: .unknownFields, byteOffset: 0)
    }
  }

  @inline(__always)
  private mutating func tag(_ number: UInt32, _ wireType: WireType) {
    writer.varint(UInt64(number) << 3 | UInt64(wireType.rawValue))
  }

  // MARK: Fields

  /// Writes a field of any length between those that the cursor writes.
  @inline(__always)
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer, _ cursor: inout ReverseCursor,
    _ room: Int
  ) throws(WireFault) {
    writer.cursor = cursor
    try unsafe self.field(field, slot)
    writer.reserve(room)
    cursor = writer.cursor
  }

  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    let number = unsafe field.pointee.number
    switch unsafe field.pointee.form {
    case .string: unsafe singular(StringCodec.self, number, slot)
    case .bytes: unsafe singular(BytesCodec.self, number, slot)
    case .optionalInt32, .optionalEnum: unsafe optional(SignedCodec<Int32>.self, number, slot)
    case .optionalInt64: unsafe optional(SignedCodec<Int64>.self, number, slot)
    case .optionalUInt32: unsafe optional(UnsignedCodec<UInt32>.self, number, slot)
    case .optionalUInt64: unsafe optional(UnsignedCodec<UInt64>.self, number, slot)
    case .optionalSInt32: unsafe optional(ZigZagCodec<Int32>.self, number, slot)
    case .optionalSInt64: unsafe optional(ZigZagCodec<Int64>.self, number, slot)
    case .optionalFixed32: unsafe optional(FixedCodec<UInt32>.self, number, slot)
    case .optionalFixed64: unsafe optional(FixedCodec<UInt64>.self, number, slot)
    case .optionalSFixed32: unsafe optional(FixedCodec<Int32>.self, number, slot)
    case .optionalSFixed64: unsafe optional(FixedCodec<Int64>.self, number, slot)
    case .optionalFloat: unsafe optional(FloatCodec.self, number, slot)
    case .optionalDouble: unsafe optional(DoubleCodec.self, number, slot)
    case .optionalBool: unsafe optional(BoolCodec.self, number, slot)
    case .optionalString: unsafe optional(StringCodec.self, number, slot)
    case .optionalBytes: unsafe optional(BytesCodec.self, number, slot)
    case .optionalMessage: try unsafe optionalMessage(field, number, slot)
    case .repeated: try unsafe repeated(field, number, slot)
    case .map: try unsafe map(field, number, slot)
    case .member: try unsafe member(field, number, slot)
    default: break  // a number: `encode` writes them itself
    }
  }

  @inline(__always)
  private mutating func singular<C: ScalarCodec>(
    _ codec: C.Type, _ number: UInt32, _ slot: UnsafeRawPointer
  ) {
    let value = unsafe slot.assumingMemoryBound(to: C.Value.self)
    if unsafe C.isDefault(value) { return }
    unsafe C.writeProtobuf(value, &writer)
    tag(number, C.wireType)
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ number: UInt32, _ slot: UnsafeRawPointer
  ) {
    guard unsafe isPresent(C.Value.self, slot) else { return }
    // A present optional begins with its value.
    unsafe C.writeProtobuf(slot.assumingMemoryBound(to: C.Value.self), &writer)
    tag(number, C.wireType)
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    guard let access = unsafe field.pointee.message else { return }
    try unsafe access.lend { (access) throws(WireFault) in
      guard unsafe access.slot.isPresent(slot) else { return }
      if access.slot.isInline {
        try unsafe lengthAndMessage(access.table, slot)
      } else {
        try unsafe access.slot.read(slot) { (message) throws(WireFault) in
          try unsafe lengthAndMessage(access.table, message)
        }
      }
      tag(number, .lengthDelimited)
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    guard let oneof = unsafe field.pointee.oneof, let member = unsafe field.pointee.member,
      unsafe oneof.lend({ unsafe $0.which(slot) }) == number
    else { return }
    try unsafe member.lend { (member) throws(WireFault) in
      try unsafe member.read(slot) { (value) throws(WireFault) in
        try unsafe element(field, field.pointee.kind, number, value)
      }
    }
  }

  // MARK: Lists and maps

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ number: UInt32, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch unsafe field.pointee.kind {
    case .int32: unsafe repeated(SignedCodec<Int32>.self, field, slot)
    case .int64: unsafe repeated(SignedCodec<Int64>.self, field, slot)
    case .uint32: unsafe repeated(UnsignedCodec<UInt32>.self, field, slot)
    case .uint64: unsafe repeated(UnsignedCodec<UInt64>.self, field, slot)
    case .sint32: unsafe repeated(ZigZagCodec<Int32>.self, field, slot)
    case .sint64: unsafe repeated(ZigZagCodec<Int64>.self, field, slot)
    case .fixed32: unsafe repeated(FixedCodec<UInt32>.self, field, slot)
    case .fixed64: unsafe repeated(FixedCodec<UInt64>.self, field, slot)
    case .sfixed32: unsafe repeated(FixedCodec<Int32>.self, field, slot)
    case .sfixed64: unsafe repeated(FixedCodec<Int64>.self, field, slot)
    case .float: unsafe repeated(FloatCodec.self, field, slot)
    case .double: unsafe repeated(DoubleCodec.self, field, slot)
    case .bool: unsafe repeated(BoolCodec.self, field, slot)
    case .string: unsafe repeated(StringCodec.self, field, slot)
    case .bytes: unsafe repeated(BytesCodec.self, field, slot)
    case .enum:
      guard let access = unsafe field.pointee.enumeration?.takeUnretainedValue() else { return }
      try unsafe access.read(slot) { (numbers) throws(WireFault) in
        unsafe list(SignedCodec<Int32>.self, numbers, field)
      }
    case .message:
      guard let access = unsafe field.pointee.message else { return }
      try unsafe access.lend { (access) throws(WireFault) in
        let table = unsafe access.table
        try unsafe access.elements.read(slot) { (first, count) throws(WireFault) in
          var index = count
          while index > 0 {
            index -= 1
            try unsafe lengthAndMessage(
              table, access.elements.readable(first + index * access.elements.stride))
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
    unsafe slot.assumingMemoryBound(to: [C.Value].self).pointee.span.withUnsafeBufferPointer {
      unsafe list(codec, $0, field)
    }
  }

  @inline(__always)
  private mutating func list<C: ScalarCodec>(
    _ codec: C.Type, _ elements: UnsafeBufferPointer<C.Value>, _ field: UnsafePointer<FieldEntry>
  ) {
    let (number, isPacked) = unsafe (field.pointee.number, field.pointee.isPacked)
    guard let base = elements.baseAddress else { return }
    let before = writer.count
    var index = elements.count
    while index > 0 {
      index -= 1
      unsafe C.writeProtobuf(base + index, &writer)
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
    guard let map = unsafe field.pointee.map?.takeUnretainedValue(), unsafe map.count(slot) > 0
    else { return }
    try unsafe map.read(slot, true) { (key, value) throws(WireFault) in
      let before = writer.count
      try unsafe element(field, field.pointee.kind, 2, value)
      try unsafe element(field, field.pointee.keyKind, 1, key)
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
    case .int32, .enum: unsafe element(SignedCodec<Int32>.self, number, slot)
    case .int64: unsafe element(SignedCodec<Int64>.self, number, slot)
    case .uint32: unsafe element(UnsignedCodec<UInt32>.self, number, slot)
    case .uint64: unsafe element(UnsignedCodec<UInt64>.self, number, slot)
    case .sint32: unsafe element(ZigZagCodec<Int32>.self, number, slot)
    case .sint64: unsafe element(ZigZagCodec<Int64>.self, number, slot)
    case .fixed32: unsafe element(FixedCodec<UInt32>.self, number, slot)
    case .fixed64: unsafe element(FixedCodec<UInt64>.self, number, slot)
    case .sfixed32: unsafe element(FixedCodec<Int32>.self, number, slot)
    case .sfixed64: unsafe element(FixedCodec<Int64>.self, number, slot)
    case .float: unsafe element(FloatCodec.self, number, slot)
    case .double: unsafe element(DoubleCodec.self, number, slot)
    case .bool: unsafe element(BoolCodec.self, number, slot)
    case .string: unsafe element(StringCodec.self, number, slot)
    case .bytes: unsafe element(BytesCodec.self, number, slot)
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      try unsafe lengthAndMessage(access.table, access.elements.readable(slot))
      tag(number, .lengthDelimited)
    }
  }

  @inline(__always)
  private mutating func element<C: ScalarCodec>(
    _ codec: C.Type, _ number: UInt32, _ slot: UnsafeRawPointer
  ) {
    unsafe C.writeProtobuf(slot.assumingMemoryBound(to: C.Value.self), &writer)
    tag(number, C.wireType)
  }
}
