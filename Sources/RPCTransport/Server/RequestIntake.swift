import Platform
import RPC

/// The requests of a call, from the bytes that come in until they are taken, and how many bytes the
/// peer may send meanwhile.
struct RequestIntake {
  /// What a message that is larger than the stream's window needs beyond it.
  private struct Room {
    var askedBytes = 0
    var grantedBytes = 0
    /// Nothing more of the message comes; it waits to be taken.
    var isMessageWhole = false
    /// How much of the message was there when this was last looked at, and since when.
    var seenBytes = 0
    var seenSince: MonotonicTime?
  }

  /// What a message that waits costs beside its bytes.
  private static let waitingMessageBytes = 64

  private let stream: Int32
  private let usesEnvelopes: Bool
  private let windowBytes: Int
  private var reader: EnvelopeReader
  private var waiting = IncomingMessages<EnvelopeReader.Piece>()
  private var heldBytes = 0
  private var room = Room()
  private var hasEnded = false

  init(_ stream: Int32, _ form: CallForm, _ limits: borrowing ServerLimits) {
    self.stream = stream
    usesEnvelopes = form.usesEnvelopes
    windowBytes = limits.surelyLetInBytes
    reader = EnvelopeReader(messageBytesMax: limits.messageBytesMax)
  }

  /// Whether no message waits.
  var isEmpty: Bool { waiting.isEmpty }

  /// Whether nothing is held, not even a part of a message.
  var holdsNothing: Bool { reader.isBetween && waiting.isEmpty }

  // MARK: In

  /// Counts bytes that came in, whatever they belong to.
  mutating func received(byteCount: Int) { waiting.received(byteCount: byteCount) }

  /// Nothing more comes.
  mutating func ended() { hasEnded = true }

  /// Takes bytes in.
  ///
  /// - Returns: how many messages they have completed.
  /// - Throws: `resourceExhausted` for what is too large, `internal` for a message without its end.
  mutating func gather(_ bytes: Span<UInt8>, _ sink: (any CallSink)?) throws(RPCError) -> Int {
    var pieces: [EnvelopeReader.Piece] = []
    if usesEnvelopes {
      try reader.receive(bytes, &pieces)
    } else {
      try reader.receiveUnframed(bytes, ended: hasEnded, &pieces)
    }
    let headBytes = usesEnvelopes ? Envelope.headBytes : 0
    for piece in pieces { waiting.append(piece, byteCount: piece.bytes.count + headBytes) }
    if !pieces.isEmpty { room.isMessageWhole = true }
    guard updateHeldBytes(sink) else {
      throw RPCError(
        .resourceExhausted,
        "this connection's calls hold too many bytes: send less at once, or on more connections")
    }
    if hasEnded, !reader.isBetween {
      throw RPCError(.internal, "the request ends inside a message")
    }
    askForRoom(sink)
    return pieces.count
  }

  // MARK: Out

  /// The message that has waited longest.
  mutating func take(_ sink: (any CallSink)?) -> EnvelopeReader.Piece? {
    guard let piece = waiting.take() else { return nil }
    _ = updateHeldBytes(sink)
    if waiting.isEmpty, room.isMessageWhole {
      giveRoomBack(sink)
      // The next message may have begun.
      askForRoom(sink)
    }
    settle(sink)
    return piece
  }

  /// Forgets what is held.
  mutating func drop(_ sink: (any CallSink)?) {
    waiting.removeAll()
    reader.removeAll()
    _ = updateHeldBytes(sink)
    giveRoomBack(sink)
    settle(sink)
  }

  /// Lets the peer send on, as far as what came has been taken, and as there is room.
  mutating func settle(_ sink: (any CallSink)?) {
    if hasEnded { return }
    let roomBytes = room.isMessageWhole ? 0 : room.grantedBytes
    let allowance = waiting.takeAllowance(withholding: max(0, reader.byteCount - roomBytes))
    if allowance > 0 { sink?.consume(stream, byteCount: allowance) }
  }

  // MARK: What is held

  /// Gives whether the connection can bear it.
  private mutating func updateHeldBytes(_ sink: (any CallSink)?) -> Bool {
    let held =
      waiting.waitingBytes + waiting.count * Self.waitingMessageBytes + reader.byteCount
    let added = held - heldBytes
    if added == 0 { return true }
    heldBytes = held
    return sink?.hold(added) ?? true
  }

  /// Asks for what the message that is coming needs beyond what the stream's window surely lets in.
  private mutating func askForRoom(_ sink: (any CallSink)?) {
    guard room.askedBytes == 0, !hasEnded else { return }
    let excess = comingMessageBytes - windowBytes
    guard excess > 0, let sink else { return }
    let isGranted = sink.askForRoom(stream, byteCount: excess)
    room = Room(askedBytes: excess, grantedBytes: isGranted ? excess : 0)
  }

  private var comingMessageBytes: Int {
    if usesEnvelopes { return reader.announcedByteCount }
    // The length shows only at the end.
    return reader.byteCount > windowBytes / 2 ? reader.messageBytesMax : 0
  }

  /// There is the room that was asked for.
  mutating func roomGranted(_ sink: (any CallSink)?) {
    room.grantedBytes = room.askedBytes
    settle(sink)
  }

  /// Whether nothing has come for longer than a limit of a message that was given room. It sees the
  /// times at which it is called.
  mutating func isStalled(longerThan limit: Duration, now: MonotonicTime) -> Bool {
    guard room.grantedBytes > 0, !room.isMessageWhole else { return false }
    guard let since = room.seenSince, room.seenBytes == reader.byteCount else {
      room.seenBytes = reader.byteCount
      room.seenSince = now
      return false
    }
    return now - since > limit
  }

  /// The message that the room was for is not held any more.
  private mutating func giveRoomBack(_ sink: (any CallSink)?) {
    let old = room
    room = Room()
    guard old.askedBytes > 0 else { return }
    sink?.giveRoomBack(stream, byteCount: old.askedBytes, isGranted: old.grantedBytes > 0)
  }
}
