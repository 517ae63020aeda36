extension MessageLayout {
  /// Reads JSON into a message that is fresh from its `init()`.
  func decodeJSON(
    _ bytes: UnsafeRawBufferPointer, options: CodingOptions,
    into message: UnsafeMutableRawPointer
  ) throws(WireError) {
    var decoder = unsafe JSONDecoder(bytes, options: options)
    do throws(WireFault) {
      try unsafe decoder.message(table, message)
      try decoder.reader.requireEnd()
    } catch {
      var wireError = WireError(
        error.reason, at: error.byteOffset, path: decoder.pathDescription, detail: decoder.detail)
      wireError.textPosition = unsafe TextPosition(
        of: error.byteOffset,
        in: Span(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self)))
      throw wireError
    }
  }

  func encodeJSON(
    _ message: UnsafeRawPointer, options: CodingOptions
  ) throws(WireError) -> [UInt8] {
    var encoder = JSONEncoder(options: options)
    do throws(WireFault) {
      try unsafe encoder.message(table, message)
    } catch {
      throw WireError(error.reason, at: 0, path: encoder.pathDescription, detail: encoder.detail)
    }
    return encoder.text
  }

  /// Lends memory that holds an empty message.
  func withTemporary<R>(
    _ body: (UnsafeMutableRawPointer) throws(WireFault) -> R
  ) throws(WireFault) -> R {
    let memory = unsafe UnsafeMutableRawPointer.allocate(
      byteCount: table.pointee.byteCount, alignment: table.pointee.alignment)
    unsafe initialize(memory)
    defer {
      unsafe deinitialize(memory)
      unsafe memory.deallocate()
    }
    return try unsafe body(memory)
  }
}
