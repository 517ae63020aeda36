/// The engine's entries: from here on a message is memory that a layout describes.
extension MessageLayout {
  @inlinable
  func decode<M: Message>(
    _ bytes: Span<UInt8>, as encoding: Encoding, options: CodingOptions, into message: inout M
  ) throws(WireError) {
    try withUnsafeMutablePointer(to: &message) { (address) throws(WireError) in
      try bytes.withUnsafeBytes { (buffer) throws(WireError) in
        try decode(buffer, as: encoding, options: options, into: UnsafeMutableRawPointer(address))
      }
    }
  }

  @inlinable
  func encode<M: Message>(
    _ message: M, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) -> [UInt8] {
    try withUnsafePointer(to: message) { (address) throws(WireError) in
      try encode(UnsafeRawPointer(address), as: encoding, options: options)
    }
  }

  /// Reads into a message that is fresh from its `init()`.
  @usableFromInline
  func decode(
    _ bytes: UnsafeRawBufferPointer, as encoding: Encoding, options: CodingOptions,
    into message: UnsafeMutableRawPointer
  ) throws(WireError) {
    if encoding == .json {
      try decodeJSON(bytes, options: options, into: message)
      return
    }
    do throws(WireFault) {
      if encoding == .native {
        var decoder = NativeDecoder(bytes, options: options)
        try decoder.decode(table, into: message)
      } else {
        var decoder = ProtobufDecoder(bytes, options: options)
        try decoder.decode(table, into: message)
      }
    } catch {
      throw WireError(error.reason, at: error.byteOffset)
    }
  }

  @usableFromInline
  func encode(
    _ message: UnsafeRawPointer, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) -> [UInt8] {
    if encoding == .json { return try encodeJSON(message, options: options) }
    var writer = WireWriter()
    try writer.write(self, message, as: encoding, options: options)
    return writer.bytes
  }
}
