import RPC

/// What a call keeps whose messages come and go one by one: requests that wait for the handler, and
/// the handler while it waits. A unary call whose request came in one piece has none.
final class CallFlow {
  private var reader: EnvelopeReader
  private var requests = IncomingMessages<EnvelopeReader.Piece>()
  private var requestCount = 0
  /// Whether there is room for what the handler sends.
  var isWritable = true
  var waitingForRequest: CheckedContinuation<Void, Never>?
  var waitingForRoom: CheckedContinuation<Void, Never>?

  init(messageBytesMax: Int) {
    reader = EnvelopeReader(messageBytesMax: messageBytesMax)
  }

  // MARK: Requests

  /// Whether no request waits to be taken.
  var isEmpty: Bool { requests.isEmpty }

  /// Whether the request may end here.
  var isBetweenMessages: Bool { reader.isBetween }

  /// Bytes of what is not whole or was not taken.
  var heldBytes: Int { requests.waitingBytes + reader.byteCount }

  /// Counts bytes that came in.
  func received(byteCount: Int) { requests.received(byteCount: byteCount) }

  /// Cuts bytes that came in into requests; gives how many there have been.
  func gather(_ bytes: Span<UInt8>, ended: Bool, _ form: CallForm) throws(RPCError) -> Int {
    var pieces: [EnvelopeReader.Piece] = []
    if form.usesEnvelopes {
      try reader.receive(bytes, &pieces)
    } else {
      try reader.receiveUnframed(bytes, ended: ended, &pieces)
    }
    for piece in pieces { requests.append(piece, byteCount: piece.bytes.count) }
    requestCount += pieces.count
    return requestCount
  }

  func take() -> EnvelopeReader.Piece? { requests.take() }

  /// Forgets the requests that wait.
  func removeAll() { requests.removeAll() }

  /// How many further bytes the peer may send since this was last asked.
  func takeAllowance() -> Int { requests.takeAllowance() }

  // MARK: Waiting

  func wakeForRequest() { wake(&waitingForRequest) }

  func wakeForRoom() { wake(&waitingForRoom) }

  private func wake(_ waiting: inout CheckedContinuation<Void, Never>?) {
    guard let continuation = waiting else { return }
    waiting = nil
    continuation.resume()
  }
}
