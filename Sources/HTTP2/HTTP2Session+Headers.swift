/// Header fields by their place in a `HeaderBlock`, valid until `clearEvents()`.
extension HTTP2Session {
  /// Calls `body` with each field of a block, in their order: which of the known names it has, its
  /// name and its value.
  public func forEachField(
    in block: HeaderBlock, _ body: (HeaderName, Span<UInt8>, Span<UInt8>) -> Void
  ) {
    for index in block.fields {
      let field = unsafe state.pointee.arena.field(at: index)
      unsafe body(field.token, field.name.span, field.value.span)
    }
  }
}
