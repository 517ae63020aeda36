public import Wire

/// The messages that come in during a call, in order; to be read once, by one task at a time.
public struct MessageStream<Element: Message>: AsyncSequence, Sendable {
  /// What reading throws.
  public typealias Failure = RPCError

  private let bytes: ByteStream
  private let encoding: Encoding
  /// What to say of bytes that are not such a message.
  private let malformed: RPCCode

  init(_ bytes: ByteStream, as encoding: Encoding, malformed: RPCCode) {
    self.bytes = bytes
    self.encoding = encoding
    self.malformed = malformed
  }

  /// The next message; nil after the last.
  public func next() async throws(RPCError) -> Element? {
    guard let bytes = try await bytes.next() else { return nil }
    return try Element(receiving: bytes.span, as: encoding, malformed: malformed)
  }

  /// Reads on from wherever the stream stands.
  public func makeAsyncIterator() -> Iterator { Iterator(stream: self) }

  /// Reads the messages of a stream.
  public struct Iterator: AsyncIteratorProtocol {
    let stream: MessageStream

    /// The next message; nil after the last.
    public mutating func next() async throws(RPCError) -> Element? { try await stream.next() }

    /// The next message; nil after the last.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws(RPCError) -> Element? {
      try await stream.next()
    }
  }
}

/// What a handler reads the caller's messages from.
public typealias RequestStream<Request: Message> = MessageStream<Request>

/// What a caller reads the service's messages from.
public typealias ResponseStream<Response: Message> = MessageStream<Response>

/// Sends messages during a call; to be used by one task at a time.
public struct MessageWriter<Element: Message>: Sendable {
  private let bytes: ByteWriter
  private let encoding: Encoding

  init(_ bytes: ByteWriter, as encoding: Encoding) {
    self.bytes = bytes
    self.encoding = encoding
  }

  /// Sends a message; waits while the other side has too much to read.
  public func send(_ message: Element) async throws(RPCError) {
    try await bytes.send(try message.sending(as: encoding))
  }

  /// Says that no further message follows. Returning from a handler says so, too.
  public func finish() { bytes.finish() }
}

/// What a caller sends its messages with.
public typealias RequestWriter<Request: Message> = MessageWriter<Request>

/// What a handler sends its messages with.
public typealias ResponseWriter<Response: Message> = MessageWriter<Response>

extension Message {
  /// A message that came in.
  @inlinable
  init(receiving bytes: Span<UInt8>, as encoding: Encoding, malformed: RPCCode) throws(RPCError) {
    do throws(WireError) {
      try self.init(decoding: bytes, as: encoding)
    } catch {
      throw RPCError(malformed, "not a", Self.layout, error)
    }
  }

  /// The bytes to send.
  @inlinable
  func sending(as encoding: Encoding) throws(RPCError) -> [UInt8] {
    do throws(WireError) {
      var writer = WireWriter()
      try writer.write(self, as: encoding)
      return writer.bytes
    } catch {
      throw RPCError(.internal, "cannot send a", Self.layout, error)
    }
  }
}

extension RPCError {
  /// What is wrong with a message.
  @usableFromInline
  init(_ code: RPCCode, _ what: String, _ layout: MessageLayout, _ error: WireError) {
    self.init(code, "\(what) \(layout.name): \(error)")
  }
}
