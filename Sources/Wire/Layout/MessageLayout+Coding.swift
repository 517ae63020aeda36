/// The engine's entries: from here on a message is memory that a layout describes.
extension MessageLayout {
  @inlinable
  func decode<M: Message>(
    _ bytes: Span<UInt8>, as encoding: Encoding, options: CodingOptions, into message: inout M
  ) throws(WireError) {
    try unsafe withUnsafeMutablePointer(to: &message) { (address) throws(WireError) in
      try unsafe bytes.withUnsafeBytes { (buffer) throws(WireError) in
        try unsafe decode(
          buffer, as: encoding, options: options, into: UnsafeMutableRawPointer(address))
      }
    }
  }

  @inlinable
  func encode<M: Message>(
    _ message: M, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) -> [UInt8] {
    try unsafe withUnsafePointer(to: message) { (address) throws(WireError) in
      try unsafe encode(UnsafeRawPointer(address), as: encoding, options: options)
    }
  }

  /// Reads into a message that is fresh from its `init()`.
  @usableFromInline
  func decode(
    _ bytes: UnsafeRawBufferPointer, as encoding: Encoding, options: CodingOptions,
    into message: UnsafeMutableRawPointer
  ) throws(WireError) {
    if encoding == .json {
      try unsafe decodeJSON(bytes, options: options, into: message)
      return
    }
    do throws(WireFault) {
      if encoding == .native {
        var decoder = unsafe NativeDecoder(bytes, options: options)
        try unsafe decoder.decode(table, into: message)
      } else {
        var decoder = unsafe ProtobufDecoder(bytes, options: options)
        try unsafe decoder.decode(table, into: message)
      }
    } catch {
      throw WireError(error.reason, at: error.byteOffset)
    }
  }

  @usableFromInline
  func encode(
    _ message: UnsafeRawPointer, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) -> [UInt8] {
    if encoding == .json { return try unsafe encodeJSON(message, options: options) }
    var writer = WireWriter()
    try unsafe writer.write(self, message, as: encoding, options: options)
    return writer.bytes
  }
}
