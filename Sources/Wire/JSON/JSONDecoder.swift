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
    reader = unsafe JSONReader(
      bytes, memoryBudget: options.binary.memoryBudget(forInput: bytes.count),
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
    if let wellKnown = unsafe table.pointee.layout.takeUnretainedValue().wellKnown {
      try unsafe self.wellKnown(wellKnown, table, message)
    } else {
      try unsafe object(table, message)
    }
  }

  /// Reads an object whose members are a message's fields.
  /// - Parameter passedOver: the name of a member that is not a field, such as `@type`.
  mutating func object(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeMutableRawPointer,
    passingOver passedOver: String? = nil
  ) throws(WireFault) {
    let layout = unsafe table.pointee.layout.takeUnretainedValue()
    var fieldsSeen = BitSet()
    var oneofsSeen = BitSet()
    try members { (decoder, name) throws(WireFault) in
      if name == passedOver {
        try decoder.reader.skipValue()
        return
      }
      guard let index = layout.indexByName[name], let base = unsafe table.pointee.fields.baseAddress
      else {
        if decoder.options.ignoresUnknownJSONMembers {
          try decoder.reader.skipValue()
          return
        }
        decoder.detail = "\"\(name)\" of \(layout.name)"
        throw unsafe decoder.reader.fault(.unknownMember)
      }
      guard fieldsSeen.insert(index) else { throw unsafe decoder.reader.fault(.duplicateMember) }
      let field = unsafe base + index
      if unsafe !decoder.takesNull(field), decoder.reader.takeNull() { return }
      if let oneof = unsafe field.pointee.info.takeUnretainedValue().oneofIndex,
        !oneofsSeen.insert(oneof)
      {
        throw unsafe decoder.reader.fault(.severalOneofMembers)
      }
      try unsafe decoder.field(field, message + field.pointee.offset)
    }
  }

  /// Whether `null` is a value of a field's type, and not its absence.
  private func takesNull(_ field: UnsafePointer<FieldEntry>) -> Bool {
    guard unsafe field.pointee.shape != .repeated, unsafe field.pointee.shape != .map else {
      return false
    }
    return unsafe elementTakesNull(field)
  }

  private func elementTakesNull(_ field: UnsafePointer<FieldEntry>) -> Bool {
    if let message = unsafe field.pointee.message?.takeUnretainedValue() {
      return unsafe message.table.pointee.layout.takeUnretainedValue().wellKnown == .value
    }
    return unsafe field.pointee.enumeration?.takeUnretainedValue().layout.isNull ?? false
  }

  // MARK: Steps

  mutating func members(
    _ body: (inout JSONDecoder, String) throws(WireFault) -> Void
  ) throws(WireFault) {
    guard reader.peek() == UInt8(ascii: "{") else { throw unsafe reader.fault(.wrongType) }
    try reader.open()
    unsafe reader.cursor += 1
    if !reader.take(UInt8(ascii: "}")) {
      repeat {
        guard reader.peek() == UInt8(ascii: "\"") else { throw unsafe reader.fault(.invalidJSON) }
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
    guard reader.peek() == UInt8(ascii: "[") else { throw unsafe reader.fault(.wrongType) }
    try reader.open()
    unsafe reader.cursor += 1
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
    switch unsafe field.pointee.shape {
    case .singular: _ = try unsafe element(field, field.pointee.kind, slot)
    case .optional: try unsafe optional(field, slot)
    case .repeated: try unsafe repeated(field, slot)
    case .map: try unsafe map(field, slot)
    case .member: try unsafe member(field, slot)
    }
  }

  private mutating func optional(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch unsafe field.pointee.kind {
    case .int32, .sint32, .sfixed32: try unsafe store(Int32?.self, slot, integer())
    case .int64, .sint64, .sfixed64: try unsafe store(Int64?.self, slot, integer())
    case .uint32, .fixed32: try unsafe store(UInt32?.self, slot, integer())
    case .uint64, .fixed64: try unsafe store(UInt64?.self, slot, integer())
    case .float: try unsafe store(Float?.self, slot, real())
    case .double: try unsafe store(Double?.self, slot, real())
    case .bool: try unsafe store(Bool?.self, slot, reader.bool())
    case .string: try unsafe store(String?.self, slot, reader.string())
    case .bytes: try unsafe store([UInt8]?.self, slot, bytes())
    case .enum:
      if let number = try unsafe enumNumber(field) { unsafe store(Int32?.self, slot, number) }
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      if !access.slot.isInline { try unsafe reader.spend(access.table.pointee.byteCount) }
      unsafe access.slot.makePresent(slot)
      try unsafe access.slot.write(slot) { (message) throws(WireFault) in
        try unsafe self.message(access.table, message)
      }
    }
  }

  private mutating func member(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let member = unsafe field.pointee.member?.takeUnretainedValue(),
      let oneof = unsafe field.pointee.oneof?.takeUnretainedValue()
    else { return }
    var isKnown = true
    try unsafe member.write(slot) { (value) throws(WireFault) in
      isKnown = try unsafe element(field, field.pointee.kind, value)
    }
    if !isKnown { unsafe oneof.clear(slot) }
  }

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch unsafe field.pointee.kind {
    case .int32, .sint32, .sfixed32:
      try unsafe list(Int32.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .int64, .sint64, .sfixed64:
      try unsafe list(Int64.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .uint32, .fixed32:
      try unsafe list(UInt32.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .uint64, .fixed64:
      try unsafe list(UInt64.self, slot) { (json) throws(WireFault) in try json.integer() }
    case .float: try unsafe list(Float.self, slot) { (json) throws(WireFault) in try json.real() }
    case .double: try unsafe list(Double.self, slot) { (json) throws(WireFault) in try json.real() }
    case .bool:
      try unsafe list(Bool.self, slot) { (json) throws(WireFault) in try json.reader.bool() }
    case .string:
      try unsafe list(String.self, slot) { (json) throws(WireFault) in try json.reader.string() }
    case .bytes:
      try unsafe list([UInt8].self, slot) { (json) throws(WireFault) in try json.bytes() }
    case .enum:
      guard let access = unsafe field.pointee.enumeration?.takeUnretainedValue() else { return }
      try elements { (json) throws(WireFault) in
        try json.reader.spend(2 * 4)
        if let number = try unsafe json.enumNumber(field) { unsafe access.append(slot, number) }
      }
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      let cost = unsafe 2 * max(access.elements.stride, access.table.pointee.byteCount)
      try elements { (json) throws(WireFault) in
        try json.reader.spend(cost)
        try unsafe access.elements.append(slot, 1) { (element) throws(WireFault) in
          try unsafe json.message(access.table, access.elements.writable(element))
        }
      }
    }
  }

  private mutating func list<T>(
    _ type: T.Type, _ slot: UnsafeMutableRawPointer,
    _ read: (inout JSONDecoder) throws(WireFault) -> T
  ) throws(WireFault) {
    let list = unsafe slot.assumingMemoryBound(to: [T].self)
    try elements { (json) throws(WireFault) in
      try json.reader.spend(2 * MemoryLayout<T>.stride)
      unsafe list.pointee.append(try read(&json))
    }
  }

  private mutating func map(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let map = unsafe field.pointee.map?.takeUnretainedValue() else { return }
    try members { (json, name) throws(WireFault) in
      json.path[json.path.count - 1] = .entry(name)
      try json.reader.spend(map.entryBytes)
      let place = unsafe json.reader.cursor
      var isKnown = true
      var isNew = true
      // An enum name that is passed over takes its entry with it.
      if unsafe field.pointee.kind == .enum, json.options.ignoresUnknownJSONMembers {
        var ahead = json
        isKnown = try unsafe ahead.enumNumber(field) != nil
        if !isKnown { try json.reader.skipValue() }
      }
      if isKnown {
        isNew = try unsafe map.insert(slot) { (key, value) throws(WireFault) in
          try unsafe json.key(field.pointee.keyKind, name, key)
          _ = try unsafe json.element(field, field.pointee.kind, value)
        }
      }
      if !isNew { throw unsafe json.reader.fault(.duplicateMember, at: place) }
    }
  }

  private mutating func key(
    _ kind: ValueKind, _ name: String, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .sfixed32: try unsafe store(Int32.self, slot, integer(named: name))
    case .int64, .sint64, .sfixed64: try unsafe store(Int64.self, slot, integer(named: name))
    case .uint32, .fixed32: try unsafe store(UInt32.self, slot, integer(named: name))
    case .uint64, .fixed64: try unsafe store(UInt64.self, slot, integer(named: name))
    case .bool:
      guard name == "true" || name == "false" else { throw unsafe reader.fault(.invalidFormat) }
      unsafe store(Bool.self, slot, name == "true")
    default: unsafe store(String.self, slot, name)
    }
  }

  /// Reads a bare value.
  /// - Returns: false when it is an enum name that is not known and may be passed over.
  mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeMutableRawPointer
  ) throws(WireFault) -> Bool {
    switch kind {
    case .int32, .sint32, .sfixed32: try unsafe store(Int32.self, slot, integer())
    case .int64, .sint64, .sfixed64: try unsafe store(Int64.self, slot, integer())
    case .uint32, .fixed32: try unsafe store(UInt32.self, slot, integer())
    case .uint64, .fixed64: try unsafe store(UInt64.self, slot, integer())
    case .float: try unsafe store(Float.self, slot, real())
    case .double: try unsafe store(Double.self, slot, real())
    case .bool: try unsafe store(Bool.self, slot, reader.bool())
    case .string: try unsafe store(String.self, slot, reader.string())
    case .bytes: try unsafe store([UInt8].self, slot, bytes())
    case .enum:
      guard let number = try unsafe enumNumber(field) else { return false }
      unsafe store(Int32.self, slot, number)
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return true }
      try unsafe reader.spend(access.table.pointee.byteCount)
      try unsafe message(access.table, access.elements.writable(slot))
    }
    return true
  }

  private func store<T>(_ type: T.Type, _ slot: UnsafeMutableRawPointer, _ value: T) {
    unsafe slot.assumingMemoryBound(to: T.self).pointee = value
  }

  // MARK: Scalars

  /// An integer, as a number or as a string that holds one.
  private mutating func integer<T: FixedWidthInteger>() throws(WireFault) -> T {
    if reader.peek() == UInt8(ascii: "\"") {
      let place = unsafe reader.cursor
      let text = try reader.string()
      return try unsafe integer(named: text, at: place)
    }
    let place = unsafe reader.cursor
    guard let value: T = unsafe JSONNumber.integer(try reader.number()) else {
      throw unsafe reader.fault(.outOfRange, at: place)
    }
    return value
  }

  private func integer<T: FixedWidthInteger>(
    named text: String, at place: UnsafeRawPointer? = nil
  ) throws(WireFault) -> T {
    var text = text
    let value: T? = text.withUTF8 { unsafe JSONNumber.integer(UnsafeRawBufferPointer($0)) }
    guard let value else { throw unsafe reader.fault(.outOfRange, at: place) }
    return value
  }

  /// A floating-point number, as a number or as a string: `"NaN"`, `"Infinity"`, `"-Infinity"`.
  private mutating func real<T: BinaryFloatingPoint & LosslessStringConvertible>()
    throws(WireFault) -> T
  {
    let place = unsafe reader.cursor
    var value: T?
    if reader.peek() == UInt8(ascii: "\"") {
      var text = try reader.string()
      switch text {
      case "NaN": value = .nan
      case "Infinity": value = .infinity
      case "-Infinity": value = -.infinity
      default: value = text.withUTF8 { unsafe JSONNumber.real(UnsafeRawBufferPointer($0)) }
      }
    } else {
      value = unsafe JSONNumber.real(try reader.number())
    }
    guard let value else { throw unsafe reader.fault(.outOfRange, at: place) }
    return value
  }

  private mutating func bytes() throws(WireFault) -> [UInt8] {
    let place = unsafe reader.cursor
    guard let bytes = Base64.decode(try reader.string()) else {
      detail = "Base64"
      throw unsafe reader.fault(.invalidFormat, at: place)
    }
    try reader.spend(bytes.count + 32)
    return bytes
  }

  /// An enum's number: by name, by number, or `null` where that is its value.
  /// - Returns: nil for a name that is not known, when such may be passed over.
  private mutating func enumNumber(
    _ field: UnsafePointer<FieldEntry>
  ) throws(WireFault) -> Int32? {
    guard let layout = unsafe field.pointee.enumeration?.takeUnretainedValue().layout else {
      return nil
    }
    if layout.isNull, reader.takeNull() { return 0 }
    guard reader.peek() == UInt8(ascii: "\"") else { return try integer() }
    let place = unsafe reader.cursor
    let name = try reader.string()
    if let number = layout.number(named: name) { return number }
    if options.ignoresUnknownJSONMembers { return nil }
    detail = "\"\(name)\" of \(layout.name)"
    throw unsafe reader.fault(.unknownEnumName, at: place)
  }
}
