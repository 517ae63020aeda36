import HTTP2
import Platform
import RPC
import Reactor

/// One HTTP/2 connection of a server: the session's events on one side, calls on the other.
///
/// It lives on its connection's loop.
final class HTTP2ServerConnection: ProtocolConnection, CallSink {
  let turnstile: Turnstile
  let server: ServerCore
  unowned let connection: Connection
  private let loop: EventLoop
  let peer: Peer
  private lazy var runner = UnaryRunner(server.router, loop) { [unowned self] in
    waitingByteCount <= server.limits.queuedBytesMax
  }
  let session: HTTP2Session
  private var callCount = 0
  private var heldBytes = 0
  private var compressingBytes = 0
  private var room: MessageRoom
  /// Requests that have ended, which their calls are not told while too many answers wait.
  private var untoldEnds: [Int32] = []
  /// Streams whose handlers get no further request for the same reason.
  private var waitingStreams: [Int32] = []
  private var isDraining = false
  /// Whether no call can come in any more, so that without calls the connection may close.
  private var hasSaidGoodbye = false
  private var hasFailed = false
  private var hasRequested = false
  private var hasReceivedSettings = false
  private var isClosed = false
  private let openedAt: MonotonicTime
  private var headerBlockSince: MonotonicTime?
  private var idleSince: MonotonicTime

  init(
    _ server: ServerCore, _ connection: Connection, peer: Peer, _ memory: SessionMemory,
    _ turnstile: Turnstile
  ) {
    self.server = server
    self.turnstile = turnstile
    self.connection = connection
    self.peer = peer
    loop = connection.loop
    openedAt = loop.now
    idleSince = loop.now
    room = MessageRoom(byteCount: server.limits.roomBytes)
    var limits = server.limits.http2
    // Services that hedge and cancel are known by their certificate.
    limits.boundsResets = peer.certificateNames.isEmpty
    do throws(HTTP2Error) {
      session = try HTTP2Session(
        role: .server, limits: limits, now: loop.now.nanoseconds, memory: memory)
    } catch {
      preconditionFailure("no memory is left for a connection: \(error)")
    }
    connection.flushSoon()
  }

  // MARK: From the connection

  func receive(_ bytes: Span<UInt8>) {
    if hasFailed { return }
    do throws(HTTP2Error) {
      try session.receive(bytes, now: loop.now.nanoseconds)
    } catch {
      // What was to be said to the peer, a GOAWAY, is queued.
      server.observe(.ended(peer: peer.address, reason: "\(error)"))
      hasFailed = true
      connection.closeWhenFlushed()
    }
    handleEvents(bytes)
    if session.wantsWrite || hasSaidGoodbye { connection.flushSoon() }
  }

  func produce(into output: inout [UInt8], upTo byteCountMax: Int) {
    session.produce(into: &output, upTo: byteCountMax)
    handleEvents(Span())
    runWaiting()
    // A stream whose answer waits for the peer's window is open, though there is nothing to write.
    if hasSaidGoodbye, session.openStreamCount == 0, !session.wantsWrite {
      connection.closeWhenFlushed()
    }
    if !hasFailed, let reason = session.endReason {
      // A limit on what this side sends because of the peer: found while sending.
      server.observe(.ended(peer: peer.address, reason: "\(reason)"))
      hasFailed = true
      connection.closeWhenFlushed()
    }
  }

  func close(_ reason: ConnectionEnd) {
    isClosed = true
    for case let call as ServerCall in session.attachments {
      call.disconnect(RPCError(.cancelled, "the connection is gone: \(reason)"))
    }
  }

  // MARK: Events

  private func handleEvents(_ bytes: Span<UInt8>) {
    guard !session.events.isEmpty else { return }
    for event in session.events {
      switch event {
      case .headersReceived(let stream, let block, let endStream):
        if block.kind == .request {
          receiveRequest(stream, block, endStream)
        } else if endStream, let call = call(of: stream) {
          // Trailers mean nothing to any of the protocols, but that the request ends.
          receive(Span(), for: call, ended: true)
        }
      case .dataReceived(let stream, let offset, let count, let endStream):
        let piece = bytes.extracting(offset..<offset + count)
        if let call = call(of: stream) {
          receive(piece, for: call, ended: endStream)
        } else {
          session.consume(stream: stream, byteCount: count)
        }
      case .streamClosed(let stream, let code):
        if let call = call(of: stream) {
          call.cancel(RPCError(.cancelled, "the caller gave up (error code \(code))"))
        }
      case .streamWritable(let stream): call(of: stream)?.becameWritable()
      case .goAwayReceived:
        isDraining = true
        hasSaidGoodbye = true
        connection.flushSoon()
      case .settingsReceived: hasReceivedSettings = true
      case .pingAcknowledged: if isDraining { sayGoodbye() }
      }
    }
    session.clearEvents()
    runWaiting()
  }

