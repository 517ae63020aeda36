import RPC

/// The frame around a message of a stream, the same in gRPC and native: a flag byte, then the
/// message's length in 4 bytes, big-endian.
enum Envelope {
  /// Bytes before the message.
  static let headBytes = 5
  /// The flag of a compressed message.
  static let compressedFlag: UInt8 = 0x01
  /// Native only: the flag of the last envelope, which holds how the call ended.
  static let endFlag: UInt8 = 0x02

  /// Appends a message with its head.
  @inline(__always)
  static func append(_ message: [UInt8], flag: UInt8, to output: inout [UInt8]) {
    appendHead(of: message.count, flag: flag, to: &output)
    output.append(contentsOf: message)
  }

  @inline(__always)
  static func appendHead(of count: Int, flag: UInt8, to output: inout [UInt8]) {
    let length = UInt32(truncatingIfNeeded: count)
    let head: InlineArray<5, UInt8> = [
      flag, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
      UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
    ]
    // At once: single bytes would each ask whether the array has room.
    unsafe head.span.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
  }

  /// The flag and the length that a head says.
  @inline(__always)
  static func head(of bytes: Span<UInt8>, at offset: Int) -> (flag: UInt8, count: Int) {
    let count =
      Int(bytes[offset + 1]) << 24 | Int(bytes[offset + 2]) << 16 | Int(bytes[offset + 3]) << 8
      | Int(bytes[offset + 4])
    return (bytes[offset], count)
  }
}

/// Cuts incoming bytes into the messages of a stream.
struct EnvelopeReader {
  /// A message as it came.
  struct Piece {
    var flag: UInt8
    var bytes: [UInt8]
  }

  /// What the window of a stream lets in.
  private static let firstReservedBytes = 64 << 10

  let messageBytesMax: Int
  /// What came of an envelope that is not whole yet.
  private var partial: [UInt8] = []

  init(messageBytesMax: Int) { self.messageBytesMax = messageBytesMax }

  /// Whether the stream stands between two envelopes.
  var isBetween: Bool { partial.isEmpty }

  /// How many bytes are held.
  var byteCount: Int { partial.count }

  /// How many bytes the envelope will have that is not whole yet; 0 while it does not say.
  var announcedByteCount: Int {
    partial.count < Envelope.headBytes
      ? 0 : Envelope.headBytes + Envelope.head(of: partial.span, at: 0).count
  }

  /// Forgets what is held.
  mutating func removeAll() { partial = [] }

  /// Takes bytes in and appends the messages that are whole now.
  ///
  /// - Throws: `resourceExhausted` as soon as a head says more than a message may have.
  mutating func receive(_ bytes: Span<UInt8>, _ pieces: inout [Piece]) throws(RPCError) {
    var offset = 0
    if !partial.isEmpty {
      // Completes the head first, then what it says.
      for target in 0..<2 {
        let needed: Int
        if target == 0 {
          needed = Envelope.headBytes
        } else {
          needed = Envelope.headBytes + (try count(of: partial.span, at: 0))
        }
        let missing = min(needed - partial.count, bytes.count - offset)
        if missing > 0 {
          reserve(needed, for: partial.count + missing)
          append(bytes.extracting(offset..<offset + missing))
          offset += missing
        }
        if partial.count < needed { return }
      }
      let flag = partial[0]
      partial.removeFirst(Envelope.headBytes)
      pieces.append(Piece(flag: flag, bytes: partial))
      partial = []
    }
    while bytes.count - offset >= Envelope.headBytes {
      let count = try count(of: bytes, at: offset)
      guard bytes.count - offset - Envelope.headBytes >= count else { break }
      let start = offset + Envelope.headBytes
      pieces.append(
        Piece(flag: bytes[offset], bytes: Array(copying: bytes.extracting(start..<start + count))))
      offset = start + count
    }
    if offset < bytes.count {
      let rest = bytes.extracting(offset...)
      if rest.count >= Envelope.headBytes {
        reserve(Envelope.headBytes + (try count(of: rest, at: 0)), for: rest.count)
      }
      append(rest)
    }
  }

  /// Makes room for an envelope at once, or, as long as little has come of a large one, for what
  /// anyone may send: growing by doubling would leave a hole for each size.
  private mutating func reserve(_ needed: Int, for byteCount: Int) {
    let first = Self.firstReservedBytes
    partial.reserveCapacity(byteCount <= first ? min(needed, first) : needed)
  }

  /// Takes bytes in of a body that is one message, which is whole when the body has ended.
  mutating func receiveUnframed(
    _ bytes: Span<UInt8>, ended: Bool, _ pieces: inout [Piece]
  ) throws(RPCError) {
    let count = partial.count + bytes.count
    if count > messageBytesMax { throw .messageTooLarge(count, max: messageBytesMax) }
    append(bytes)
    guard ended else { return }
    pieces.append(Piece(flag: 0, bytes: partial))
    partial = []
  }

  private func count(of bytes: Span<UInt8>, at offset: Int) throws(RPCError) -> Int {
    let count = Envelope.head(of: bytes, at: offset).count
    if count > messageBytesMax { throw .messageTooLarge(count, max: messageBytesMax) }
    return count
  }

  private mutating func append(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe partial.append(contentsOf: $0) }
  }
}

extension Array<UInt8> {
  /// The bytes of a span.
  init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}

extension RPCError {
  static let callCancelled = RPCError(.cancelled, "the call was cancelled")

  static func messageTooLarge(_ count: Int, max: Int) -> RPCError {
    RPCError(.resourceExhausted, "a message of \(count) bytes, where \(max) are allowed")
  }
}
