/// Reads the native encoding (Proto/README.md): presence, then values, no tags.
///
/// It fills a message that is fresh from its `init()`. Every slot is written at most once and holds
/// a default that owns no memory, so values are stored without releasing what was there.
struct NativeDecoder {
  private var reader: ByteReader
  /// How many levels of messages may still open.
  private var depthLeft: Int
  private let refusesUnknownFields: Bool

  init(_ bytes: UnsafeRawBufferPointer, options: BinaryOptions) {
    reader = unsafe ByteReader(bytes, memoryBudget: options.memoryBudget(forInput: bytes.count))
    depthLeft = options.nestingMax
    refusesUnknownFields = options.refusesUnknownFields
  }

  /// Reads the message that the whole input is.
  mutating func decode(
    _ table: UnsafePointer<LayoutTable>, into message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    try unsafe fill(table, message)
    if reader.remaining != 0 { throw unsafe reader.fault(.trailingBytes) }
  }

  // MARK: Messages

  /// Reads a message of the length that stands before it.
  @inline(__always)
  private mutating func lengthAndMessage(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let byteCount = try reader.shortestLength()
    let outerEnd = unsafe reader.end
    unsafe reader.end = unsafe reader.cursor + byteCount
    try unsafe fill(table, message)
    if reader.remaining != 0 { throw unsafe reader.fault(.trailingBytes) }
    unsafe reader.end = unsafe outerEnd
  }

  private mutating func fill(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    if depthLeft <= 0 { throw unsafe reader.fault(.nestingTooDeep) }
    guard unsafe table.pointee.isNative else { throw unsafe reader.fault(.nativeUnavailable) }
    // Numbers and short texts are read by a copy, whose cursor stays in a register.
    var near = reader
    let place = unsafe near.cursor
    let presence = try near.shortestVarint()
    let known = unsafe table.pointee.knownPresence
    let unknown = presence & ~known
    if unknown != 0 {
      if presence >> 63 != 0 { throw unsafe near.fault(.presenceTooWide, at: place) }
      // A descendant of this schema adds fields only above those that this schema has.
      if unknown & (0 &- unknown) < known { throw unsafe near.fault(.unknownPresence, at: place) }
      if refusesUnknownFields { throw unsafe near.fault(.unknownFields, at: place) }
    }
    depthLeft -= 1
    let fields = unsafe table.pointee.fields.baseAddress
    let positions = unsafe table.pointee.positions
    var left = presence & known
    while left != 0, let fields = unsafe fields {
      let number = left.trailingZeroBitCount + 1
      left &= left &- 1
      let position = unsafe Int(positions[number])
      let field = unsafe fields + position
      let slot = unsafe message + field.pointee.offset
      let place = unsafe near.cursor
      switch unsafe field.pointee.form {
      case .int32, .sint32, .enumeration:
        let value = try SignedCodec<Int32>.readNative(&near)
        if value == 0 { throw unsafe near.fault(.explicitDefault, at: place) }
        unsafe slot.storeBytes(of: value, as: Int32.self)
      case .int64, .sint64:
        let value = try SignedCodec<Int64>.readNative(&near)
        if value == 0 { throw unsafe near.fault(.explicitDefault, at: place) }
        unsafe slot.storeBytes(of: value, as: Int64.self)
      case .uint32:
        let value = try UnsignedCodec<UInt32>.readNative(&near)
        if value == 0 { throw unsafe near.fault(.explicitDefault, at: place) }
        unsafe slot.storeBytes(of: value, as: UInt32.self)
      case .uint64:
        let value = try UnsignedCodec<UInt64>.readNative(&near)
        if value == 0 { throw unsafe near.fault(.explicitDefault, at: place) }
        unsafe slot.storeBytes(of: value, as: UInt64.self)
      // Its presence bit says it all.
      case .bool: unsafe slot.storeBytes(of: true, as: Bool.self)
      case .string:
        let count = try near.shortestLength()
        if count == 0 { throw unsafe near.fault(.explicitDefault, at: place) }
        let string = unsafe slot.assumingMemoryBound(to: String.self)
        if let text = near.smallText(count) {
          unsafe text.initialize(string)
        } else {
          unsafe reader.cursor = unsafe near.cursor
          unsafe string.initialize(to: try reader.longString(count))
          unsafe near.cursor = unsafe reader.cursor
        }
      default:
        unsafe reader.cursor = unsafe near.cursor
        try unsafe self.field(field, slot)
        unsafe near.cursor = unsafe reader.cursor
      }
    }
    unsafe reader.cursor = unsafe near.cursor
    depthLeft += 1
    if unknown != 0 {
      let slot = unsafe message + table.pointee.unknownFieldsOffset
      unsafe slot.assumingMemoryBound(to: UnknownFields.self).pointee = UnknownFields(
        nativePresence: unknown, bytes: try reader.bytes(reader.remaining))
    }
  }

