/// Reads the native encoding (Proto/README.md): presence, then values, no tags.
///
/// It fills a message that is fresh from its `init()`. Every slot is written at most once and holds
/// a default that owns no memory, so values are stored without releasing what was there.
struct NativeDecoder {
  private var reader: ByteReader
  /// How many levels of messages may still open.
  private var depthLeft: Int

  init(_ bytes: UnsafeRawBufferPointer, options: CodingOptions) {
    reader = ByteReader(bytes, memoryBudget: options.memoryBudget(forInput: bytes.count))
    depthLeft = options.nestingMax
  }

  /// Reads the message that the whole input is.
  mutating func decode(
    _ table: UnsafePointer<LayoutTable>, into message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    try fill(table, message)
    if reader.remaining != 0 { throw reader.fault(.trailingBytes) }
  }

  // MARK: Messages

  /// Reads a message of the length that stands before it.
  @inline(__always)
  private mutating func lengthAndMessage(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let byteCount = try reader.shortestLength()
    let outerEnd = reader.end
    reader.end = reader.cursor + byteCount
    try fill(table, message)
    if reader.remaining != 0 { throw reader.fault(.trailingBytes) }
    reader.end = outerEnd
  }

  private mutating func fill(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    if depthLeft == 0 { throw reader.fault(.nestingTooDeep) }
    guard table.pointee.isNative else { throw reader.fault(.nativeUnavailable) }
    let place = reader.cursor
    let presence = try reader.shortestVarint()
    let known = table.pointee.knownPresence
    let unknown = presence & ~known
    if unknown != 0 {
      if presence >> 63 != 0 { throw reader.fault(.presenceTooWide, at: place) }
      // A descendant of this schema adds fields only above those that this schema has.
      if unknown < known { throw reader.fault(.unknownPresence, at: place) }
    }
    depthLeft -= 1
    let fields = table.pointee.fields.baseAddress
    let positions = table.pointee.positions
    var left = presence & known
    while left != 0, let fields {
      let number = left.trailingZeroBitCount + 1
      left &= left &- 1
      try field(fields + Int(positions[number]), message)
    }
    depthLeft += 1
    if unknown != 0 {
      let slot = message + table.pointee.unknownFieldsOffset
      slot.assumingMemoryBound(to: UnknownFields.self).pointee = UnknownFields(
        nativePresence: unknown, bytes: try reader.bytes(reader.remaining))
    }
  }

  // MARK: Fields

