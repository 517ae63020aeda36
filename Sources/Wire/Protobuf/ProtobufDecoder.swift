/// Reads protobuf's binary encoding into a message, merging with what it already holds.
struct ProtobufDecoder {
  private var reader: ByteReader
  /// How many levels of messages and groups may still open.
  private var depthLeft: Int

  init(_ bytes: UnsafeRawBufferPointer, options: CodingOptions) {
    reader = ByteReader(bytes, memoryBudget: options.memoryBudget(forInput: bytes.count))
    depthLeft = options.nestingMax
  }

  /// Reads the message that reaches to the end of the input.
  mutating func decode(
    _ table: UnsafePointer<LayoutTable>, into message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    try fill(table, message)
  }

  // MARK: Messages

  @inline(__always)
  private mutating func lengthAndMessage(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let byteCount = try reader.length()
    let outerEnd = reader.end
    reader.end = reader.cursor + byteCount
    try fill(table, message)
    reader.end = outerEnd
  }

  private mutating func fill(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    if depthLeft == 0 { throw reader.fault(.nestingTooDeep) }
    depthLeft -= 1
    while reader.cursor < reader.end {
      let place = reader.cursor
      let (number, wireType) = try tag()
      if let field = table.pointee.field(numbered: number),
        try self.field(field, wireType, at: place, message + field.pointee.offset)
      {
        continue
      }
      try skip(number, wireType, from: place)
      try keepUnknown(from: place, table, message)
    }
    depthLeft += 1
  }

  @inline(__always)
  private mutating func tag() throws(WireFault) -> (number: UInt32, WireType) {
    let place = reader.cursor
    let value = try reader.varint()
    guard value >> 3 != 0, value <= UInt64(UInt32.max),
      let wireType = WireType(rawValue: UInt8(truncatingIfNeeded: value & 7))
    else { throw reader.fault(.invalidTag, at: place) }
    return (UInt32(truncatingIfNeeded: value >> 3), wireType)
  }

  private mutating func skip(
    _ number: UInt32, _ wireType: WireType, from place: UnsafeRawPointer
  ) throws(WireFault) {
    switch wireType {
    case .varint: _ = try reader.varint()
    case .fixed64: _ = try reader.littleEndian(UInt64.self)
    case .fixed32: _ = try reader.littleEndian(UInt32.self)
    case .lengthDelimited:
      let byteCount = try reader.length()
      reader.cursor += byteCount
    case .endGroup: throw reader.fault(.unmatchedGroup, at: place)
    case .startGroup:
      if depthLeft == 0 { throw reader.fault(.nestingTooDeep, at: place) }
      depthLeft -= 1
      while true {
        let inner = reader.cursor
        if inner == reader.end { throw reader.fault(.unmatchedGroup, at: place) }
        let (innerNumber, innerType) = try tag()
        if innerType == .endGroup {
          if innerNumber != number { throw reader.fault(.unmatchedGroup, at: inner) }
          break
        }
        try skip(innerNumber, innerType, from: inner)
      }
      depthLeft += 1
    }
  }

  private mutating func keepUnknown(
    from place: UnsafeRawPointer, _ table: UnsafePointer<LayoutTable>,
    _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let byteCount = reader.cursor - place
    try reader.spend(byteCount + 32)
    let slot = message + table.pointee.unknownFieldsOffset
    slot.assumingMemoryBound(to: UnknownFields.self).pointee.append(
      protobuf: [UInt8](UnsafeRawBufferPointer(start: place, count: byteCount)))
  }

  // MARK: Fields

