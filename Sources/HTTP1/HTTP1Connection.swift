/// The server's side of one HTTP/1 connection (RFC 9110, RFC 9112): bytes in, events out, and
/// answers in, bytes out. Strict: what two parsers could read differently is refused.
///
///     connection.receive(bytes)                          // while `wantsInput`
///     while let event = connection.nextEvent() { … }     // also after each answer
///     write(connection.takeOutput())
///     if connection.shouldClose { … }                    // once the output is flushed
///
/// One request at a time: those behind it wait in the buffer until its answer has ended. The
/// caller paces a body by not asking for events; the buffer then fills and `wantsInput` turns
/// false. Neither sockets nor time are used here. Belongs to one loop.
public struct HTTP1Connection: ~Copyable {
  enum Reading {
    case head
    case body
    /// The request is complete, its answer is not.
    case ended
    case stopped
  }

  /// The bounds on what the peer may send.
  public let limits: HTTP1Limits
  /// The bound on the body of this request, to be raised or lowered when `requestReceived` was
  /// taken and before the next event is; the next request begins with that of `limits` again.
  public var bodyBytesMax: Int
  /// Close the connection once the output is flushed.
  public internal(set) var shouldClose = false

  var reading = Reading.head
  var writer = AnswerWriter()
  var body: BodyReader
  /// Whether the connection outlives this answer, as far as known.
  var keepAlive = true
  var awaitsContinue = false
  private var input = InputBuffer()
  private var head: HeadReader
  private var isDraining = false
  private var isInputOver = false
  /// Found behind bytes of a body that were given out first.
  private var failure: HTTP1Error?

  /// A connection on which nothing has been received.
  public init(limits: HTTP1Limits = HTTP1Limits()) {
    precondition(limits.isConsistent, "raise bufferedBytesMax above the longest line")
    self.limits = limits
    bodyBytesMax = limits.bodyBytesMax
    head = HeadReader(limits: limits)
    body = BodyReader(.none, limits: limits)
  }

  // MARK: Receiving

  /// Whether to read on: false while enough waits here, and after the last byte of interest.
  public var wantsInput: Bool {
    reading != .stopped && !isInputOver && input.count < limits.bufferedBytesMax
  }

  /// How many received bytes wait here.
  public var bufferedBytes: Int { input.count }

  /// What the machine waits for.
  public var awaits: HTTP1Awaited {
    switch reading {
    case .head:
      if writer.isAnswering {
        .nothing
      } else if head.hasBegun || input.count > 0 {
        .restOfHead
      } else {
        .request
      }
    case .body: body.isComplete ? .nothing : .restOfBody
    case .ended, .stopped: .nothing
    }
  }

  /// Takes what one read brought; to be called while `wantsInput`. Bytes after a failure are
  /// dropped.
  public mutating func receive(_ bytes: Span<UInt8>) {
    if reading == .stopped { return }
    precondition(wantsInput, "ask wantsInput before each read")
    input.append(bytes)
  }

  /// The peer will send nothing more. Complete requests are still answered.
  public mutating func inputEnded() {
    isInputOver = true
  }

  /// The next thing that the peer has sent, nil until more arrives or the answer has ended.
  public mutating func nextEvent() -> HTTP1Event? {
    do throws(HTTP1Error) {
      if let failure { throw failure }
      switch reading {
      case .head: return try nextHead()
      case .body:
        // The answer came first: the rest is dropped.
        if !writer.isAnswering { return try discardBody() }
        return try nextBody()
      case .ended, .stopped: return nil
      }
    } catch {
      failure = nil
      keepAlive = false
      let isAnswered = reading == .body && !writer.isAnswering
      stopReading()
      if isAnswered {
        shouldClose = true
        return nil
      }
      return .failed(error)
    }
  }

  private mutating func nextHead() throws(HTTP1Error) -> HTTP1Event? {
    guard let request = try head.read(&input) else {
      guard isInputOver else { return nil }
      if head.hasBegun || input.count > 0 { throw .truncated }
      stopReading()
      shouldClose = true
      return nil
    }
    reading = .body
    body = BodyReader(request.body, limits: limits)
    bodyBytesMax = limits.bodyBytesMax
    keepAlive = request.keepAlive && !isDraining
    awaitsContinue = request.expectsContinue
    writer.begin(request)
    return .requestReceived(request)
  }

  private mutating func nextBody() throws(HTTP1Error) -> HTTP1Event? {
    var bytes: [UInt8] = []
    if !body.isComplete {
      do throws(HTTP1Error) {
        try body.read(&input, to: &bytes, bytesMax: bodyBytesMax)
      } catch {
        if bytes.isEmpty { throw error }
        failure = error
      }
    }
    if !bytes.isEmpty {
      awaitsContinue = false
      return .bodyReceived(bytes)
    }
    if body.isComplete {
      reading = .ended
      return .requestEnded
    }
    if isInputOver { throw .truncated }
    return nil
  }

  private mutating func discardBody() throws(HTTP1Error) -> HTTP1Event? {
    var dropped: [UInt8] = []
    try body.read(&input, to: &dropped, bytesMax: bodyBytesMax)
    if body.isComplete {
      reading = .head
      return try nextHead()
    }
    if isInputOver { throw .truncated }
    return nil
  }

  // MARK: Ending

  /// Closes after the answer under way, or at once if there is none: for a server that stops.
  public mutating func closeAfterAnswer() {
    isDraining = true
    keepAlive = false
    if !writer.isAnswering, awaits == .request || reading == .body { stop() }
  }

  /// Gives up the answer under way: the peer sees that it is incomplete.
  public mutating func abort() {
    writer.abort()
    stop()
  }

  func mustCloseAfterAnswer() -> Bool {
    if !keepAlive { return true }
    guard reading == .body, !body.isComplete else { return false }
    // Whether a peer that waits for 100 sends its body after another status is not known.
    return awaitsContinue || body.remainingBytes > limits.discardedBytesMax
  }

  mutating func answerEnded() {
    if reading == .stopped || mustCloseAfterAnswer() { return stop() }
    if reading == .ended {
      reading = .head
    } else {
      bodyBytesMax = min(bodyBytesMax, body.announcedBytes + limits.discardedBytesMax)
    }
  }

  mutating func stop() {
    stopReading()
    shouldClose = true
  }

  private mutating func stopReading() {
    reading = .stopped
    input.removeAll()
    failure = nil
  }
}
