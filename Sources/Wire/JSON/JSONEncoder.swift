/// Writes proto3 JSON.
struct JSONEncoder {
  var writer: JSONWriter
  let options: CodingOptions
  private var depthLeft: Int
  /// The members that lead to what is being written. After a fault, to what had no form.
  private var path: [String] = []
  /// More about a fault, when there is more to say.
  var detail = ""

  init(options: CodingOptions) {
    self.options = options
    writer = JSONWriter(isPretty: options.prettyPrintsJSON)
    depthLeft = options.nestingMax
  }

  var text: [UInt8] { writer.text }
  var pathDescription: String { path.joined(separator: ".") }

  func fault(_ reason: WireError.Reason) -> WireFault { WireFault(reason: reason, byteOffset: 0) }

  // MARK: Messages

  /// Writes a message in the form that its type has in JSON.
  mutating func message(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    try nested { (encoder) throws(WireFault) in
      if let wellKnown = table.pointee.layout.takeUnretainedValue().wellKnown {
        try encoder.wellKnown(wellKnown, table, message)
      } else {
        encoder.writer.open("{")
        try encoder.members(table, message)
        encoder.writer.close("}")
      }
    }
  }

  /// Writes one level deeper.
  mutating func nested(
    _ body: (inout JSONEncoder) throws(WireFault) -> Void
  ) throws(WireFault) {
    if depthLeft == 0 { throw fault(.nestingTooDeep) }
    depthLeft -= 1
    try body(&self)
    depthLeft += 1
  }

  /// Writes the fields of a message as members of the object that is open.
  mutating func members(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let unknown = (message + table.pointee.unknownFieldsOffset)
      .assumingMemoryBound(to: UnknownFields.self)
    if !unknown.pointee.isEmpty, !options.dropsUnknownFields { throw fault(.unknownFields) }
    guard let base = table.pointee.fields.baseAddress else { return }
    for index in 0..<table.pointee.fields.count {
      let field = base + index
      let slot = message + field.pointee.offset
      guard isWritten(field, slot) else { continue }
      let info = field.pointee.info.takeUnretainedValue()
      let name = options.usesProtoNamesInJSON ? info.name : info.jsonName
      writer.name(name)
      if info.isSensitive, options.hidesSensitiveInJSON {
        writer.raw("\"***\"")
        continue
      }
      path.append(name)
      try self.field(field, slot)
      path.removeLast()
    }
  }

  // MARK: Fields

  private func isWritten(_ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer) -> Bool {
    switch field.pointee.shape {
    case .singular: options.writesDefaultsInJSON || !isDefault(field.pointee.kind, slot)
    case .optional: isPresent(field, slot)
    case .repeated: options.writesDefaultsInJSON || !isEmptyList(field, slot)
    case .map:
      options.writesDefaultsInJSON || field.pointee.map?.takeUnretainedValue().count(slot) != 0
    case .member: field.pointee.oneof?.takeUnretainedValue().which(slot) == field.pointee.number
    }
  }

  private func isDefault(_ kind: ValueKind, _ slot: UnsafeRawPointer) -> Bool {
    switch kind {
    case .int32, .sint32, .sfixed32, .uint32, .fixed32, .enum: slot.load(as: UInt32.self) == 0
    case .int64, .sint64, .sfixed64, .uint64, .fixed64: slot.load(as: UInt64.self) == 0
    case .float: slot.load(as: Float.self).bitPattern == 0
    case .double: slot.load(as: Double.self).bitPattern == 0
    case .bool: !slot.load(as: Bool.self)
    case .string: slot.assumingMemoryBound(to: String.self).pointee.isEmpty
    case .bytes: slot.assumingMemoryBound(to: [UInt8].self).pointee.isEmpty
    case .message: false
    }
  }

  private func isPresent(_ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer) -> Bool {
    func has<T>(_ type: T.Type) -> Bool {
      slot.assumingMemoryBound(to: T?.self).pointee != nil
    }
    return switch field.pointee.kind {
    case .int32, .sint32, .sfixed32, .enum: has(Int32.self)
    case .uint32, .fixed32: has(UInt32.self)
    case .int64, .sint64, .sfixed64: has(Int64.self)
    case .uint64, .fixed64: has(UInt64.self)
    case .float: has(Float.self)
    case .double: has(Double.self)
    case .bool: has(Bool.self)
    case .string: has(String.self)
    case .bytes: has([UInt8].self)
    case .message: field.pointee.message?.takeUnretainedValue().slot.isPresent(slot) ?? false
    }
  }

