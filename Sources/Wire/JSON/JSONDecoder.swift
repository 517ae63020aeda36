/// Reads proto3 JSON into a message that is fresh from its `init()`.
struct JSONDecoder {
  var reader: JSONReader
  let options: CodingOptions
  /// Where the reader is within the message. After a fault, where that was.
  private var path: [Step] = []
  /// More about a fault, when there is more to say.
  var detail = ""

  /// One step from a message to what it holds.
  private enum Step {
    case member(String)
    case element(Int)
    case entry(String)
  }

  init(_ bytes: UnsafeRawBufferPointer, options: CodingOptions) {
    reader = JSONReader(
      bytes, memoryBudget: options.memoryBudget(forInput: bytes.count),
      nestingMax: options.nestingMax)
    self.options = options
  }

  /// The path in the form `items[3].labels["en"]`.
  var pathDescription: String {
    path.reduce(into: "") { text, step in
      switch step {
      case .member(let name): text += text.isEmpty ? name : ".\(name)"
      case .element(let index): text += "[\(index)]"
      case .entry(let key): text += "[\"\(key)\"]"
      }
    }
  }

  // MARK: Messages

  /// Reads a message, in the form that its type has in JSON.
  mutating func message(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    if let wellKnown = table.pointee.layout.takeUnretainedValue().wellKnown {
      try self.wellKnown(wellKnown, table, message)
    } else {
      try object(table, message)
    }
  }

  /// Reads an object whose members are a message's fields.
  /// - Parameter passedOver: the name of a member that is not a field, such as `@type`.
  mutating func object(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer,
    passingOver passedOver: String? = nil
  ) throws(WireFault) {
    let layout = table.pointee.layout.takeUnretainedValue()
    var fieldsSeen = BitSet()
    var oneofsSeen = BitSet()
    try members { (decoder, name) throws(WireFault) in
      if name == passedOver {
        try decoder.reader.skipValue()
        return
      }
      guard let index = layout.indexByName[name], let base = table.pointee.fields.baseAddress else {
        if decoder.options.ignoresUnknownJSONMembers {
          try decoder.reader.skipValue()
          return
        }
        decoder.detail = "\"\(name)\" of \(layout.name)"
        throw decoder.reader.fault(.unknownMember)
      }
      guard fieldsSeen.insert(index) else { throw decoder.reader.fault(.duplicateMember) }
      let field = base + index
      if !decoder.takesNull(field), decoder.reader.takeNull() { return }
      if let oneof = field.pointee.info.takeUnretainedValue().oneofIndex,
        !oneofsSeen.insert(oneof)
      {
        throw decoder.reader.fault(.severalOneofMembers)
      }
      try decoder.field(field, message + field.pointee.offset)
    }
  }

  /// Whether `null` is a value of a field's type, and not its absence.
  private func takesNull(_ field: UnsafePointer<FieldEntry>) -> Bool {
    guard field.pointee.shape != .repeated, field.pointee.shape != .map else { return false }
    return elementTakesNull(field)
  }

  private func elementTakesNull(_ field: UnsafePointer<FieldEntry>) -> Bool {
    if let message = field.pointee.message?.takeUnretainedValue() {
      return message.table.pointee.layout.takeUnretainedValue().wellKnown == .value
    }
    return field.pointee.enumeration?.takeUnretainedValue().layout.isNull ?? false
  }

  // MARK: Steps

  mutating func members(
    _ body: (inout JSONDecoder, String) throws(WireFault) -> Void
  ) throws(WireFault) {
    guard reader.peek() == UInt8(ascii: "{") else { throw reader.fault(.wrongType) }
    try reader.open()
    reader.cursor += 1
    if !reader.take(UInt8(ascii: "}")) {
      repeat {
        guard reader.peek() == UInt8(ascii: "\"") else { throw reader.fault(.invalidJSON) }
        let name = try reader.string()
        try reader.expect(UInt8(ascii: ":"))
        path.append(.member(name))
        _ = reader.peek()
        try body(&self, name)
        path.removeLast()
      } while reader.take(UInt8(ascii: ","))
      try reader.expect(UInt8(ascii: "}"))
    }
    reader.close()
  }

  mutating func elements(
    _ body: (inout JSONDecoder) throws(WireFault) -> Void
  ) throws(WireFault) {
    guard reader.peek() == UInt8(ascii: "[") else { throw reader.fault(.wrongType) }
    try reader.open()
    reader.cursor += 1
    if !reader.take(UInt8(ascii: "]")) {
      var index = 0
      repeat {
        path.append(.element(index))
        _ = reader.peek()
        try body(&self)
        path.removeLast()
        index += 1
      } while reader.take(UInt8(ascii: ","))
      try reader.expect(UInt8(ascii: "]"))
    }
    reader.close()
  }