  // MARK: Fields

  private mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch unsafe field.pointee.form {
    case .fixed32: try unsafe singular(FixedCodec<UInt32>.self, slot)
    case .fixed64: try unsafe singular(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try unsafe singular(FixedCodec<Int32>.self, slot)
    case .sfixed64: try unsafe singular(FixedCodec<Int64>.self, slot)
    case .float: try unsafe singular(FloatCodec.self, slot)
    case .double: try unsafe singular(DoubleCodec.self, slot)
    case .bytes: try unsafe singular(BytesCodec.self, slot)
    case .optionalInt32, .optionalSInt32, .optionalEnum:
      try unsafe optional(SignedCodec<Int32>.self, slot)
    case .optionalInt64, .optionalSInt64: try unsafe optional(SignedCodec<Int64>.self, slot)
    case .optionalUInt32: try unsafe optional(UnsignedCodec<UInt32>.self, slot)
    case .optionalUInt64: try unsafe optional(UnsignedCodec<UInt64>.self, slot)
    case .optionalFixed32: try unsafe optional(FixedCodec<UInt32>.self, slot)
    case .optionalFixed64: try unsafe optional(FixedCodec<UInt64>.self, slot)
    case .optionalSFixed32: try unsafe optional(FixedCodec<Int32>.self, slot)
    case .optionalSFixed64: try unsafe optional(FixedCodec<Int64>.self, slot)
    case .optionalFloat: try unsafe optional(FloatCodec.self, slot)
    case .optionalDouble: try unsafe optional(DoubleCodec.self, slot)
    case .optionalBool: try unsafe optional(BoolCodec.self, slot)
    case .optionalString: try unsafe optional(StringCodec.self, slot)
    case .optionalBytes: try unsafe optional(BytesCodec.self, slot)
    case .optionalMessage: try unsafe optionalMessage(field, slot)
    case .repeated: try unsafe repeated(field, slot)
    case .map: try unsafe map(field, slot)
    case .member: try unsafe member(field, slot)
    default: break  // a number or a text: `fill` reads them itself
    }
  }

