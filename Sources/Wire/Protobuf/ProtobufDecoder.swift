/// Reads protobuf's binary encoding into a message, merging with what it already holds.
struct ProtobufDecoder {
  var reader: ByteReader
  /// How many levels of messages and groups may still open.
  var depthLeft: Int
  let refusesUnknownFields: Bool

  init(_ bytes: UnsafeRawBufferPointer, options: BinaryOptions) {
    reader = unsafe ByteReader(bytes, memoryBudget: options.memoryBudget(forInput: bytes.count))
    depthLeft = options.nestingMax
    refusesUnknownFields = options.refusesUnknownFields
  }

  /// Reads the message that reaches to the end of the input.
  mutating func decode(
    _ table: UnsafePointer<LayoutTable>, into message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    try unsafe fill(table, message)
  }

  // MARK: Messages

  @inline(__always)
  private mutating func lengthAndMessage(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let byteCount = try reader.length()
    let outerEnd = unsafe reader.end
    unsafe reader.end = unsafe reader.cursor + byteCount
    try unsafe fill(table, message)
    unsafe reader.end = unsafe outerEnd
  }

  private mutating func fill(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    if depthLeft <= 0 { throw unsafe reader.fault(.nestingTooDeep) }
    depthLeft -= 1
    // Numbers and short texts are read by a copy, whose cursor stays in a register.
    var near = reader
    while unsafe near.cursor < near.end {
      let place = unsafe near.cursor
      let (number, wireType) = try Self.tag(&near)
      if let field = unsafe table.pointee.field(numbered: number) {
        let slot = unsafe message + field.pointee.offset
        switch unsafe (field.pointee.form, wireType) {
        case (.int32, .varint), (.uint32, .varint), (.enumeration, .varint):
          let value = try near.varint()
          unsafe slot.storeBytes(of: UInt32(truncatingIfNeeded: value), as: UInt32.self)
          continue
        case (.int64, .varint), (.uint64, .varint):
          unsafe slot.storeBytes(of: try near.varint(), as: UInt64.self)
          continue
        case (.bool, .varint):
          unsafe slot.storeBytes(of: try near.varint() != 0, as: Bool.self)
          continue
        case (.string, .lengthDelimited):
          let count = try near.length()
          let string = unsafe slot.assumingMemoryBound(to: String.self)
          if let text = near.smallText(count) {
            unsafe string.deinitialize(count: 1)
            unsafe text.initialize(string)
          } else {
            unsafe reader.cursor = unsafe near.cursor
            unsafe string.pointee = try reader.longString(count)
            unsafe near.cursor = unsafe reader.cursor
          }
          continue
        default:
          unsafe reader.cursor = unsafe near.cursor
          if try unsafe self.field(field, wireType, at: place, slot) {
            unsafe near.cursor = unsafe reader.cursor
            continue
          }
        }
      }
      unsafe reader.cursor = unsafe near.cursor
      try unsafe skip(number, wireType, from: place)
      try unsafe keepUnknown(from: place, table, message)
      unsafe near.cursor = unsafe reader.cursor
    }
    unsafe reader.cursor = unsafe near.cursor
    depthLeft += 1
  }

  @inline(__always)
  static func tag(
    _ reader: inout ByteReader
  ) throws(WireFault) -> (number: UInt32, WireType) {
    let place = unsafe reader.cursor
    let value = try reader.varint()
    guard value >> 3 != 0, value <= UInt64(UInt32.max),
      let wireType = WireType(rawValue: UInt8(truncatingIfNeeded: value & 7))
    else { throw unsafe reader.fault(.invalidTag, at: place) }
    return (UInt32(truncatingIfNeeded: value >> 3), wireType)
  }

  // MARK: Fields