  private func isEmptyList(_ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer) -> Bool {
    // An array is one reference to its storage, whatever its elements: the count is read the same.
    slot.assumingMemoryBound(to: [UInt8].self).pointee.isEmpty
  }

  /// Writes a field's value, which is present.
  mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch field.pointee.shape {
    case .singular: try element(field, field.pointee.kind, slot)
    case .optional:
      if field.pointee.kind == .message {
        guard let access = field.pointee.message?.takeUnretainedValue() else { return }
        try access.slot.read(slot) { (message) throws(WireFault) in
          try self.message(access.table, message)
        }
      } else {
        // A present optional begins with its payload.
        try element(field, field.pointee.kind, slot)
      }
    case .member:
      try field.pointee.member?.takeUnretainedValue().read(slot) { (value) throws(WireFault) in
        try element(field, field.pointee.kind, value)
      }
    case .repeated: try repeated(field, slot)
    case .map:
      writer.open("{")
      try field.pointee.map?.takeUnretainedValue().read(slot, false) {
        (key, value) throws(WireFault) in
        writer.name(self.key(field.pointee.keyKind, key))
        try element(field, field.pointee.kind, value)
      }
      writer.close("}")
    }
  }

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    let kind = field.pointee.kind
    writer.open("[")
    switch kind {
    case .int32, .sint32, .sfixed32, .uint32, .fixed32, .float:
      try list(UInt32.self, field, slot)
    case .int64, .sint64, .sfixed64, .uint64, .fixed64, .double:
      try list(UInt64.self, field, slot)
    case .bool: try list(Bool.self, field, slot)
    case .string: try list(String.self, field, slot)
    case .bytes: try list([UInt8].self, field, slot)
    case .enum:
      try field.pointee.enumeration?.takeUnretainedValue().read(slot) {
        (numbers) throws(WireFault) in
        for number in numbers {
          writer.next()
          try withUnsafePointer(to: number) { (address) throws(WireFault) in
            try element(field, kind, UnsafeRawPointer(address))
          }
        }
      }
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      let elements = access.elements
      try elements.read(slot) { (first, count) throws(WireFault) in
        for index in 0..<count {
          writer.next()
          try message(access.table, elements.readable(first + index * elements.stride))
        }
      }
    }
    writer.close("]")
  }

  private mutating func list<T>(
    _ type: T.Type, _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    try slot.assumingMemoryBound(to: [T].self).pointee.withUnsafeBufferPointer {
      (elements) throws(WireFault) in
      guard let base = elements.baseAddress else { return }
      for index in 0..<elements.count {
        writer.next()
        try element(field, field.pointee.kind, UnsafeRawPointer(base + index))
      }
    }
  }

  private func key(_ kind: ValueKind, _ slot: UnsafeRawPointer) -> String {
    switch kind {
    case .int32, .sint32, .sfixed32: String(slot.load(as: Int32.self))
    case .int64, .sint64, .sfixed64: String(slot.load(as: Int64.self))
    case .uint32, .fixed32: String(slot.load(as: UInt32.self))
    case .uint64, .fixed64: String(slot.load(as: UInt64.self))
    case .bool: slot.load(as: Bool.self) ? "true" : "false"
    default: slot.assumingMemoryBound(to: String.self).pointee
    }
  }

  /// Writes a bare value.
  mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .sfixed32: writer.integer(slot.load(as: Int32.self))
    case .uint32, .fixed32: writer.integer(slot.load(as: UInt32.self))
    case .int64, .sint64, .sfixed64: writer.quotedInteger(slot.load(as: Int64.self))
    case .uint64, .fixed64: writer.quotedInteger(slot.load(as: UInt64.self))
    case .float: writer.real(slot.load(as: Float.self))
    case .double: writer.real(slot.load(as: Double.self))
    case .bool: writer.bool(slot.load(as: Bool.self))
    case .string: writer.string(slot.assumingMemoryBound(to: String.self).pointee)
    case .bytes: writer.base64(slot.assumingMemoryBound(to: [UInt8].self).pointee)
    case .enum:
      let number = slot.load(as: Int32.self)
      guard let layout = field.pointee.enumeration?.takeUnretainedValue().layout else { return }
      if layout.isNull {
        writer.raw("null")
      } else if let name = layout.name(of: number) {
        writer.string(name)
      } else {
        writer.integer(number)
      }
    case .message:
      guard let access = field.pointee.message?.takeUnretainedValue() else { return }
      try message(access.table, access.elements.readable(slot))
    }
  }
}