  // MARK: Fields

  /// Reads a field's value, which is not `null` unless its type knows `null`.
  mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch field.pointee.shape {
    case .singular: _ = try element(field, field.pointee.kind, slot)
    case .optional: try optional(field, slot)
    case .repeated: try repeated(field, slot)
    case .map: try map(field, slot)
    case .member: try member(field, slot)
    }
  }

  private mutating func optional(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32, .sint32, .sfixed32: try store(Int32?.self, slot, integer())
    case .int64, .sint64, .sfixed64: try store(Int64?.self, slot, integer())
    case .uint32, .fixed32: try store(UInt32?.self, slot, integer())
    case .uint64, .fixed64: try store(UInt64?.self, slot, integer())
    case .float: try store(Float?.self, slot, real())
    case .double: try store(Double?.self, slot, real())
    case .bool: try store(Bool?.self, slot, reader.bool())
    case .string: try store(String?.self, slot, reader.string())
    case .bytes: try store([UInt8]?.self, slot, bytes())
    case .enum: if let number = try enumNumber(field) { store(Int32?.self, slot, number) }
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      if !access.slot.isInline { try reader.spend(access.table.pointee.byteCount) }
      access.slot.makePresent(slot)
      try access.slot.write(slot) { (message) throws(WireFault) in
        try self.message(access.table, message)
      }
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let member = field.pointee.member?.takeUnretainedValue(),
      let oneof = field.pointee.oneof?.takeUnretainedValue()
    else { return }
    var isKnown = true
    try member.write(slot) { (value) throws(WireFault) in
      isKnown = try element(field, field.pointee.kind, value)
    }
    if !isKnown { oneof.clear(slot) }
  }

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch field.pointee.kind {
    case .int32, .sint32, .sfixed32:
      try list(Int32.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .int64, .sint64, .sfixed64:
      try list(Int64.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .uint32, .fixed32:
      try list(UInt32.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .uint64, .fixed64:
      try list(UInt64.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .float: try list(Float.self, slot) { (json) throws(WireFault) in try json.real() }
    case .double: try list(Double.self, slot) { (json) throws(WireFault) in try json.real() }
    case .bool: try list(Bool.self, slot) { (json) throws(WireFault) in try json.reader.bool() }
    case .string:
      try list(String.self, slot) { (json) throws(WireFault) in try json.reader.string() }
    case .bytes: try list([UInt8].self, slot) { (json) throws(WireFault) in try json.bytes() }
    case .enum:
      guard let access = field.pointee.enumeration?.takeUnretainedValue() else { return }
      try elements { (json) throws(WireFault) in
        try json.reader.spend(4)
        if let number = try json.enumNumber(field) { access.append(slot, number) }
      }
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      let cost = max(access.elements.stride, access.table.pointee.byteCount)
      try elements { (json) throws(WireFault) in
        try json.reader.spend(cost)
        try access.elements.append(slot, 1) { (element) throws(WireFault) in
          try json.message(access.table, access.elements.writable(element))
        }
      }
    }
  }

  private mutating func list<T>(
    _ type: T.Type, _ slot: UnsafeMutableRawPointer,
    _ read: (inout JSONDecoder) throws(WireFault) -> T
  ) throws(WireFault) {
    let list = slot.assumingMemoryBound(to: [T].self)
    try elements { (json) throws(WireFault) in
      try json.reader.spend(MemoryLayout<T>.stride)
      list.pointee.append(try read(&json))
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let map = field.pointee.map?.takeUnretainedValue() else { return }
    try members { (json, name) throws(WireFault) in
      json.path[json.path.count - 1] = .entry(name)
      try json.reader.spend(map.entryBytes)
      let place = json.reader.cursor
      var isKnown = true
      var isNew = true
      // An enum name that is passed over takes its entry with it.
      if field.pointee.kind == .enum, json.options.ignoresUnknownJSONMembers {
        var ahead = json
        isKnown = try ahead.enumNumber(field) != nil
        if !isKnown { try json.reader.skipValue() }
      }
      if isKnown {
        isNew = try map.insert(slot) { (key, value) throws(WireFault) in
          try json.key(field.pointee.keyKind, name, key)
          _ = try json.element(field, field.pointee.kind, value)
        }
      }
      if !isNew { throw json.reader.fault(.duplicateMember, at: place) }
    }
  }

  private mutating func key(
    _ kind: ValueKind, _ name: String, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .sfixed32: try store(Int32.self, slot, integer(named: name))
    case .int64, .sint64, .sfixed64: try store(Int64.self, slot, integer(named: name))
    case .uint32, .fixed32: try store(UInt32.self, slot, integer(named: name))
    case .uint64, .fixed64: try store(UInt64.self, slot, integer(named: name))
    case .bool:
      guard name == "true" || name == "false" else { throw reader.fault(.invalidFormat) }
      store(Bool.self, slot, name == "true")
    default: store(String.self, slot, name)
    }
  }

  /// Reads a bare value.
  /// - Returns: false when it is an enum name that is not known and may be passed over.
  mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch kind {
    case .int32, .sint32, .sfixed32: try store(Int32.self, slot, integer())
    case .int64, .sint64, .sfixed64: try store(Int64.self, slot, integer())
    case .uint32, .fixed32: try store(UInt32.self, slot, integer())
    case .uint64, .fixed64: try store(UInt64.self, slot, integer())
    case .float: try store(Float.self, slot, real())
    case .double: try store(Double.self, slot, real())
    case .bool: try store(Bool.self, slot, reader.bool())
    case .string: try store(String.self, slot, reader.string())
    case .bytes: try store([UInt8].self, slot, bytes())
    case .enum:
      guard let number = try enumNumber(field) else { return false }
      store(Int32.self, slot, number)
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return true }
      try reader.spend(access.table.pointee.byteCount)
      try message(access.table, access.elements.writable(slot))
    }
    return true
  }

  private func store<T>(_ type: T.Type, _ slot: UnsafeMutableRawPointer, _ value: T) {
    slot.assumingMemoryBound(to: T.self).pointee = value
  }

  // MARK: Scalars

  /// An integer, as a number or as a string that holds one.
  private mutating func integer<T: FixedWidthInteger>() throws(WireFault) -> T {
    if reader.peek() == UInt8(ascii: "\"") {
      let place = reader.cursor
      let text = try reader.string()
      return try integer(named: text, at: place)
    }
    let place = reader.cursor
    guard let value: T = JSONNumber.integer(try reader.number()) else {
      throw reader.fault(.outOfRange, at: place)
    }
    return value
  }

  private func integer<T: FixedWidthInteger>(
    named text: String, at place: UnsafeRawPointer? = nil
  ) throws(WireFault) -> T {
    var text = text
    let value: T? = text.withUTF8 { JSONNumber.integer(UnsafeRawBufferPointer($0)) }
    guard let value else { throw reader.fault(.outOfRange, at: place) }
    return value
  }

  /// A floating-point number, as a number or as a string: `"NaN"`, `"Infinity"`, `"-Infinity"`.
  private mutating func real<T: BinaryFloatingPoint & LosslessStringConvertible>()
    throws(WireFault) -> T
  {
    let place = reader.cursor
    var value: T?
    if reader.peek() == UInt8(ascii: "\"") {
      var text = try reader.string()
      switch text {
      case "NaN": value = .nan
      case "Infinity": value = .infinity
      case "-Infinity": value = -.infinity
      default: value = text.withUTF8 { JSONNumber.real(UnsafeRawBufferPointer($0)) }
      }
    } else {
      value = JSONNumber.real(try reader.number())
    }
    guard let value else { throw reader.fault(.outOfRange, at: place) }
    return value
  }

  private mutating func bytes() throws(WireFault) -> [UInt8] {
    let place = reader.cursor
    guard let bytes = Base64.decode(try reader.string()) else {
      detail = "Base64"
      throw reader.fault(.invalidFormat, at: place)
    }
    try reader.spend(bytes.count + 32)
    return bytes
  }

  /// An enum's number: by name, by number, or `null` where that is its value.
  /// - Returns: nil for a name that is not known, when such may be passed over.
  private mutating func enumNumber(
    _ field: UnsafePointer<FieldEntry>
  ) throws(WireFault) -> Int32? {
    guard let layout = field.pointee.enumeration?.takeUnretainedValue().layout else { return nil }
    if layout.isNull, reader.takeNull() { return 0 }
    guard reader.peek() == UInt8(ascii: "\"") else { return try integer() }
    let place = reader.cursor
    let name = try reader.string()
    if let number = layout.number(named: name) { return number }
    if options.ignoresUnknownJSONMembers { return nil }
    detail = "\"\(name)\" of \(layout.name)"
    throw reader.fault(.unknownEnumName, at: place)
  }
}

/// A set of small numbers.
struct BitSet {
  private var low: UInt64 = 0
  private var high: [UInt64] = []

  /// - Returns: whether the number is new.
  mutating func insert(_ number: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(number % 64)
    if number < 64 {
      defer { low |= bit }
      return low & bit == 0
    }
    let word = number / 64 - 1
    while high.count <= word { high.append(0) }
    defer { high[word] |= bit }
    return high[word] & bit == 0
  }
}