  /// Reads a field's value.
  /// - Returns: false when the wire type is none that the field's type can have: an unknown field.
  @inline(__always)
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, at place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch field.pointee.shape {
    case .singular: try singular(field.pointee.kind, wireType, slot)
    case .optional: try optional(field, wireType, slot)
    case .repeated: try repeated(field, wireType, at: place, slot)
    case .map: try map(field, wireType, slot)
    case .member: try member(field, wireType, slot)
    }
  }

  @inline(__always)
  private mutating func singular(
    _ kind: ValueKind, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch kind {
    case .int32, .enum: try bare(SignedCodec<Int32>.self, wireType, slot)
    case .int64: try bare(SignedCodec<Int64>.self, wireType, slot)
    case .uint32: try bare(UnsignedCodec<UInt32>.self, wireType, slot)
    case .uint64: try bare(UnsignedCodec<UInt64>.self, wireType, slot)
    case .sint32: try bare(ZigZagCodec<Int32>.self, wireType, slot)
    case .sint64: try bare(ZigZagCodec<Int64>.self, wireType, slot)
    case .fixed32: try bare(FixedCodec<UInt32>.self, wireType, slot)
    case .fixed64: try bare(FixedCodec<UInt64>.self, wireType, slot)
    case .sfixed32: try bare(FixedCodec<Int32>.self, wireType, slot)
    case .sfixed64: try bare(FixedCodec<Int64>.self, wireType, slot)
    case .float: try bare(FloatCodec.self, wireType, slot)
    case .double: try bare(DoubleCodec.self, wireType, slot)
    case .bool: try bare(BoolCodec.self, wireType, slot)
    case .string: try bare(StringCodec.self, wireType, slot)
    case .bytes: try bare(BytesCodec.self, wireType, slot)
    case .message: false  // a singular message has presence: never of this shape
    }
  }

  /// A value stored as it is; of several the last one stays.
  @inline(__always)
  private mutating func bare<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == C.wireType else { return false }
    slot.assumingMemoryBound(to: C.Value.self).pointee = try C.readProtobuf(&reader)
    return true
  }

  @inline(__always)
  private mutating func optional(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch field.pointee.kind {
    case .int32, .enum: try optional(SignedCodec<Int32>.self, wireType, slot)
    case .int64: try optional(SignedCodec<Int64>.self, wireType, slot)
    case .uint32: try optional(UnsignedCodec<UInt32>.self, wireType, slot)
    case .uint64: try optional(UnsignedCodec<UInt64>.self, wireType, slot)
    case .sint32: try optional(ZigZagCodec<Int32>.self, wireType, slot)
    case .sint64: try optional(ZigZagCodec<Int64>.self, wireType, slot)
    case .fixed32: try optional(FixedCodec<UInt32>.self, wireType, slot)
    case .fixed64: try optional(FixedCodec<UInt64>.self, wireType, slot)
    case .sfixed32: try optional(FixedCodec<Int32>.self, wireType, slot)
    case .sfixed64: try optional(FixedCodec<Int64>.self, wireType, slot)
    case .float: try optional(FloatCodec.self, wireType, slot)
    case .double: try optional(DoubleCodec.self, wireType, slot)
    case .bool: try optional(BoolCodec.self, wireType, slot)
    case .string: try optional(StringCodec.self, wireType, slot)
    case .bytes: try optional(BytesCodec.self, wireType, slot)
    case .message: try optionalMessage(field, wireType, slot)
    }
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == C.wireType else { return false }
    slot.assumingMemoryBound(to: C.Value?.self).pointee = try C.readProtobuf(&reader)
    return true
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited, let access = field.pointee.message else { return false }
    try access.lend { (access) throws(WireFault) in
      if !access.slot.isPresent(slot) { access.slot.makePresent(slot) }
      if access.slot.isInline {
        try lengthAndMessage(access.table, slot)
      } else {
        try reader.spend(access.table.pointee.byteCount)
        try access.slot.write(slot) { (message) throws(WireFault) in
          try lengthAndMessage(access.table, message)
        }
      }
    }
    return true
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == field.pointee.kind.wireType, let member = field.pointee.member else {
      return false
    }
    try member.lend { (member) throws(WireFault) in
      try member.write(slot) { (value) throws(WireFault) in
        try element(field, field.pointee.kind, value)
      }
    }
    return true
  }

  // MARK: Lists and maps

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, at place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch field.pointee.kind {
    case .int32: return try repeated(SignedCodec<Int32>.self, wireType, slot)
    case .int64: return try repeated(SignedCodec<Int64>.self, wireType, slot)
    case .uint32: return try repeated(UnsignedCodec<UInt32>.self, wireType, slot)
    case .uint64: return try repeated(UnsignedCodec<UInt64>.self, wireType, slot)
    case .sint32: return try repeated(ZigZagCodec<Int32>.self, wireType, slot)
    case .sint64: return try repeated(ZigZagCodec<Int64>.self, wireType, slot)
    case .fixed32: return try repeated(FixedCodec<UInt32>.self, wireType, slot)
    case .fixed64: return try repeated(FixedCodec<UInt64>.self, wireType, slot)
    case .sfixed32: return try repeated(FixedCodec<Int32>.self, wireType, slot)
    case .sfixed64: return try repeated(FixedCodec<Int64>.self, wireType, slot)
    case .float: return try repeated(FloatCodec.self, wireType, slot)
    case .double: return try repeated(DoubleCodec.self, wireType, slot)
    case .bool: return try repeated(BoolCodec.self, wireType, slot)
    case .string: return try repeatedRun(StringCodec.self, wireType, tagAt: place, slot)
    case .bytes: return try repeatedRun(BytesCodec.self, wireType, tagAt: place, slot)
    case .enum: return try repeatedEnum(field, wireType, slot)
    case .message: return try repeatedMessage(field, wireType, tagAt: place, slot)
    }
  }

  /// Numbers: packed or one by one, whatever the schema says that writers should do.
  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    let list = slot.assumingMemoryBound(to: [C.Value].self)
    if wireType == C.wireType {
      try reader.spend(MemoryLayout<C.Value>.stride)
      list.pointee.append(try C.readProtobuf(&reader))
      return true
    }
    guard wireType == .lengthDelimited else { return false }
    let byteCount = try reader.length()
    let end = reader.cursor + byteCount
    let count =
      C.byteCountMin > 1 ? byteCount / C.byteCountMin : reader.varintCount(before: end)
    try reader.spend(count, times: MemoryLayout<C.Value>.stride)
    // Only once: reserving again and again for short runs would copy the list each time.
    if list.pointee.isEmpty { list.pointee.reserveCapacity(count) }
    let outerEnd = reader.end
    reader.end = end
    while reader.cursor < end { list.pointee.append(try C.readProtobuf(&reader)) }
    reader.end = outerEnd
    return true
  }

  private mutating func repeatedEnum(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard let access = field.pointee.enumeration?.takeUnretainedValue() else { return false }
    if wireType == .varint {
      try reader.spend(4)
      access.append(slot, try SignedCodec<Int32>.readProtobuf(&reader))
      return true
    }
    guard wireType == .lengthDelimited else { return false }
    let byteCount = try reader.length()
    let (end, outerEnd) = (reader.cursor + byteCount, reader.end)
    try reader.spend(reader.varintCount(before: end), times: 4)
    reader.end = end
    while reader.cursor < end { access.append(slot, try SignedCodec<Int32>.readProtobuf(&reader)) }
    reader.end = outerEnd
    return true
  }

  /// Texts and bytes, the whole run of them that stands together: the list grows once.
  @inline(__always)
  private mutating func repeatedRun<C: ScalarCodec>(
    _ codec: C.Type, _ wireType: WireType, tagAt place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited else { return false }
    let run = reader.run(tag: place..<reader.cursor)
    try reader.spend(run.count, times: MemoryLayout<C.Value>.stride)
    let list = slot.assumingMemoryBound(to: [C.Value].self)
    if list.pointee.isEmpty { list.pointee.reserveCapacity(run.count) }
    for index in 0..<run.count {
      if index > 0 { reader.cursor += run.tagByteCount }
      list.pointee.append(try C.readProtobuf(&reader))
    }
    return true
  }

  private mutating func repeatedMessage(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, tagAt place: UnsafeRawPointer,
    _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited, let access = field.pointee.message else { return false }
    let run = reader.run(tag: place..<reader.cursor)
    try access.lend { (access) throws(WireFault) in
      let (table, elements) = (access.table, access.elements)
      try reader.spend(run.count, times: max(elements.stride, table.pointee.byteCount))
      try elements.append(slot, run.count) { (first) throws(WireFault) in
        for index in 0..<run.count {
          if index > 0 { reader.cursor += run.tagByteCount }
          try lengthAndMessage(table, elements.writable(first + index * elements.stride))
        }
      }
    }
    return true
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ wireType: WireType, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    guard wireType == .lengthDelimited, let map = field.pointee.map?.takeUnretainedValue() else {
      return false
    }
    let byteCount = try reader.length()
    let (end, outerEnd) = (reader.cursor + byteCount, reader.end)
    try reader.spend(map.entryBytes)
    reader.end = end
    _ = try map.insert(slot) { (key, value) throws(WireFault) in
      while reader.cursor < end {
        let place = reader.cursor
        let (number, wireType) = try tag()
        if number == 1, wireType == field.pointee.keyKind.wireType {
          try element(field, field.pointee.keyKind, key)
        } else if number == 2, wireType == field.pointee.kind.wireType {
          try element(field, field.pointee.kind, value)
        } else {
          try skip(number, wireType, from: place)
        }
      }
    }
    reader.end = outerEnd
    return true
  }

  /// A value that stands alone: of a map or a oneof. Its wire type has been checked.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard kind == .message else {
      _ = try singular(kind, kind.wireType, slot)
      return
    }
    guard let access = field.pointee.message?.takeUnretainedValue() else { return }
    try reader.spend(access.table.pointee.byteCount)
    try lengthAndMessage(access.table, access.elements.writable(slot))
  }
}

