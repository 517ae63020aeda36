extension JSONEncoder {
  mutating func wellKnown(
    _ kind: WellKnownMessage, _ table: UnsafePointer<LayoutTable>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    guard let fields = unsafe table.pointee.fields.baseAddress else { return }
    let first = unsafe message + fields.pointee.offset
    switch kind {
    case .wrapper, .structure, .listValue: try unsafe field(fields, first)
    case .value:
      let set = unsafe fields.pointee.oneof?.takeUnretainedValue().which(first) ?? 0
      guard set > 0 else {
        detail = "a google.protobuf.Value without a kind"
        throw fault(.unrepresentable)
      }
      if set == 2 { try unsafe requireFinite(fields + 1, first) }
      try unsafe field(fields + Int(set - 1), first)
    case .any: try unsafe any(fields, message)
    case .timestamp, .duration:
      let seconds = unsafe first.load(as: Int64.self)
      let nanos = unsafe (message + fields[1].offset).load(as: Int32.self)
      guard
        let text = kind == .timestamp
          ? JSONTime.timestamp(seconds: seconds, nanos: nanos)
          : JSONTime.duration(seconds: seconds, nanos: nanos)
      else {
        detail = "\(seconds) s and \(nanos) ns as a \(kind)"
        throw fault(.unrepresentable)
      }
      writer.string(text)
    case .fieldMask:
      guard
        let text = unsafe JSONFieldMask.text(first.assumingMemoryBound(to: [String].self).pointee)
      else {
        detail = "a path that would not read back as itself"
        throw fault(.unrepresentable)
      }
      writer.string(text)
    }
  }

  /// A JSON number cannot be infinite; as a string it would read back as a string.
  private mutating func requireFinite(
    _ field: UnsafePointer<FieldEntry>, _ slot: UnsafeRawPointer
  ) throws(WireFault) {
    var isFinite = true
    try unsafe field.pointee.member?.takeUnretainedValue().read(slot) { (value) throws(WireFault) in
      isFinite = unsafe value.load(as: Double.self).isFinite
    }
    guard isFinite else {
      detail = "a google.protobuf.Value that is not a finite number"
      throw fault(.unrepresentable)
    }
  }

  private mutating func any(
    _ fields: UnsafePointer<FieldEntry>, _ message: UnsafeRawPointer
  ) throws(WireFault) {
    let url = unsafe (message + fields[0].offset).assumingMemoryBound(to: String.self).pointee
    let bytes = unsafe (message + fields[1].offset).assumingMemoryBound(to: [UInt8].self).pointee
    writer.open("{")
    if !url.isEmpty || !bytes.isEmpty {
      guard let layout = options.types.layout(typeURL: url) else {
        detail = "\"\(url)\""
        throw fault(.unknownType)
      }
      writer.name("@type")
      writer.string(url)
      try unsafe layout.withTemporary { (value) throws(WireFault) in
        try unsafe bytes.span.withUnsafeBytes { (raw) throws(WireFault) in
          var decoder = unsafe ProtobufDecoder(raw, options: options.binary)
          try unsafe decoder.decode(layout.table, into: value)
        }
        if layout.wellKnown == nil {
          try nested { (encoder) throws(WireFault) in
            try unsafe encoder.members(layout.table, value)
          }
        } else {
          writer.name("value")
          try unsafe self.message(layout.table, value)
        }
      }
    }
    writer.close("}")
  }
}