  @inline(__always)
  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let slot = message + field.pointee.offset
    switch field.pointee.shape {
    case .singular: try singular(field, slot)
    case .optional: try optional(field, slot)
    case .repeated: try repeated(field, slot)
    case .map: try map(field, slot)
    case .member: try member(field, slot)
    }
  }

  @inline(__always)
  private mutating func singular(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32, .sint32, .enum: try singular(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: try singular(SignedCodec<Int64>.self, slot)
    case .uint32: try singular(UnsignedCodec<UInt32>.self, slot)
    case .uint64: try singular(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: try singular(FixedCodec<UInt32>.self, slot)
    case .fixed64: try singular(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try singular(FixedCodec<Int32>.self, slot)
    case .sfixed64: try singular(FixedCodec<Int64>.self, slot)
    case .float: try singular(FloatCodec.self, slot)
    case .double: try singular(DoubleCodec.self, slot)
    case .bool: slot.storeBytes(of: true, as: Bool.self)  // its presence bit says it all
    case .string: try singular(StringCodec.self, slot)
    case .bytes: try singular(BytesCodec.self, slot)
    case .message: break  // a singular message has presence: never of this shape
    }
  }

  @inline(__always)
  private mutating func singular<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let place = reader.cursor
    let value = try C.readNative(&reader)
    if C.isDefault(value) { throw reader.fault(.explicitDefault, at: place) }
    slot.initializeMemory(as: C.Value.self, to: value)
  }

  @inline(__always)
  private mutating func optional(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32, .sint32, .enum: try optional(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: try optional(SignedCodec<Int64>.self, slot)
    case .uint32: try optional(UnsignedCodec<UInt32>.self, slot)
    case .uint64: try optional(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: try optional(FixedCodec<UInt32>.self, slot)
    case .fixed64: try optional(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try optional(FixedCodec<Int32>.self, slot)
    case .sfixed64: try optional(FixedCodec<Int64>.self, slot)
    case .float: try optional(FloatCodec.self, slot)
    case .double: try optional(DoubleCodec.self, slot)
    case .bool: try optional(BoolCodec.self, slot)
    case .string: try optional(StringCodec.self, slot)
    case .bytes: try optional(BytesCodec.self, slot)
    case .message: try optionalMessage(field, slot)
    }
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    slot.initializeMemory(as: C.Value?.self, to: try C.readNative(&reader))
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let access = field.pointee.message else { return }
    try access.lend { (access) throws(WireFault) in
      access.slot.makePresent(slot)
      if access.slot.isInline {
        try lengthAndMessage(access.table, slot)
      } else {
        try reader.spend(access.table.pointee.byteCount)
        try access.slot.write(slot) { (message) throws(WireFault) in
          try lengthAndMessage(access.table, message)
        }
      }
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let oneof = field.pointee.oneof, let member = field.pointee.member else { return }
    if oneof.lend({ $0.which(slot) }) != 0 {
      throw reader.fault(.severalOneofMembers)
    }
    try member.lend { (member) throws(WireFault) in
      try member.write(slot) { (value) throws(WireFault) in
        try element(field, field.pointee.kind, value)
      }
    }
  }

  // MARK: Lists and maps

  /// How many elements follow, none of them smaller than `byteCountMin`; an empty list is absent.
  private mutating func elementCount(_ byteCountMin: Int) throws(WireFault) -> Int {
    let place = reader.cursor
    let count = try reader.shortestVarint()
    if count == 0 { throw reader.fault(.explicitDefault, at: place) }
    guard count <= UInt64(reader.remaining / byteCountMin) else {
      throw reader.fault(.lengthPastEnd, at: place)
    }
    return Int(count)
  }

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32, .sint32: try repeated(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: try repeated(SignedCodec<Int64>.self, slot)
    case .uint32: try repeated(UnsignedCodec<UInt32>.self, slot)
    case .uint64: try repeated(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: try repeated(FixedCodec<UInt32>.self, slot)
    case .fixed64: try repeated(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try repeated(FixedCodec<Int32>.self, slot)
    case .sfixed64: try repeated(FixedCodec<Int64>.self, slot)
    case .float: try repeated(FloatCodec.self, slot)
    case .double: try repeated(DoubleCodec.self, slot)
    case .bool: try repeated(BoolCodec.self, slot)
    case .string: try repeated(StringCodec.self, slot)
    case .bytes: try repeated(BytesCodec.self, slot)
    case .enum: try repeatedEnum(field, slot)
    case .message: try repeatedMessage(field, slot)
    }
  }

  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let count = try elementCount(C.byteCountMin)
    try reader.spend(count, times: MemoryLayout<C.Value>.stride)
    let list = try [C.Value](capacity: count) { (elements) throws(WireFault) in
      for _ in 0..<count { elements.append(try C.readNative(&reader)) }
    }
    slot.initializeMemory(as: [C.Value].self, to: list)
  }

  private mutating func repeatedEnum(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let access = field.pointee.enumeration?.takeUnretainedValue() else { return }
    let count = try elementCount(1)
    try reader.spend(count, times: 4)
    for _ in 0..<count { access.append(slot, try SignedCodec<Int32>.readNative(&reader)) }
  }

  private mutating func repeatedMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let access = field.pointee.message else { return }
    try access.lend { (access) throws(WireFault) in
      // A length and a presence: an element is two bytes at least.
      let count = try elementCount(2)
      let (table, elements) = (access.table, access.elements)
      try reader.spend(count, times: max(elements.stride, table.pointee.byteCount))
      try elements.append(slot, count) { (first) throws(WireFault) in
        for index in 0..<count {
          let element = first + index * elements.stride
          try lengthAndMessage(table, elements.writable(element))
        }
      }
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let map = field.pointee.map?.takeUnretainedValue() else { return }
    let count = try elementCount(2)
    try reader.spend(count, times: map.entryBytes)
    var previous: MapKey?
    for _ in 0..<count {
      _ = try map.insert(slot) { (key, value) throws(WireFault) in
        let place = reader.cursor
        try element(field, field.pointee.keyKind, key)
        let current = MapKey(field.pointee.keyKind, key, spelling: place..<reader.cursor)
        if let previous, !(previous < current) { throw reader.fault(.unsortedMapKey, at: place) }
        previous = current
        try element(field, field.pointee.kind, value)
      }
    }
  }

  /// A value that always stands on the wire: of a list, a map or a oneof.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .enum: try element(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: try element(SignedCodec<Int64>.self, slot)
    case .uint32: try element(UnsignedCodec<UInt32>.self, slot)
    case .uint64: try element(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: try element(FixedCodec<UInt32>.self, slot)
    case .fixed64: try element(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try element(FixedCodec<Int32>.self, slot)
    case .sfixed64: try element(FixedCodec<Int64>.self, slot)
    case .float: try element(FloatCodec.self, slot)
    case .double: try element(DoubleCodec.self, slot)
    case .bool: try element(BoolCodec.self, slot)
    case .string: try element(StringCodec.self, slot)
    case .bytes: try element(BytesCodec.self, slot)
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      try reader.spend(access.table.pointee.byteCount)
      try lengthAndMessage(access.table, access.elements.writable(slot))
    }
  }

  @inline(__always)
  private mutating func element<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    slot.initializeMemory(as: C.Value.self, to: try C.readNative(&reader))
  }
}