  /// Runs the calls that wait, if there is room for their answers: some has left, or streams with
  /// much of it were given up.
  private func runWaiting() {
    if !untoldEnds.isEmpty { tellEnds() }
    if !waitingStreams.isEmpty { tellAnswersLeft() }
    runner.run()
  }

  /// The call of a stream; nil if there is none any more.
  private func call(of stream: Int32) -> ServerCall? {
    session.attachment(of: stream) as? ServerCall
  }

  private func receiveRequest(_ stream: Int32, _ block: HeaderBlock, _ endStream: Bool) {
    hasRequested = true
    var head = RequestHead()
    session.forEachField(in: block) { token, name, value in
      switch token {
      case .path:
        head.route = server.routes[value]
        if head.route == nil { head.path = String(copying: value) }
      case .other, .traceparent, .authorization: head.takeOther(name, value)
      default: head.take(token, value)
      }
    }
    if block.isTooLarge {
      head.refusal = RPCError(
        .resourceExhausted, "the header is larger than 16 KiB: send less metadata")
    }
    if let method = head.method {
      return refuse(stream, 405, "\(String(decoding: method, as: UTF8.self)): use POST")
    }
    guard let form = head.form else {
      return refuse(
        stream, 415,
        "the content type must be application/grpc, application/x-sarai, application/json or"
          + " application/x-sarai-stream")
    }
    guard let route = head.route, head.refusal == nil else {
      let path = head.path ?? ""
      return answerFailure(stream, form, head, head.refusal ?? server.router.unimplemented(path))
    }
    let call = ServerCall(
      stream, route, form, head, peer: peer, server: server, loop: loop, sink: self)
    session.attach(call, to: stream)
    callCount += 1
    call.start()
    if endStream { receive(Span(), for: call, ended: true) }
  }

  /// Hands content on. A unary call runs when its request ends and queues all of its answer, so a peer
  /// that takes no answers could have us keep a hundred: those that follow have to wait, here or, if
  /// they came in one read, in the runner.
  private func receive(_ bytes: Span<UInt8>, for call: ServerCall, ended: Bool) {
    if ended, waitingByteCount > server.limits.queuedBytesMax {
      untoldEnds.append(call.stream)
      call.receive(bytes, ended: false)
    } else {
      call.receive(bytes, ended: ended)
    }
  }

  private func tellEnds() {
    var toldCount = 0
    while toldCount < untoldEnds.count,
      waitingByteCount <= server.limits.queuedBytesMax
    {
      call(of: untoldEnds[toldCount])?.receive(Span(), ended: true)
      runner.run()
      toldCount += 1
    }
    untoldEnds.removeFirst(toldCount)
  }

  /// Has the stream that has waited longest ask again; the next one does once that has its request.
  private func tellAnswersLeft() {
    guard waitingByteCount <= server.limits.queuedBytesMax else { return }
    while let first = waitingStreams.first {
      if let call = call(of: first) { return call.answersLeft() }
      waitingStreams.removeFirst()
    }
  }

  private func answerFailure(
    _ stream: Int32, _ form: CallForm, _ head: RequestHead, _ error: RPCError
  ) {
    let writer = AnswerWriter(
      form: form, acceptsGzip: false, usesEventStream: false, isStream: false)
    answer(stream, writer.failure(error, .unrouted))
    session.handlerEnded(stream: stream)
  }

  private func refuse(_ stream: Int32, _ status: Int, _ text: String) {
    var head = HeaderList()
    head.append(":status", "\(status)")
    head.append("content-type", "text/plain; charset=utf-8")
    if status == 405 { head.append("allow", "POST") }
    answer(stream, CallAnswer(head: head, body: Array((text + "\n").utf8)))
    session.handlerEnded(stream: stream)
  }

  // MARK: From calls

  func run(_ call: ServerCall, _ invocation: @escaping UnaryInvocation) {
    runner.add(call, invocation)
    // A message that was decompressed comes at a time of its own.
    connection.flushSoon()
  }

  /// Bytes of answers that the peer has not taken yet.
  private var waitingByteCount: Int { session.queuedByteCount + compressingBytes }

  func mayAnswer(byteCount: Int) -> Bool {
    waitingByteCount + byteCount <= server.limits.answerBytesMax
  }

