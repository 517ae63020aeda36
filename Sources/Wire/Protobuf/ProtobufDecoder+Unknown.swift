/// What the decoder does with fields that the schema does not know.
extension ProtobufDecoder {
  /// Passes over a field, its tag just read.
  mutating func skip(
    _ number: UInt32, _ wireType: WireType, from place: UnsafeRawPointer
  ) throws(WireFault) {
    switch wireType {
    case .varint: _ = try reader.varint()
    case .fixed64: _ = try reader.littleEndian(UInt64.self)
    case .fixed32: _ = try reader.littleEndian(UInt32.self)
    case .lengthDelimited:
      let byteCount = try reader.length()
      unsafe reader.cursor += byteCount
    case .endGroup: throw unsafe reader.fault(.unmatchedGroup, at: place)
    case .startGroup:
      if depthLeft <= 0 { throw unsafe reader.fault(.nestingTooDeep, at: place) }
      depthLeft -= 1
      while true {
        let inner = unsafe reader.cursor
        if unsafe inner == reader.end { throw unsafe reader.fault(.unmatchedGroup, at: place) }
        let (innerNumber, innerType) = try Self.tag(&reader)
        if innerType == .endGroup {
          if innerNumber != number { throw unsafe reader.fault(.unmatchedGroup, at: inner) }
          break
        }
        try unsafe skip(innerNumber, innerType, from: inner)
      }
      depthLeft += 1
    }
  }

  /// Keeps the field that begins at `place` and ends at the cursor.
  mutating func keepUnknown(
    from place: UnsafeRawPointer, _ table: UnsafePointer<LayoutTable>,
    _ message: UnsafeMutableRawPointer
  ) throws(WireFault) {
    if refusesUnknownFields { throw unsafe reader.fault(.unknownFields, at: place) }
    let byteCount = unsafe reader.cursor - place
    try reader.spend(growingBy: byteCount + 32, times: 1)
    let slot = unsafe message + table.pointee.unknownFieldsOffset
    unsafe slot.assumingMemoryBound(to: UnknownFields.self).pointee.append(
      protobuf: [UInt8](UnsafeRawBufferPointer(start: place, count: byteCount)))
  }
}
