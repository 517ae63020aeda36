/// Header fields by their place in a `HeaderBlock`, valid until `clearEvents()`.
extension HTTP2Session {
  /// Which of the known names a field has.
  public func headerName(at field: Int) -> HeaderName {
    unsafe state.pointee.arena.fields[field].name
  }

  /// Calls `body` with the bytes of a field's name.
  public func withHeaderNameBytes<Result, Failure: Error>(
    at field: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = unsafe state.pointee.arena.name(at: field)
    return try body(unsafe bytes.span)
  }

  /// Calls `body` with the bytes of a field's value.
  public func withHeaderValue<Result, Failure: Error>(
    at field: Int, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let bytes = unsafe state.pointee.arena.value(at: field)
    return try body(unsafe bytes.span)
  }

  /// The place of the first field with this name.
  public func firstField(_ name: HeaderName, in block: HeaderBlock) -> Int? {
    block.fields.first { headerName(at: $0) == name }
  }

  /// Whether a field has exactly this value.
  public func headerValue(at field: Int, equals text: StaticString) -> Bool {
    let bytes = unsafe state.pointee.arena.value(at: field)
    return unsafe bytes.count == text.utf8CodeUnitCount
      && bytes.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: bytes.count))
  }
}
