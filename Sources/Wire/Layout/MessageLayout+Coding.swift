extension MessageLayout {
  @usableFromInline
  func decode<M: Message>(
    _ bytes: Span<UInt8>, as encoding: Encoding, options: CodingOptions, into message: inout M
  ) throws(WireError) {
  }
  @usableFromInline
  func encode<M: Message>(
    _ message: M, as encoding: Encoding, options: CodingOptions
  ) throws(WireError) -> [UInt8] {
    []
  }
}