  func compress(byteCount: Int) {
    compressingBytes += byteCount
    // Others may go on.
    if byteCount < 0 { connection.flushSoon() }
  }

  func answer(_ stream: Int32, _ answer: consuming CallAnswer) {
    if let flag = answer.envelopeFlag {
      session.withOutput(of: stream) { Envelope.append(answer.body, flag: flag, to: &$0) }
      answer.body = []
    }
    session.submitResponse(
      stream: stream, headers: answer.head, body: answer.body, end: true,
      trailers: answer.trailers)
    connection.flushSoon()
  }

  func begin(_ stream: Int32, _ head: HeaderList) {
    session.submitResponse(stream: stream, headers: head, end: false)
    connection.flushSoon()
  }

  func send(_ stream: Int32, _ append: (inout [UInt8]) -> Void) -> Bool {
    connection.flushSoon()
    return session.withOutput(of: stream, append)
  }

  func finish(_ stream: Int32, _ trailers: HeaderList?) {
    session.end(stream: stream, trailers: trailers)
    connection.flushSoon()
  }

  /// The first answer of a stream is let through whatever its size, and a hundred streams could have
  /// one each. Who asks in between waits behind those who wait: the peer may read in that order.
  func mayTakeRequest(_ stream: Int32) -> Bool {
    let isNext = waitingStreams.isEmpty || waitingStreams.first == stream
    guard isNext, waitingByteCount <= server.limits.queuedBytesMax else {
      if !waitingStreams.contains(stream) { waitingStreams.append(stream) }
      return false
    }
    leaveQueue(stream)
    return true
  }

  func leaveQueue(_ stream: Int32) {
    guard let index = waitingStreams.firstIndex(of: stream) else { return }
    waitingStreams.remove(at: index)
    tellAnswersLeft()
  }

  func consume(_ stream: Int32, byteCount: Int) {
    session.consume(stream: stream, byteCount: byteCount)
    if session.wantsWrite { connection.flushSoon() }
  }

  func hold(_ byteCount: Int) -> Bool {
    heldBytes += byteCount
    return heldBytes <= server.limits.heldBytesMax
  }

  func askForRoom(_ stream: Int32, byteCount: Int) -> Bool {
    room.take(byteCount, for: stream)
  }

  func giveRoomBack(_ stream: Int32, byteCount: Int, isGranted: Bool) {
    if isGranted { room.giveBack(byteCount) } else { room.forget(stream) }
    while let next = room.next() { call(of: next)?.roomGranted() }
  }

  func callEnded(_ stream: Int32) {
    callCount -= 1
    session.handlerEnded(stream: stream)
    if runsNoHandler { idleSince = loop.now }
    if hasSaidGoodbye { connection.flushSoon() }
  }

  // MARK: Ending

  /// Takes no further call; those in flight end.
  func drain() {
    guard !isDraining else { return }
    isDraining = true
    session.shutdownNotice()
    // Once it is answered, the calls that the peer sent before it read the notice are here, RFC 9113
    // section 6.8.
    session.ping(0)
    connection.flushSoon()
    loop.schedule(after: .milliseconds(500)) { [weak self] in self?.sayGoodbye() }
  }

  private func sayGoodbye() {
    guard !hasSaidGoodbye, !isClosed else { return }
    hasSaidGoodbye = true
    session.goAway()
    connection.flushSoon()
  }

  func check(now: MonotonicTime) -> String? {
    let limits = server.limits
    if !hasRequested, !hasReceivedSettings, now - openedAt > limits.prefaceMax {
      return "no HTTP/2 preface within \(limits.prefaceMax)"
    }
    if session.hasOpenHeaderBlock {
      let since = headerBlockSince ?? now
      headerBlockSince = since
      if now - since > limits.headersMax { return "a header not whole within \(limits.headersMax)" }
    } else {
      headerBlockSince = nil
    }
    if session.queuedByteCount > 0, let reason = checkWindows(now) { return reason }
    if room.isTaken { checkMessages(now) }
    session.endAnsweredStreams()
    if session.wantsWrite { connection.flushSoon() }
    if runsNoHandler {
      // Nothing has been called since the check before: what is kept for the next call can go.
      if now - idleSince > limits.headersMax / 5 { session.releaseMemory() }
      if now - idleSince > limits.idleMax { drain() }
    }
    return nil
  }

  /// Ends the connection for what `check` said.
  func end(_ reason: String) {
    hasFailed = true
    session.terminate(errorCode: HTTP2ErrorCode.enhanceYourCalm)
    connection.closeWhenFlushed()
  }

  private var runsNoHandler: Bool { callCount == 0 }
}
