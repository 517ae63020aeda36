/// Writes the native encoding (Proto/README.md), from the last field to the first.
struct NativeEncoder: ~Copyable {
  private var writer: ReverseWriter
  private let dropsUnknownFields: Bool
  private let refusesUnknownFields: Bool
  private var depthLeft: Int

  /// Writes one message before what the writer holds.
  static func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer, options: BinaryOptions,
    to writer: inout ReverseWriter
  ) throws(WireFault) {
    var encoder = NativeEncoder(writer, options: options)
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

  /// Writes a message: its values, then, before them, its presence.
  private mutating func encode(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    if depthLeft <= 0 { throw WireFault(reason: .nestingTooDeep, byteOffset: 0) }
    guard unsafe table.pointee.isNative else {
      throw WireFault(reason: .nativeUnavailable, byteOffset: 0)
    }
    depthLeft &-= 1
    // Bit n for field n: moved down by one when all are known.
    var present = try unsafe unknownFields(table, message) &<< 1
    let room = unsafe table.pointee.plainBytesMax
    writer.reserve(room)
    var cursor = writer.cursor
    if let fields = unsafe table.pointee.fields.baseAddress {
      var field = unsafe fields + table.pointee.fields.count
      while unsafe field > fields {
        unsafe field -= 1
        let slot = unsafe message + field.pointee.offset
        let isPresent: Bool
        switch unsafe field.pointee.form {
        case .int32, .sint32, .enumeration:
          isPresent = cursor.unlessZero(ZigZag.encode(Int64(unsafe slot.load(as: Int32.self))))
        case .int64, .sint64:
          isPresent = cursor.unlessZero(ZigZag.encode(unsafe slot.load(as: Int64.self)))
        case .uint32: isPresent = cursor.unlessZero(UInt64(unsafe slot.load(as: UInt32.self)))
        case .uint64: isPresent = cursor.unlessZero(unsafe slot.load(as: UInt64.self))
        case .fixed32, .sfixed32, .float:
          isPresent = cursor.unlessZero(fixed: unsafe slot.load(as: UInt32.self))
        case .fixed64, .sfixed64, .double:
          isPresent = cursor.unlessZero(fixed: unsafe slot.load(as: UInt64.self))
        // Its presence bit says it all.
        case .bool: isPresent = unsafe slot.load(as: Bool.self)
        case .string:
          if let text = unsafe SmallText(slot.assumingMemoryBound(to: String.self)) {
            isPresent = cursor.unlessEmpty(text)
          } else {
            isPresent = try unsafe self.field(field, slot, &cursor, room)
          }
        case .bytes:
          let bytes = unsafe slot.assumingMemoryBound(to: [UInt8].self)
          if unsafe bytes.pointee.count <= ReverseCursor.shortBytesMax {
            isPresent = unsafe cursor.unlessEmpty(bytes.pointee.span)
          } else {
            isPresent = try unsafe self.field(field, slot, &cursor, room)
          }
        default: isPresent = try unsafe self.field(field, slot, &cursor, room)
        }
        if isPresent { unsafe present |= 1 &<< UInt64(field.pointee.number) }
      }
    }
    depthLeft &+= 1
    cursor.varint(present &>> 1)
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
  ) throws(WireFault) -> UInt64 {
    let slot = unsafe (message + table.pointee.unknownFieldsOffset)
      .assumingMemoryBound(to: UnknownFields.self)
    if unsafe slot.pointee.isEmpty { return 0 }
    if refusesUnknownFields { throw WireFault(reason: .unknownFields, byteOffset: 0) }
    guard let (presence, bytes) = unsafe slot.pointee.native else {
      if dropsUnknownFields { return 0 }
      throw WireFault(reason: .unknownFields, byteOffset: 0)
    }
    unsafe bytes.withUnsafeBytes { unsafe writer.bytes($0) }
    return presence
  }

  // MARK: Fields

  /// Writes a field of any length between those that the cursor writes.
  /// - Returns: whether it is present.
  @inline(__always)
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer, _ cursor: inout ReverseCursor,
    _ room: Int
  ) throws(WireFault) -> Bool {
    writer.cursor = cursor
    let isPresent = try unsafe self.field(field, slot)
    writer.reserve(room)
    cursor = writer.cursor
    return isPresent
  }

  /// Writes a field's value, if it is present.
  /// - Returns: whether it is.
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    switch unsafe field.pointee.form {
    case .string: unsafe singular(StringCodec.self, slot)
    case .bytes: unsafe singular(BytesCodec.self, slot)
    case .optionalInt32, .optionalSInt32, .optionalEnum:
      unsafe optional(SignedCodec<Int32>.self, slot)
    case .optionalInt64, .optionalSInt64: unsafe optional(SignedCodec<Int64>.self, slot)
    case .optionalUInt32: unsafe optional(UnsignedCodec<UInt32>.self, slot)
    case .optionalUInt64: unsafe optional(UnsignedCodec<UInt64>.self, slot)
    case .optionalFixed32: unsafe optional(FixedCodec<UInt32>.self, slot)
    case .optionalFixed64: unsafe optional(FixedCodec<UInt64>.self, slot)
    case .optionalSFixed32: unsafe optional(FixedCodec<Int32>.self, slot)
    case .optionalSFixed64: unsafe optional(FixedCodec<Int64>.self, slot)
    case .optionalFloat: unsafe optional(FloatCodec.self, slot)
    case .optionalDouble: unsafe optional(DoubleCodec.self, slot)
    case .optionalBool: unsafe optional(BoolCodec.self, slot)
    case .optionalString: unsafe optional(StringCodec.self, slot)
    case .optionalBytes: unsafe optional(BytesCodec.self, slot)
    case .optionalMessage: try unsafe optionalMessage(field, slot)
    case .repeated: try unsafe repeated(field, slot)
    case .map: try unsafe map(field, slot)
    case .member: try unsafe member(field, slot)
    default: false  // a number: `encode` writes them itself
    }
  }

  @inline(__always)
  private mutating func singular<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeRawPointer
  ) -> Bool {
    let value = unsafe slot.assumingMemoryBound(to: C.Value.self)
    if unsafe C.isDefault(value) { return false }
    unsafe C.writeNative(value, &writer)
    return true
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeRawPointer
  ) -> Bool {
    guard unsafe isPresent(C.Value.self, slot) else { return false }
    // A present optional begins with its value.
    unsafe C.writeNative(slot.assumingMemoryBound(to: C.Value.self), &writer)
    return true
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = unsafe field.pointee.message else { return false }
    return try unsafe access.lend { (access) throws(WireFault) in
      guard unsafe access.slot.isPresent(slot) else { return false }
      if access.slot.isInline {
        try unsafe lengthAndMessage(access.table, slot)
      } else {
        try unsafe access.slot.read(slot) { (message) throws(WireFault) in
          try unsafe lengthAndMessage(access.table, message)
        }
      }
      return true
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let oneof = unsafe field.pointee.oneof, let member = unsafe field.pointee.member,
      unsafe oneof.lend({ unsafe $0.which(slot) }) == field.pointee.number
    else { return false }
    try unsafe member.lend { (member) throws(WireFault) in
      try unsafe member.read(slot) { (value) throws(WireFault) in
        try unsafe element(field, field.pointee.kind, value)
      }
    }
    return true
  }

  // MARK: Lists and maps

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    switch unsafe field.pointee.kind {
    case .int32, .sint32: return unsafe repeated(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: return unsafe repeated(SignedCodec<Int64>.self, slot)
    case .uint32: return unsafe repeated(UnsignedCodec<UInt32>.self, slot)
    case .uint64: return unsafe repeated(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: return unsafe repeated(FixedCodec<UInt32>.self, slot)
    case .fixed64: return unsafe repeated(FixedCodec<UInt64>.self, slot)
    case .sfixed32: return unsafe repeated(FixedCodec<Int32>.self, slot)
    case .sfixed64: return unsafe repeated(FixedCodec<Int64>.self, slot)
    case .float: return unsafe repeated(FloatCodec.self, slot)
    case .double: return unsafe repeated(DoubleCodec.self, slot)
    case .bool: return unsafe repeated(BoolCodec.self, slot)
    case .string: return unsafe repeated(StringCodec.self, slot)
    case .bytes: return unsafe repeated(BytesCodec.self, slot)
    case .enum: return try unsafe repeatedEnum(field, slot)
    case .message: return try unsafe repeatedMessage(field, slot)
    }
  }

  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeRawPointer
  ) -> Bool {
    let list = unsafe slot.assumingMemoryBound(to: [C.Value].self)
    let count = unsafe list.pointee.count
    if count == 0 { return false }
    unsafe list.pointee.span.withUnsafeBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      var index = count
      while index > 0 {
        index -= 1
        unsafe C.writeNative(base + index, &writer)
      }
    }
    writer.varint(UInt64(count))
    return true
  }

  private mutating func repeatedEnum(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = unsafe field.pointee.enumeration?.takeUnretainedValue() else { return false }
    var count = 0
    try unsafe access.read(slot) { (numbers) throws(WireFault) in
      guard let base = numbers.baseAddress else { return }
      count = numbers.count
      for index in numbers.indices.reversed() {
        unsafe SignedCodec<Int32>.writeNative(base + index, &writer)
      }
    }
    if count > 0 { writer.varint(UInt64(count)) }
    return count > 0
  }

  private mutating func repeatedMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = unsafe field.pointee.message else { return false }
    return try unsafe access.lend { (access) throws(WireFault) in
      var total = 0
      let table = unsafe access.table
      try unsafe access.elements.read(slot) { (first, count) throws(WireFault) in
        total = count
        var index = count
        while index > 0 {
          index -= 1
          try unsafe lengthAndMessage(
            table, access.elements.readable(first + index * access.elements.stride))
        }
      }
      if total > 0 { writer.varint(UInt64(total)) }
      return total > 0
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) -> Bool {
    guard let map = unsafe field.pointee.map?.takeUnretainedValue() else { return false }
    let count = unsafe map.count(slot)
    if count == 0 { return false }
    try unsafe map.read(slot, true) { (key, value) throws(WireFault) in
      try unsafe element(field, field.pointee.kind, value)
      try unsafe element(field, field.pointee.keyKind, key)
    }
    writer.varint(UInt64(count))
    return true
  }

  /// A value that always stands on the wire: of a list, a map or a oneof.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .enum: unsafe element(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: unsafe element(SignedCodec<Int64>.self, slot)
    case .uint32: unsafe element(UnsignedCodec<UInt32>.self, slot)
    case .uint64: unsafe element(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: unsafe element(FixedCodec<UInt32>.self, slot)
    case .fixed64: unsafe element(FixedCodec<UInt64>.self, slot)
    case .sfixed32: unsafe element(FixedCodec<Int32>.self, slot)
    case .sfixed64: unsafe element(FixedCodec<Int64>.self, slot)
    case .float: unsafe element(FloatCodec.self, slot)
    case .double: unsafe element(DoubleCodec.self, slot)
    case .bool: unsafe element(BoolCodec.self, slot)
    case .string: unsafe element(StringCodec.self, slot)
    case .bytes: unsafe element(BytesCodec.self, slot)
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      try unsafe lengthAndMessage(access.table, access.elements.readable(slot))
    }
  }

  @inline(__always)
  private mutating func element<C: ScalarCodec>(_ codec: C.Type, _ slot: UnsafeRawPointer) {
    unsafe C.writeNative(slot.assumingMemoryBound(to: C.Value.self), &writer)
  }
}
