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
      if let wellKnown = unsafe table.pointee.layout.takeUnretainedValue().wellKnown {
        try unsafe encoder.wellKnown(wellKnown, table, message)
      } else {
        encoder.writer.open("{")
        try unsafe encoder.members(table, message)
        encoder.writer.close("}")
      }
    }
  }

  /// Writes one level deeper.
  mutating func nested(
    _ body: (inout JSONEncoder) throws(WireFault) -> Void
  ) throws(WireFault) {
    if depthLeft <= 0 { throw fault(.nestingTooDeep) }
    depthLeft -= 1
    try body(&self)
    depthLeft += 1
  }

  /// Writes the fields of a message as members of the object that is open.
  mutating func members(
    _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let unknown = unsafe (message + table.pointee.unknownFieldsOffset)
      .assumingMemoryBound(to: UnknownFields.self)
    if unsafe !unknown.pointee.isEmpty, !options.dropsUnknownFields { throw fault(.unknownFields) }
    guard let base = unsafe table.pointee.fields.baseAddress else { return }
    for index in unsafe 0..<table.pointee.fields.count {
      let field = unsafe base + index
      let slot = unsafe message + field.pointee.offset
      guard unsafe isWritten(field, slot) else { continue }
      let info = unsafe field.pointee.info.takeUnretainedValue()
      let name = options.usesProtoNamesInJSON ? info.name : info.jsonName
      writer.name(name)
      if info.isSensitive, options.hidesSensitiveInJSON {
        writer.raw("\"***\"")
        continue
      }
      path.append(name)
      try unsafe self.field(field, slot)
      path.removeLast()
    }
  }

  // MARK: Fields

  private func isWritten(_ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer) -> Bool {
    switch unsafe field.pointee.shape {
    case .singular: unsafe options.writesDefaultsInJSON || !isDefault(field.pointee.kind, slot)
    case .optional: unsafe isPresent(field, slot)
    case .repeated: unsafe options.writesDefaultsInJSON || !isEmptyList(field, slot)
    case .map:
      unsafe options.writesDefaultsInJSON
        || field.pointee.map?.takeUnretainedValue().count(slot) != 0
    case .member:
      unsafe field.pointee.oneof?.takeUnretainedValue().which(slot) == field.pointee.number
    }
  }

  private func isDefault(_ kind: ValueKind, _ slot: UnsafeRawPointer) -> Bool {
    switch kind {
    case .int32, .sint32, .sfixed32, .uint32, .fixed32, .enum:
      unsafe slot.load(as: UInt32.self) == 0
    case .int64, .sint64, .sfixed64, .uint64, .fixed64: unsafe slot.load(as: UInt64.self) == 0
    case .float: unsafe slot.load(as: Float.self).bitPattern == 0
    case .double: unsafe slot.load(as: Double.self).bitPattern == 0
    case .bool: unsafe !slot.load(as: Bool.self)
    case .string: unsafe slot.assumingMemoryBound(to: String.self).pointee.isEmpty
    case .bytes: unsafe slot.assumingMemoryBound(to: [UInt8].self).pointee.isEmpty
    case .message: false
    }
  }

  private func isPresent(_ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer) -> Bool {
    switch unsafe field.pointee.kind {
    case .int32, .sint32, .sfixed32, .enum: unsafe Wire.isPresent(Int32.self, slot)
    case .uint32, .fixed32: unsafe Wire.isPresent(UInt32.self, slot)
    case .int64, .sint64, .sfixed64: unsafe Wire.isPresent(Int64.self, slot)
    case .uint64, .fixed64: unsafe Wire.isPresent(UInt64.self, slot)
    case .float: unsafe Wire.isPresent(Float.self, slot)
    case .double: unsafe Wire.isPresent(Double.self, slot)
    case .bool: unsafe Wire.isPresent(Bool.self, slot)
    case .string: unsafe Wire.isPresent(String.self, slot)
    case .bytes: unsafe Wire.isPresent([UInt8].self, slot)
    case .message: unsafe field.pointee.message?.takeUnretainedValue().slot.isPresent(slot) ?? false
    }
  }

  private func isEmptyList(_ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer) -> Bool {
    // An array is one reference to its storage, whatever its elements: the count is read the same.
    unsafe slot.assumingMemoryBound(to: [UInt8].self).pointee.isEmpty
  }

  /// Writes a field's value, which is present.
  mutating func field(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch unsafe field.pointee.shape {
    case .singular: try unsafe element(field, field.pointee.kind, slot)
    case .optional:
      if unsafe field.pointee.kind == .message {
        guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
        try unsafe access.slot.read(slot) { (message) throws(WireFault) in
          try unsafe self.message(access.table, message)
        }
      } else {
        // A present optional begins with its payload.
        try unsafe element(field, field.pointee.kind, slot)
      }
    case .member:
      try unsafe field.pointee.member?.takeUnretainedValue().read(slot) {
        (value) throws(WireFault) in
        try unsafe element(field, field.pointee.kind, value)
      }
    case .repeated: try unsafe repeated(field, slot)
    case .map:
      writer.open("{")
      try unsafe field.pointee.map?.takeUnretainedValue().read(slot, false) {
        (key, value) throws(WireFault) in
        unsafe writer.name(self.key(field.pointee.keyKind, key))
        try unsafe element(field, field.pointee.kind, value)
      }
      writer.close("}")
    }
  }

  private mutating func repeated(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    let kind = unsafe field.pointee.kind
    writer.open("[")
    switch kind {
    case .int32, .sint32, .sfixed32, .uint32, .fixed32, .float:
      try unsafe list(UInt32.self, field, slot)
    case .int64, .sint64, .sfixed64, .uint64, .fixed64, .double:
      try unsafe list(UInt64.self, field, slot)
    case .bool: try unsafe list(Bool.self, field, slot)
    case .string: try unsafe list(String.self, field, slot)
    case .bytes: try unsafe list([UInt8].self, field, slot)
    case .enum:
      try unsafe field.pointee.enumeration?.takeUnretainedValue().read(slot) {
        (numbers) throws(WireFault) in
        for index in numbers.indices {
          writer.next()
          try unsafe withUnsafePointer(to: numbers[index]) { (address) throws(WireFault) in
            try unsafe element(field, kind, UnsafeRawPointer(address))
          }
        }
      }
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      let elements = access.elements
      try unsafe elements.read(slot) { (first, count) throws(WireFault) in
        for index in 0..<count {
          writer.next()
          try unsafe message(access.table, elements.readable(first + index * elements.stride))
        }
      }
    }
    writer.close("]")
  }

  private mutating func list<T>(
    _ type: T.Type, _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    try unsafe slot.assumingMemoryBound(to: [T].self).pointee.withUnsafeBufferPointer {
      (elements) throws(WireFault) in
      guard let base = elements.baseAddress else { return }
      for index in 0..<elements.count {
        writer.next()
        try unsafe element(field, field.pointee.kind, UnsafeRawPointer(base + index))
      }
    }
  }

  private func key(_ kind: ValueKind, _ slot: UnsafeRawPointer) -> String {
    switch kind {
    case .int32, .sint32, .sfixed32: unsafe String(slot.load(as: Int32.self))
    case .int64, .sint64, .sfixed64: unsafe String(slot.load(as: Int64.self))
    case .uint32, .fixed32: unsafe String(slot.load(as: UInt32.self))
    case .uint64, .fixed64: unsafe String(slot.load(as: UInt64.self))
    case .bool: unsafe slot.load(as: Bool.self) ? "true" : "false"
    default: unsafe slot.assumingMemoryBound(to: String.self).pointee
    }
  }

  /// Writes a bare value.
  mutating func element(
    _ field: UnsafePointer<FieldEntry>, _ kind: ValueKind, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    switch kind {
    case .int32, .sint32, .sfixed32: unsafe writer.integer(slot.load(as: Int32.self))
    case .uint32, .fixed32: unsafe writer.integer(slot.load(as: UInt32.self))
    case .int64, .sint64, .sfixed64: unsafe writer.quotedInteger(slot.load(as: Int64.self))
    case .uint64, .fixed64: unsafe writer.quotedInteger(slot.load(as: UInt64.self))
    case .float: unsafe writer.real(slot.load(as: Float.self))
    case .double: unsafe writer.real(slot.load(as: Double.self))
    case .bool: unsafe writer.bool(slot.load(as: Bool.self))
    case .string: unsafe writer.string(slot.assumingMemoryBound(to: String.self).pointee)
    case .bytes: unsafe writer.base64(slot.assumingMemoryBound(to: [UInt8].self).pointee)
    case .enum:
      let number = unsafe slot.load(as: Int32.self)
      guard let layout = unsafe field.pointee.enumeration?.takeUnretainedValue().layout else {
        return
      }
      if layout.isNull {
        writer.raw("null")
      } else if let name = layout.name(of: number) {
        writer.string(name)
      } else {
        writer.integer(number)
      }
    case .message:
      guard let access = unsafe field.pointee.message?.takeUnretainedValue() else { return }
      try unsafe message(access.table, access.elements.readable(slot))
    }
  }
}