  @inline(__always)
  private mutating func singular<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let place = unsafe reader.cursor
    let value = unsafe slot.initializeMemory(as: C.Value.self, to: try C.readNative(&reader))
    if unsafe C.isDefault(value) { throw unsafe reader.fault(.explicitDefault, at: place) }
  }

  @inline(__always)
  private mutating func optional<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    unsafe slot.initializeMemory(as: C.Value?.self, to: try C.readNative(&reader))
  }

  @inline(__always)
  private mutating func optionalMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let access = unsafe field.pointee.message else { return }
    try unsafe access.lend { (access) throws(WireFault) in
      unsafe access.slot.makePresent(slot)
      if access.slot.isInline {
        try unsafe lengthAndMessage(access.table, slot)
      } else {
        try unsafe reader.spend(access.table.pointee.byteCount)
        try unsafe access.slot.write(slot) { (message) throws(WireFault) in
          try unsafe lengthAndMessage(access.table, message)
        }
      }
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let oneof = unsafe field.pointee.oneof, let member = unsafe field.pointee.member else {
      return
    }
    if unsafe oneof.lend({ unsafe $0.which(slot) }) != 0 {
      throw unsafe reader.fault(.severalOneofMembers)
    }
    try unsafe member.lend { (member) throws(WireFault) in
      try unsafe member.write(slot) { (value) throws(WireFault) in
        try unsafe element(field, field.pointee.kind, value)
      }
    }
  }

  // MARK: Lists and maps

  /// How many elements follow, none of them smaller than `byteCountMin`; an empty list is absent.
  private mutating func elementCount(_ byteCountMin: Int) throws(WireFault) -> Int {
    let place = unsafe reader.cursor
    let count = try reader.shortestVarint()
    if count == 0 { throw unsafe reader.fault(.explicitDefault, at: place) }
    guard count <= UInt64(reader.remaining / byteCountMin) else {
      throw unsafe reader.fault(.lengthPastEnd, at: place)
    }
    return Int(count)
  }

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch unsafe field.pointee.kind {
    case .int32, .sint32: try unsafe repeated(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: try unsafe repeated(SignedCodec<Int64>.self, slot)
    case .uint32: try unsafe repeated(UnsignedCodec<UInt32>.self, slot)
    case .uint64: try unsafe repeated(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: try unsafe repeated(FixedCodec<UInt32>.self, slot)
    case .fixed64: try unsafe repeated(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try unsafe repeated(FixedCodec<Int32>.self, slot)
    case .sfixed64: try unsafe repeated(FixedCodec<Int64>.self, slot)
    case .float: try unsafe repeated(FloatCodec.self, slot)
    case .double: try unsafe repeated(DoubleCodec.self, slot)
    case .bool: try unsafe repeated(BoolCodec.self, slot)
    case .string: try unsafe repeated(StringCodec.self, slot)
    case .bytes: try unsafe repeated(BytesCodec.self, slot)
    case .enum: try unsafe repeatedEnum(field, slot)
    case .message: try unsafe repeatedMessage(field, slot)
    }
  }

  @inline(__always)
  private mutating func repeated<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let count = try elementCount(C.byteCountMin)
    try reader.spend(count, times: MemoryLayout<C.Value>.stride)
    // The slot holds an empty list: it grows once, here.
    let list = unsafe slot.assumingMemoryBound(to: [C.Value].self)
    unsafe list.pointee.reserveCapacity(count)
    for _ in 0..<count { unsafe list.pointee.append(try C.readNative(&reader)) }
  }

  private mutating func repeatedEnum(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let access = unsafe field.pointee.enumeration?.takeUnretainedValue() else { return }
    let count = try elementCount(1)
    try reader.spend(growingBy: count, times: 4)
    for _ in 0..<count { unsafe access.append(slot, try SignedCodec<Int32>.readNative(&reader)) }
  }

  private mutating func repeatedMessage(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let access = unsafe field.pointee.message else { return }
    try unsafe access.lend { (access) throws(WireFault) in
      // A length and a presence: an element is two bytes at least.
      let count = try elementCount(2)
      let table = unsafe access.table
      try unsafe reader.spend(count, times: max(access.elements.stride, table.pointee.byteCount))
      try unsafe access.elements.append(slot, count) { (first) throws(WireFault) in
        for index in 0..<count {
          let element = unsafe first + index * access.elements.stride
          try unsafe lengthAndMessage(table, access.elements.writable(element))
        }
      }
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let map = unsafe field.pointee.map?.takeUnretainedValue() else { return }
    let count = try elementCount(2)
    try reader.spend(count, times: map.entryBytes)
    var previous: MapKey?
    for _ in 0..<count {
      _ = try unsafe map.insert(slot) { (key, value) throws(WireFault) in
        let place = unsafe reader.cursor
        try unsafe element(field, field.pointee.keyKind, key)
        let current = unsafe MapKey(field.pointee.keyKind, key, spelling: place..<reader.cursor)
        if let previous, !(previous < current) {
          throw unsafe reader.fault(.unsortedMapKey, at: place)
        }
        previous = current
        try unsafe element(field, field.pointee.kind, value)
      }
    }
  }

  /// A value that always stands on the wire: of a list, a map or a oneof.
  private mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .enum: try unsafe element(SignedCodec<Int32>.self, slot)
    case .int64, .sint64: try unsafe element(SignedCodec<Int64>.self, slot)
    case .uint32: try unsafe element(UnsignedCodec<UInt32>.self, slot)
    case .uint64: try unsafe element(UnsignedCodec<UInt64>.self, slot)
    case .fixed32: try unsafe element(FixedCodec<UInt32>.self, slot)
    case .fixed64: try unsafe element(FixedCodec<UInt64>.self, slot)
    case .sfixed32: try unsafe element(FixedCodec<Int32>.self, slot)
    case .sfixed64: try unsafe element(FixedCodec<Int64>.self, slot)
    case .float: try unsafe element(FloatCodec.self, slot)
    case .double: try unsafe element(DoubleCodec.self, slot)
    case .bool: try unsafe element(BoolCodec.self, slot)
    case .string: try unsafe element(StringCodec.self, slot)
    case .bytes: try unsafe element(BytesCodec.self, slot)
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      try unsafe reader.spend(access.table.pointee.byteCount)
      try unsafe lengthAndMessage(access.table, access.elements.writable(slot))
    }
  }

  @inline(__always)
  private mutating func element<C: ScalarCodec>(
    _ codec: C.Type, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    unsafe slot.initializeMemory(as: C.Value.self, to: try C.readNative(&reader))
  }
}
