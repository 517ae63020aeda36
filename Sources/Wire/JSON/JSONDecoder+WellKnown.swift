extension JSONDecoder {
  mutating func wellKnown(
    _ kind: WellKnownMessage, _ table: UnsafePointer<LayoutTable>,
    _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    guard let fields = unsafe table.pointee.fields.baseAddress else { return }
    let first = unsafe message + fields.pointee.offset
    switch kind {
    case .wrapper, .structure, .listValue: try unsafe field(fields, first)
    case .value: try unsafe value(fields, message)
    case .any: try unsafe any(fields, message)
    case .timestamp, .duration:
      let place = unsafe reader.cursor
      let text = try reader.string()
      guard
        let (seconds, nanos) = kind == .timestamp
          ? JSONTime.timestamp(text) : JSONTime.duration(text)
      else {
        detail = kind == .timestamp ? "such as 2026-11-23T21:40:06Z" : "such as 1.5s"
        throw unsafe reader.fault(.invalidFormat, at: place)
      }
      unsafe first.storeBytes(of: seconds, as: Int64.self)
      unsafe (message + fields[1].offset).storeBytes(of: nanos, as: Int32.self)
    case .fieldMask:
      let place = unsafe reader.cursor
      guard let paths = JSONFieldMask.paths(try reader.string()) else {
        detail = "paths in lowerCamelCase, joined by commas"
        throw unsafe reader.fault(.invalidFormat, at: place)
      }
      try reader.spend(paths.count * 48)
      unsafe first.assumingMemoryBound(to: [String].self).pointee = paths
    }
  }

  /// google.protobuf.Value: the kind of JSON decides the member.
  private mutating func value(
    _ fields: UnsafePointer<FieldEntry>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let index: Int
    switch reader.peek() {
    case UInt8(ascii: "n"): index = 0
    case UInt8(ascii: "\""): index = 2
    case UInt8(ascii: "t"), UInt8(ascii: "f"): index = 3
    case UInt8(ascii: "{"): index = 4
    case UInt8(ascii: "["): index = 5
    default: index = 1
    }
    try unsafe field(fields + index, message + fields[index].offset)
  }

  /// google.protobuf.Any: an object whose `@type` says what else is in it.
  private mutating func any(
    _ fields: UnsafePointer<FieldEntry>, _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    let place = unsafe reader.cursor
    guard let url = try typeURL() else {
      guard unsafe isEmptyObject(at: place) else {
        detail = "an Any needs a member \"@type\""
        throw unsafe reader.fault(.invalidFormat, at: place)
      }
      return
    }
    guard let layout = options.types.layout(typeURL: url) else {
      detail = "\"\(url)\""
      throw unsafe reader.fault(.unknownType, at: place)
    }
    unsafe reader.cursor = unsafe place
    let bytes = try unsafe layout.withTemporary { (value) throws(WireFault) in
      if layout.wellKnown == nil {
        try unsafe object(layout.table, value, passingOver: "@type")
      } else {
        var hasValue = false
        try members { (decoder, name) throws(WireFault) in
          switch name {
          case "@type": try decoder.reader.skipValue()
          case "value" where !hasValue:
            hasValue = true
            try unsafe decoder.message(layout.table, value)
          default: throw unsafe decoder.reader.fault(.unknownMember)
          }
        }
        if !hasValue {
          detail = "\(layout.name) needs a member \"value\""
          throw unsafe reader.fault(.invalidFormat, at: place)
        }
      }
      var writer = ReverseWriter(capacity: 256)
      try unsafe ProtobufEncoder.encode(layout.table, value, options: options.binary, to: &writer)
      return unsafe [UInt8](writer.written)
    }
    try reader.spend(bytes.count + 32)
    unsafe (message + fields[0].offset).assumingMemoryBound(to: String.self).pointee = url
    unsafe (message + fields[1].offset).assumingMemoryBound(to: [UInt8].self).pointee = bytes
  }

  /// Passes over an object to find its `@type`, which may stand anywhere.
  private mutating func typeURL() throws(WireFault) -> String? {
    var url: String?
    try reader.members { (reader, name) throws(WireFault) in
      if name == "@type" {
        if url != nil { throw unsafe reader.fault(.duplicateMember) }
        url = try reader.string()
      } else {
        try reader.skipValue()
      }
    }
    return url
  }

  private func isEmptyObject(at place: UnsafeRawPointer) -> Bool {
    var ahead = reader
    unsafe ahead.cursor = unsafe place
    return ahead.take(UInt8(ascii: "{")) && ahead.take(UInt8(ascii: "}"))
  }
}