  /// Reads a field's value.
  /// - Returns: false when the wire type is none that the field's type can have: an unknown field.
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, at place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch unsafe field.pointee.form {
    case .sint32: try unsafe bare(ZigZagCodec<Int32>.self, wireType, slot)
    case .sint64: try unsafe bare(ZigZagCodec<Int64>.self, wireType, slot)
    case .fixed32: try unsafe bare(FixedCodec<UInt32>.self, wireType, slot)
    case .fixed64: try unsafe bare(FixedCodec<UInt64>.self, wireType, slot)
    case .sfixed32: try unsafe bare(FixedCodec<Int32>.self, wireType, slot)
    case .sfixed64: try unsafe bare(FixedCodec<Int64>.self, wireType, slot)
    case .float: try unsafe bare(FloatCodec.self, wireType, slot)
    case .double: try unsafe bare(DoubleCodec.self, wireType, slot)
    case .bytes: try unsafe bare(BytesCodec.self, wireType, slot)
    case .optionalInt32, .optionalEnum: try unsafe optional(SignedCodec<Int32>.self, wireType, slot)
    case .optionalInt64: try unsafe optional(SignedCodec<Int64>.self, wireType, slot)
    case .optionalUInt32: try unsafe optional(UnsignedCodec<UInt32>.self, wireType, slot)
    case .optionalUInt64: try unsafe optional(UnsignedCodec<UInt64>.self, wireType, slot)
    case .optionalSInt32: try unsafe optional(ZigZagCodec<Int32>.self, wireType, slot)
    case .optionalSInt64: try unsafe optional(ZigZagCodec<Int64>.self, wireType, slot)
    case .optionalFixed32: try unsafe optional(FixedCodec<UInt32>.self, wireType, slot)
    case .optionalFixed64: try unsafe optional(FixedCodec<UInt64>.self, wireType, slot)
    case .optionalSFixed32: try unsafe optional(FixedCodec<Int32>.self, wireType, slot)
    case .optionalSFixed64: try unsafe optional(FixedCodec<Int64>.self, wireType, slot)
    case .optionalFloat: try unsafe optional(FloatCodec.self, wireType, slot)
    case .optionalDouble: try unsafe optional(DoubleCodec.self, wireType, slot)
    case .optionalBool: try unsafe optional(BoolCodec.self, wireType, slot)
    case .optionalString: try unsafe optional(StringCodec.self, wireType, slot)
    case .optionalBytes: try unsafe optional(BytesCodec.self, wireType, slot)
    case .optionalMessage: try unsafe optionalMessage(field, wireType, slot)
    case .repeated: try unsafe repeated(field, wireType, at: place, slot)
    case .map: try unsafe map(field, wireType, slot)
    case .member: try unsafe member(field, wireType, slot)
    default: false  // `fill` reads it itself, when it has its own wire type
    }
  }

  /// A bare value of a map or a oneof.
  private mutating func bare(
    _ kind: ValueKind, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch kind {
    case .int32, .enum: try unsafe bare(SignedCodec<Int32>.self, wireType, slot)
    case .int64: try unsafe bare(SignedCodec<Int64>.self, wireType, slot)
    case .uint32: try unsafe bare(UnsignedCodec<UInt32>.self, wireType, slot)
    case .uint64: try unsafe bare(UnsignedCodec<UInt64>.self, wireType, slot)
    case .sint32: try unsafe bare(ZigZagCodec<Int32>.self, wireType, slot)
    case .sint64: try unsafe bare(ZigZagCodec<Int64>.self, wireType, slot)
    case .fixed32: try unsafe bare(FixedCodec<UInt32>.self, wireType, slot)
    case .fixed64: try unsafe bare(FixedCodec<UInt64>.self, wireType, slot)
    case .sfixed32: try unsafe bare(FixedCodec<Int32>.self, wireType, slot)
    case .sfixed64: try unsafe bare(FixedCodec<Int64>.self, wireType, slot)
    case .float: try unsafe bare(FloatCodec.self, wireType, slot)
    case .double: try unsafe bare(DoubleCodec.self, wireType, slot)
    case .bool: try unsafe bare(BoolCodec.self, wireType, slot)
    case .string: try unsafe bare(StringCodec.self, wireType, slot)
    case .bytes: try unsafe bare(BytesCodec.self, wireType, slot)
    case .message: false  // a singular message has presence: never of this shape
    }
  }

  /// A value stored as it is; of several the last one stays.
  @inline(__always)
  private mutating func bare<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == C.wireType else { return false }
    unsafe slot.assumingMemoryBound(to: C.Value.self).pointee = try C.readProtobuf(&reader)
    return true
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == C.wireType else { return false }
    unsafe slot.assumingMemoryBound(to: C.Value?.self).pointee = try C.readProtobuf(&reader)
    return true
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited, let access = unsafe field.pointee.message else {
      return false
    }
    try unsafe access.lend { (access) throws(WireFault) in
      if unsafe !access.slot.isPresent(slot) { unsafe access.slot.makePresent(slot) }
      if access.slot.isInline {
        try unsafe lengthAndMessage(access.table, slot)
      } else {
        try unsafe reader.spend(access.table.pointee.byteCount)
        try unsafe access.slot.write(slot) { (message) throws(WireFault) in
          try unsafe lengthAndMessage(access.table, message)
        }
      }
    }
    return true
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard unsafe wireType == field.pointee.kind.wireType, let member = unsafe field.pointee.member
    else {
      return false
    }
    try unsafe member.lend { (member) throws(WireFault) in
      try unsafe member.write(slot) { (value) throws(WireFault) in
        try unsafe element(field, field.pointee.kind, value)
      }
    }
    return true
  }

  // MARK: Lists and maps

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, at place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch unsafe field.pointee.kind {
    case .int32: return try unsafe repeated(SignedCodec<Int32>.self, wireType, slot)
    case .int64: return try unsafe repeated(SignedCodec<Int64>.self, wireType, slot)
    case .uint32: return try unsafe repeated(UnsignedCodec<UInt32>.self, wireType, slot)
    case .uint64: return try unsafe repeated(UnsignedCodec<UInt64>.self, wireType, slot)
    case .sint32: return try unsafe repeated(ZigZagCodec<Int32>.self, wireType, slot)
    case .sint64: return try unsafe repeated(ZigZagCodec<Int64>.self, wireType, slot)
    case .fixed32: return try unsafe repeated(FixedCodec<UInt32>.self, wireType, slot)
    case .fixed64: return try unsafe repeated(FixedCodec<UInt64>.self, wireType, slot)
    case .sfixed32: return try unsafe repeated(FixedCodec<Int32>.self, wireType, slot)
    case .sfixed64: return try unsafe repeated(FixedCodec<Int64>.self, wireType, slot)
    case .float: return try unsafe repeated(FloatCodec.self, wireType, slot)
    case .double: return try unsafe repeated(DoubleCodec.self, wireType, slot)
    case .bool: return try unsafe repeated(BoolCodec.self, wireType, slot)
    case .string: return try unsafe repeatedRun(StringCodec.self, wireType, tagAt: place, slot)
    case .bytes: return try unsafe repeatedRun(BytesCodec.self, wireType, tagAt: place, slot)
    case .enum: return try unsafe repeatedEnum(field, wireType, slot)
    case .message: return try unsafe repeatedMessage(field, wireType, tagAt: place, slot)
    }
  }

  /// Numbers: packed or one by one, whatever the schema says that writers should do.
  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    let list = unsafe slot.assumingMemoryBound(to: [C.Value].self)
    if wireType == C.wireType {
      try reader.spend(growingBy: 1, times: MemoryLayout<C.Value>.stride)
      unsafe list.pointee.append(try C.readProtobuf(&reader))
      return true
    }
    guard wireType == .lengthDelimited else { return false }
    let byteCount = try reader.length()
    let end = unsafe reader.cursor + byteCount
    let count =
      unsafe C.byteCountMin > 1 ? byteCount / C.byteCountMin : reader.varintCount(before: end)
    try reader.spend(growingBy: count, times: MemoryLayout<C.Value>.stride)
    // Only once: reserving again and again for short runs would copy the list each time.
    if unsafe list.pointee.isEmpty { unsafe list.pointee.reserveCapacity(count) }
    let outerEnd = unsafe reader.end
    unsafe reader.end = unsafe end
    while unsafe reader.cursor < end { unsafe list.pointee.append(try C.readProtobuf(&reader)) }
    unsafe reader.end = unsafe outerEnd
    return true
  }

  private mutating func repeatedEnum(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = unsafe field.pointee.enumeration?.takeUnretainedValue() else { return false }
    if wireType == .varint {
      try reader.spend(growingBy: 1, times: 4)
      unsafe access.append(slot, try SignedCodec<Int32>.readProtobuf(&reader))
      return true
    }
    guard wireType == .lengthDelimited else { return false }
    let byteCount = try reader.length()
    let (end, outerEnd) = unsafe (reader.cursor + byteCount, reader.end)
    try unsafe reader.spend(growingBy: reader.varintCount(before: end), times: 4)
    unsafe reader.end = unsafe end
    while unsafe reader.cursor < end {
      unsafe access.append(slot, try SignedCodec<Int32>.readProtobuf(&reader))
    }
    unsafe reader.end = unsafe outerEnd
    return true
  }

  /// Texts and bytes, the whole run of them that stands together: the list grows once.
  @inline(__always)
  private mutating func repeatedRun<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, tagAt place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited else { return false }
    let run = unsafe reader.run(tag: place..<reader.cursor)
    try reader.spend(growingBy: run.count, times: MemoryLayout<C.Value>.stride)
    let list = unsafe slot.assumingMemoryBound(to: [C.Value].self)
    if unsafe list.pointee.isEmpty { unsafe list.pointee.reserveCapacity(run.count) }
    for index in 0..<run.count {
      if index > 0 { unsafe reader.cursor += run.tagByteCount }
      unsafe list.pointee.append(try C.readProtobuf(&reader))
    }
    return true
  }

  private mutating func repeatedMessage(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, tagAt place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited, let access = unsafe field.pointee.message else {
      return false
    }
    let run = unsafe reader.run(tag: place..<reader.cursor)
    try unsafe access.lend { (access) throws(WireFault) in
      let table = unsafe access.table
      try unsafe reader.spend(
        growingBy: run.count, times: max(access.elements.stride, table.pointee.byteCount))
      try unsafe access.elements.append(slot, run.count) { (first) throws(WireFault) in
        for index in 0..<run.count {
          if index > 0 { unsafe reader.cursor += run.tagByteCount }
          try unsafe lengthAndMessage(
            table, access.elements.writable(first + index * access.elements.stride))
        }
      }
    }
    return true
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited, let map = unsafe field.pointee.map?.takeUnretainedValue()
    else {
      return false
    }
    let byteCount = try reader.length()
    let (end, outerEnd) = unsafe (reader.cursor + byteCount, reader.end)
    try reader.spend(map.entryBytes)
    unsafe reader.end = unsafe end
    _ = try unsafe map.insert(slot) { (key, value) throws(WireFault) in
      while unsafe reader.cursor < end {
        let place = unsafe reader.cursor
        let (number, wireType) = try Self.tag(&reader)
        if number == 1, unsafe wireType == field.pointee.keyKind.wireType {
          try unsafe element(field, field.pointee.keyKind, key)
        } else if number == 2, unsafe wireType == field.pointee.kind.wireType {
          try unsafe element(field, field.pointee.kind, value)
        } else {
          // An entry has no place to keep them.
          if refusesUnknownFields { throw unsafe reader.fault(.unknownFields, at: place) }
          try unsafe skip(number, wireType, from: place)
        }
      }
    }
    unsafe reader.end = unsafe outerEnd
    return true
  }

  /// A value that stands alone: of a map or a oneof. Its wire type has been checked.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard kind == .message else {
      _ = try unsafe bare(kind, kind.wireType, slot)
      return
    }
    guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
    try unsafe reader.spend(access.table.pointee.byteCount)
    try unsafe lengthAndMessage(access.table, access.elements.writable(slot))
  }
}
