internal import HTTP2
internal import Platform
internal import RPC
internal import Reactor

/// One connection of a run, and the calls on it. It comes back by itself when it is lost.
///
/// Isolation: on its driver's loop only.
final class LoadConnection: ConnectionHandler {
  /// The first wait before a lost connection is opened anew; it doubles up to the last.
  private static let backOffFirst = Duration.milliseconds(100)
  private static let backOffMax = Duration.seconds(5)

  private struct Call {
    let due: DueCall
    var answer: AnswerReader
    /// Messages that are still to be sent.
    var messagesLeft: Int
  }

  /// Held until the driver lets its connections go.
  private let driver: LoadDriver
  private var connection: Connection?
  private var session: HTTP2Session?
  private var calls: [Int32: Call] = [:]
  private var headers: [HeaderList]
  /// Calls with a deadline, the earliest first: it is the same for all.
  private var deadlines: [(stream: Int32, at: MonotonicTime)] = []
  private var deadlinesDone = 0
  private var deadlineTimer: LoopTimer?
  private var failures = 0
  private var isSettled = false
  private var isClosed = false
  private var isDraining = false

  init(_ driver: LoadDriver) {
    self.driver = driver
    headers = driver.methods.map { method in
      method.headers.reduce(into: HeaderList()) { $0.append($1.name, $1.value) }
    }
  }

  /// Whether another call can start.
  var hasRoom: Bool {
    session != nil && !isDraining && calls.count < driver.plan.streamsPerConnection
  }

  // MARK: Life

  func connect() {
    do throws(SocketError) {
      connection = try driver.loop.connect(
        to: driver.target.address, tls: driver.target.tls, serverName: driver.target.serverName,
        handler: self)
    } catch {
      ended("\(error)")
    }
  }

  func close() {
    isClosed = true
    session = nil
    calls = [:]
    if let deadlineTimer { driver.loop.cancel(deadlineTimer) }
    connection?.close()
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    guard driver.target.tls == nil || protocolName == "h2" else {
      return ended("the server does not offer HTTP/2 over TLS (ALPN h2)")
    }
    self.connection = connection
    do throws(HTTP2Error) {
      session = try HTTP2Session(
        role: .client, limits: Self.limits, now: driver.loop.now.nanoseconds)
    } catch {
      return ended("\(error)")
    }
    failures = 0
    isDraining = false
    (deadlines, deadlinesDone) = ([], 0)
    connection.flushSoon()
    settle(nil)
    if driver.isRunning { driver.fill() }
  }

  func connectionClosed(_ reason: ConnectionEnd) { ended("\(reason)") }

  /// The connection is gone, or did not come about: its calls have failed, and it is opened anew.
  private func ended(_ reason: String) {
    guard !isClosed else { return }
    if session != nil { driver.connectionLost() }
    session = nil
    connection = nil
    abandonCalls(.unavailable, reason)
    settle(reason)
    let wait = min(Self.backOffFirst * (1 << min(failures, 6)), Self.backOffMax)
    failures += 1
    driver.loop.schedule(after: wait) { [weak self] in
      guard let self, !self.isClosed else { return }
      self.connect()
    }
  }

  private func settle(_ failure: String?) {
    guard !isSettled else { return }
    isSettled = true
    driver.settled(failure)
  }

  /// Counts all calls in flight as failed.
  func abandonCalls(_ code: RPCCode, _ reason: String) {
    let open = calls.values.sorted { $0.due.intended < $1.due.intended }
    calls = [:]
    let now = driver.now
    for call in open {
      driver.callEnded(call.due, code, messages: call.answer.messageCount, at: now, detail: reason)
    }
  }

  // MARK: Sending

  /// Starts calls until all streams are taken, as a closed loop does.
  func fill(at now: Int64) {
    while hasRoom, let call = driver.nextCall(at: now) { start(call, at: now) }
  }

  /// Sends a call; it leaves at the end of the loop's turn.
  func start(_ due: DueCall, at now: Int64) {
    guard let session else { return }
    let method = driver.methods[due.method]
    var call = Call(
      due: due, answer: AnswerReader(method.framing), messagesLeft: method.messagesPerCall)
    driver.callStarted()
    do throws(HTTP2Error) {
      let isWhole = call.messagesLeft <= 1
      let body = call.messagesLeft == 0 ? [] : driver.takeMessage(due.method)
      call.messagesLeft = max(0, call.messagesLeft - 1)
      let stream = try session.submitRequest(headers: headers[due.method], body: body, end: isWhole)
      calls[stream] = call
      if !isWhole { upload(stream) }
      if let deadline = driver.plan.deadline {
        expect(stream, by: driver.moment(now) + deadline)
      }
    } catch {
      // The connection is about to end: another one takes its place.
      isDraining = true
      driver.callEnded(due, .unavailable, messages: 0, at: now, detail: "\(error)")
    }
    connection?.flushSoon()
  }

  /// Sends further messages of a stream until its queue is full.
  private func upload(_ stream: Int32) {
    guard let session, var left = calls[stream]?.messagesLeft,
      let method = calls[stream]?.due.method
    else { return }
    var hasSpace = true
    while left > 0, hasSpace {
      hasSpace = session.send(stream: stream, driver.takeMessage(method).span)
      left -= 1
      if left == 0 { session.end(stream: stream) }
    }
    calls[stream]?.messagesLeft = left
  }

  // MARK: Receiving

