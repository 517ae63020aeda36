import RPC

/// How the messages of a request are coded, as its header says.
struct RequestCoding {
  let usesEnvelopes: Bool
  /// Whether gzip was named.
  let isGzip: Bool
  let messageBytesMax: Int

  /// Whether a message is compressed: of those in envelopes each says so itself.
  ///
  /// - Throws: `internal` for flags that are unknown or belie the header.
  func isCompressed(_ piece: EnvelopeReader.Piece) throws(RPCError) -> Bool {
    guard usesEnvelopes else { return isGzip }
    guard piece.flag & ~Envelope.compressedFlag == 0 else {
      throw RPCError(.internal, "an envelope with unknown flags")
    }
    let isCompressed = piece.flag & Envelope.compressedFlag != 0
    guard isGzip || !isCompressed else {
      throw RPCError(.internal, "a compressed message in a request that names no coding")
    }
    return isCompressed
  }

  /// Decompresses a message: a large one in steps, between which the loop does other things, and not
  /// beside another, so that what they become is bounded.
  ///
  /// - Parameter givenUp: why nobody wants the message any more, asked between the steps.
  /// - Throws: what `Gzip.decompress` throws, and what `givenUp` says.
  func inflate(
    _ bytes: [UInt8], _ turnstile: Turnstile?, givenUp: () -> RPCError?
  ) async throws(RPCError) -> [UInt8] {
    if let small = try Gzip.decompressAtOnce(bytes.span, byteCountMax: messageBytesMax) {
      return small
    }
    guard let turnstile else { throw .callCancelled }
    await turnstile.enter()
    defer { turnstile.leave() }
    var inflation = Gzip.Inflation(byteCountMax: messageBytesMax)
    while try !inflation.goOn(with: bytes.span) {
      await Task.yield()
      if let error = givenUp() { throw error }
    }
    return inflation.output
  }
}
