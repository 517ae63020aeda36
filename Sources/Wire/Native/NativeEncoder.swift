/// Writes the native encoding (Proto/README.md), from the last field to the first.
struct NativeEncoder: ~Copyable {
  private var writer: ReverseWriter
  private let dropsUnknownFields: Bool
  private var depthLeft: Int

  /// Writes one message before what the writer holds.
  static func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer, options: CodingOptions,
    to writer: inout ReverseWriter
  ) throws(WireFault) {
    var encoder = NativeEncoder(writer, options: options)
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

  /// Writes a message: its values, then, before them, its presence.
  private mutating func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    if depthLeft == 0 { throw WireFault(reason: .nestingTooDeep, byteOffset: 0) }
    guard table.pointee.isNative else {
      throw WireFault(reason: .nativeUnavailable, byteOffset: 0)
    }
    depthLeft -= 1
    var presence = try unknownFields(table, message)
    if let fields = table.pointee.fields.baseAddress {
      var field = fields + table.pointee.fields.count
      while field > fields {
        field -= 1
        if try self.field(field, message + field.pointee.offset) {
          presence |= 1 << UInt64(field.pointee.number &- 1)
        }
      }
    }
    depthLeft += 1
    writer.varint(presence)
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
  ) throws(WireFault) -> UInt64 {
    let slot = (message + table.pointee.unknownFieldsOffset)
      .assumingMemoryBound(to: UnknownFields.self)
    if slot.pointee.isEmpty { return 0 }
    guard let (presence, bytes) = slot.pointee.native else {
      if dropsUnknownFields { return 0 }
      throw WireFault(reason: .unknownFields, byteOffset: 0)
    }
    writer.bytes(bytes)
    return presence
  }

  // MARK: Fields

  /// Writes a field's value, if it is present.
  /// - Returns: whether it is.
  @inline(__always)
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    switch field.pointee.shape {
    case .singular: singular(field.pointee.kind, slot)
    case .optional: try optional(field, slot)
    case .repeated: try repeated(field, slot)
    case .map: try map(field, slot)
    case .member: try member(field, slot)
    }
  }

  @inline(__always)
  private mutating func singular(_ kind: ValueKind, _ slot: UnsafeRawPointer) -> Bool {
    switch kind {
    case .int32, .sint32, .enum: singular(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: singular(SignedCodec<Int64>.self, slot)
    case .uint32: singular(UnsignedCodec<UInt32>.self, slot)
    case .uint64: singular(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: singular(FixedCodec<UInt32>.self, slot)
    case .fixed64: singular(FixedCodec<UInt64>.self, slot)
    case .sfixed32: singular(FixedCodec<Int32>.self, slot)
    case .sfixed64: singular(FixedCodec<Int64>.self, slot)
    case .float: singular(FloatCodec.self, slot)
    case .double: singular(DoubleCodec.self, slot)
    case .bool: slot.load(as: Bool.self)  // its presence bit says it all
    case .string: singular(StringCodec.self, slot)
    case .bytes: singular(BytesCodec.self, slot)
    case .message: false  // a singular message has presence: never of this shape
    }
  }

  @inline(__always)
  private mutating func singular<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeRawPointer
  ) -> Bool {
    let value = slot.assumingMemoryBound(to: C.Value.self)
    if C.isDefault(value.pointee) { return false }
    C.writeNative(value.pointee, &writer)
    return true
  }

  @inline(__always)
  private mutating func optional(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    switch field.pointee.kind {
    case .int32, .sint32, .enum: optional(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: optional(SignedCodec<Int64>.self, slot)
    case .uint32: optional(UnsignedCodec<UInt32>.self, slot)
    case .uint64: optional(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: optional(FixedCodec<UInt32>.self, slot)
    case .fixed64: optional(FixedCodec<UInt64>.self, slot)
    case .sfixed32: optional(FixedCodec<Int32>.self, slot)
    case .sfixed64: optional(FixedCodec<Int64>.self, slot)
    case .float: optional(FloatCodec.self, slot)
    case .double: optional(DoubleCodec.self, slot)
    case .bool: optional(BoolCodec.self, slot)
    case .string: optional(StringCodec.self, slot)
    case .bytes: optional(BytesCodec.self, slot)
    case .message: try optionalMessage(field, slot)
    }
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeRawPointer
  ) -> Bool {
    guard let value = slot.assumingMemoryBound(to: C.Value?.self).pointee else { return false }
    C.writeNative(value, &writer)
    return true
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = field.pointee.message else { return false }
    return try access.lend { (access) throws(WireFault) in
      guard access.slot.isPresent(slot) else { return false }
      if access.slot.isInline {
        try lengthAndMessage(access.table, slot)
      } else {
        try access.slot.read(slot) { (message) throws(WireFault) in
          try lengthAndMessage(access.table, message)
        }
      }
      return true
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let oneof = field.pointee.oneof, let member = field.pointee.member,
      oneof.lend({ $0.which(slot) }) == field.pointee.number
    else { return false }
    try member.lend { (member) throws(WireFault) in
      try member.read(slot) { (value) throws(WireFault) in
        try element(field, field.pointee.kind, value)
      }
    }
    return true
  }

  // MARK: Lists and maps

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    switch field.pointee.kind {
    case .int32, .sint32: return repeated(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: return repeated(SignedCodec<Int64>.self, slot)
    case .uint32: return repeated(UnsignedCodec<UInt32>.self, slot)
    case .uint64: return repeated(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: return repeated(FixedCodec<UInt32>.self, slot)
    case .fixed64: return repeated(FixedCodec<UInt64>.self, slot)
    case .sfixed32: return repeated(FixedCodec<Int32>.self, slot)
    case .sfixed64: return repeated(FixedCodec<Int64>.self, slot)
    case .float: return repeated(FloatCodec.self, slot)
    case .double: return repeated(DoubleCodec.self, slot)
    case .bool: return repeated(BoolCodec.self, slot)
    case .string: return repeated(StringCodec.self, slot)
    case .bytes: return repeated(BytesCodec.self, slot)
    case .enum: return try repeatedEnum(field, slot)
    case .message: return try repeatedMessage(field, slot)
    }
  }

  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeRawPointer
  ) -> Bool {
    let list = slot.assumingMemoryBound(to: [C.Value].self)
    let count = list.pointee.count
    if count == 0 { return false }
    list.pointee.withUnsafeBufferPointer { elements in
      var index = count
      while index > 0 {
        index -= 1
        C.writeNative(elements[index], &writer)
      }
    }
    writer.varint(UInt64(count))
    return true
  }

  private mutating func repeatedEnum(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = field.pointee.enumeration?.takeUnretainedValue() else { return false }
    var count = 0
    try access.read(slot) { (numbers) throws(WireFault) in
      count = numbers.count
      for number in numbers.reversed() { SignedCodec<Int32>.writeNative(number, &writer) }
    }
    if count > 0 { writer.varint(UInt64(count)) }
    return count > 0
  }

  private mutating func repeatedMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = field.pointee.message else { return false }
    return try access.lend { (access) throws(WireFault) in
      var total = 0
      let (table, elements) = (access.table, access.elements)
      try elements.read(slot) { (first, count) throws(WireFault) in
        total = count
        var index = count
        while index > 0 {
          index -= 1
          try lengthAndMessage(table, elements.readable(first + index * elements.stride))
        }
      }
      if total > 0 { writer.varint(UInt64(total)) }
      return total > 0
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let map = field.pointee.map?.takeUnretainedValue() else { return false }
    let count = map.count(slot)
    if count == 0 { return false }
    try map.read(slot, true) { (key, value) throws(WireFault) in
      try element(field, field.pointee.kind, value)
      try element(field, field.pointee.keyKind, key)
    }
    writer.varint(UInt64(count))
    return true
  }

  /// A value that always stands on the wire: of a list, a map or a oneof.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .enum: element(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: element(SignedCodec<Int64>.self, slot)
    case .uint32: element(UnsignedCodec<UInt32>.self, slot)
    case .uint64: element(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: element(FixedCodec<UInt32>.self, slot)
    case .fixed64: element(FixedCodec<UInt64>.self, slot)
    case .sfixed32: element(FixedCodec<Int32>.self, slot)
    case .sfixed64: element(FixedCodec<Int64>.self, slot)
    case .float: element(FloatCodec.self, slot)
    case .double: element(DoubleCodec.self, slot)
    case .bool: element(BoolCodec.self, slot)
    case .string: element(StringCodec.self, slot)
    case .bytes: element(BytesCodec.self, slot)
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      try lengthAndMessage(access.table, access.elements.readable(slot))
    }
  }

  @inline(__always)
  private mutating func element<C: ScalarCodec>(_ codec: C.Type, _ slot: UnsafeRawPointer) {
    C.writeNative(slot.assumingMemoryBound(to: C.Value.self).pointee, &writer)
  }
}