  func connectionReceived(_ bytes: Span<UInt8>) {
    guard let session else { return }
    driver.transferred(received: bytes.count)
    do throws(HTTP2Error) {
      try session.receive(bytes, now: driver.loop.now.nanoseconds)
      take(session.events, of: session, in: bytes)
      session.clearEvents()
    } catch {
      isDraining = true
      connection?.closeWhenFlushed()
      return
    }
    if isDraining, calls.isEmpty { connection?.closeWhenFlushed() }
    connection?.flushSoon()
  }

  private func take(_ events: [HTTP2Event], of session: HTTP2Session, in bytes: Span<UInt8>) {
    let now = driver.now
    for event in events {
      switch event {
      case .headersReceived(let stream, let block, let endStream):
        read(block, of: stream, session)
        if endStream { answered(stream, at: now) }
      case .dataReceived(let stream, let offset, let count, let endStream):
        if count > 0 {
          session.consume(stream: stream, byteCount: count)
          calls[stream]?.answer.contentReceived(bytes.extracting(offset..<offset + count))
        }
        if endStream { answered(stream, at: now) }
      case .streamClosed(let stream, let errorCode):
        guard let call = calls.removeValue(forKey: stream) else { continue }
        ended(
          call, Self.code(ofReset: errorCode), at: now,
          detail: "the server reset the stream with HTTP/2's error code \(errorCode)")
      case .streamWritable(let stream): upload(stream)
      case .goAwayReceived: isDraining = true
      case .settingsReceived, .pingAcknowledged: break
      }
    }
  }

  private func read(_ block: HeaderBlock, of stream: Int32, _ session: HTTP2Session) {
    guard block.kind != .interimResponse, calls[stream] != nil else { return }
    session.forEachField(in: block) { token, _, value in
      switch token {
      case .status: calls[stream]?.answer.httpStatusReceived(Self.number(value))
      case .grpcStatus, .saraiStatus: calls[stream]?.answer.codeReceived(Self.number(value))
      case .grpcMessage: calls[stream]?.answer.messageReceived(value)
      default: break
      }
    }
  }

  /// The answer is complete.
  private func answered(_ stream: Int32, at now: Int64) {
    guard let call = calls.removeValue(forKey: stream) else { return }
    // The server wants no more of what is still to be sent.
    if call.messagesLeft > 0 { session?.reset(stream: stream, errorCode: HTTP2ErrorCode.cancel) }
    ended(call, call.answer.result, at: now)
  }

  /// A call is over: the next one takes its stream.
  private func ended(
    _ call: Call, _ code: RPCCode, at now: Int64, detail: @autoclosure () -> String? = nil
  ) {
    driver.callEnded(
      call.due, code, messages: call.answer.messageCount, at: now,
      detail: detail() ?? call.answer.detail)
    if hasRoom, let next = driver.nextCall(at: now) { start(next, at: now) }
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    guard let session else { return }
    let before = output.count
    session.produce(into: &output, upTo: byteCountMax)
    driver.transferred(sent: output.count - before)
    // Sending makes events too: a stream that is closed by it, a queue that has room again.
    if !session.events.isEmpty {
      let nothing: [UInt8] = []
      take(session.events, of: session, in: nothing.span)
      session.clearEvents()
    }
  }

  // MARK: Deadlines

  private func expect(_ stream: Int32, by deadline: MonotonicTime) {
    deadlines.append((stream, deadline))
    if deadlineTimer == nil { setDeadlineTimer() }
  }

  private func setDeadlineTimer() {
    deadlineTimer = nil
    while deadlinesDone < deadlines.count, calls[deadlines[deadlinesDone].stream] == nil {
      deadlinesDone += 1
    }
    if deadlinesDone > 1_024, deadlinesDone > deadlines.count / 2 {
      deadlines.removeFirst(deadlinesDone)
      deadlinesDone = 0
    }
    guard deadlinesDone < deadlines.count else { return }
    deadlineTimer = driver.loop.schedule(at: deadlines[deadlinesDone].at) { [weak self] in
      self?.deadlinesPassed()
    }
  }

  private func deadlinesPassed() {
    let now = driver.now
    while deadlinesDone < deadlines.count, deadlines[deadlinesDone].at <= driver.loop.now {
      let stream = deadlines[deadlinesDone].stream
      deadlinesDone += 1
      guard let call = calls.removeValue(forKey: stream) else { continue }
      session?.reset(stream: stream, errorCode: HTTP2ErrorCode.cancel)
      ended(call, .deadlineExceeded, at: now, detail: "no answer within the deadline")
    }
    connection?.flushSoon()
    setDeadlineTimer()
  }

  // MARK: Meaning

  /// What a server may do to a generator: it is not an enemy, and resets what it is asked to.
  private static var limits: HTTP2Limits {
    var limits = HTTP2Limits()
    limits.boundsResets = false
    limits.streamWindowBytes = 1 << 20
    limits.connectionWindowBytes = 16 << 20
    return limits
  }

  /// A status of up to three digits.
  private static func number(_ text: Span<UInt8>) -> Int {
    guard text.count <= 3 else { return 999 }
    var value = 0
    for index in text.indices { value = value * 10 + Int(text[index] &- UInt8(ascii: "0")) }
    return value
  }

  private static func code(ofReset errorCode: UInt32) -> RPCCode {
    switch errorCode {
    case HTTP2ErrorCode.noError, HTTP2ErrorCode.refusedStream: .unavailable
    case HTTP2ErrorCode.cancel: .cancelled
    case HTTP2ErrorCode.enhanceYourCalm: .resourceExhausted
    default: .internal
    }
  }
}