extension ByteReader {
  /// How many varints end before `end`, which lies within the input.
  func varintCount(before end: UnsafeRawPointer) -> Int {
    var count = 0
    var place = cursor
    while place < end {
      if place.load(as: UInt8.self) < 0x80 { count += 1 }
      place += 1
    }
    return count
  }

  /// How many length-delimited fields with one tag follow each other, the first one's tag just
  /// read. Stops without complaint at the first that is malformed: reading it will complain.
  func run(tag: Range<UnsafeRawPointer>) -> (count: Int, tagByteCount: Int) {
    let tagByteCount = tag.upperBound - tag.lowerBound
    var ahead = self
    var count = 0
    while true {
      count += 1
      guard let byteCount = try? ahead.length() else { break }
      ahead.cursor += byteCount
      guard ahead.remaining >= tagByteCount else { break }
      var index = 0
      while index < tagByteCount,
        ahead.cursor.load(fromByteOffset: index, as: UInt8.self)
          == tag.lowerBound.load(fromByteOffset: index, as: UInt8.self)
      {
        index += 1
      }
      guard index == tagByteCount else { break }
      ahead.cursor += tagByteCount
    }
    return (count, tagByteCount)
  }
}

extension ValueKind {
  /// How protobuf frames a single value of it.
  var wireType: WireType {
    switch self {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .bool, .enum: .varint
    case .fixed64, .sfixed64, .double: .fixed64
    case .fixed32, .sfixed32, .float: .fixed32
    case .string, .bytes, .message: .lengthDelimited
    }
  }
}
