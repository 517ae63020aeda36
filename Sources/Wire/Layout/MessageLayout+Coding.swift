/// The engine's entries: from here on a message is memory that a layout describes.
extension MessageLayout {
  /// Reads into a message that is fresh from its `init()`.
  @usableFromInline
  func decode(
    _ bytes: UnsafeRawBufferPointer, as encoding: Encoding, options: CodingOptions,
    into message: UnsafeMutableRawPointer
  ) throws(WireError) {
    if encoding == .json {
      try unsafe decodeJSON(bytes, options: options, into: message)
    } else {
      try unsafe decodeBinary(bytes, as: encoding, options: options.binary, into: message)
    }
  }

  /// The same with the default options.
  @usableFromInline
  func decode(
    _ bytes: UnsafeRawBufferPointer, as encoding: Encoding, into message: UnsafeMutableRawPointer
  ) throws(WireError) {
    if encoding == .json {
      try unsafe decodeJSON(bytes, options: .default, into: message)
    } else {
      try unsafe decodeBinary(bytes, as: encoding, options: BinaryOptions(), into: message)
    }
  }

  private func decodeBinary(
    _ bytes: UnsafeRawBufferPointer, as encoding: Encoding, options: BinaryOptions,
    into message: UnsafeMutableRawPointer
  ) throws(WireError) {
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
    try unsafe writer.writeBinary(self, message, as: encoding, options: options.binary)
    return writer.bytes
  }
}
