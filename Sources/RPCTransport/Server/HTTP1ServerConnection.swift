import HTTP1
import HTTP2
import Platform
import RPC
import Reactor

/// One HTTP/1.1 connection of a server, which carries native and JSON calls, one after the other.
///
/// It lives on its connection's loop.
final class HTTP1ServerConnection: ProtocolConnection, CallSink {
  let turnstile: Turnstile
  private let server: ServerCore
  private unowned let connection: Connection
  private let peer: Peer
  private let runner: UnaryRunner
  private var machine: HTTP1Connection
  private var call: ServerCall?
  /// Counts requests, so that what a call of before still says concerns nobody.
  private var exchange: Int32 = 0
  private var refusal: CallAnswer?
  private var heldBytes = 0
  private var isAnswerFull = false
  /// What the peer was last seen to owe, and since when.
  private var waiting: (wait: Wait, since: MonotonicTime)?
  /// Heads and pieces of bodies that came: whoever sends is not waited for.
  private var progress = 0
  private var isHandlingEvents = false
  /// Whether this turn's share of events is used up.
  private var goesOnNextTurn = false
  private var isClosed = false

  private struct Wait: Equatable {
    let awaited: HTTP1Awaited
    let progress: Int
  }

  /// Bytes of answers that may wait for the peer to take them. Requests behind them wait meanwhile,
  /// or else who sends many and reads no answer would have all answers kept.
  private static let queuedBytesMax = 256 << 10
  /// One read may bring a thousand small requests; other connections need not wait for all of them.
  /// So many take a third of a millisecond.
  private static let eventsPerTurnMax = 8

  init(_ server: ServerCore, _ connection: Connection, peer: Peer, _ turnstile: Turnstile) {
    self.turnstile = turnstile
    runner = UnaryRunner(server.router, connection.loop) { true }
    self.server = server
    self.connection = connection
    self.peer = peer
    var limits = HTTP1Limits()
    limits.bodyBytesMax = server.limits.messageBytesMax
    machine = HTTP1Connection(limits: limits)
  }

  // MARK: From the connection

  func receive(_ bytes: Span<UInt8>) {
    // What came although reading was paused was read before the pause.
    guard machine.wantsInput else { return connection.close() }
    machine.receive(bytes)
    handleEvents()
  }

  func produce(into output: inout [UInt8], upTo byteCountMax: Int) {
    runner.run()
    let wasOutputFull = isOutputFull
    if machine.outputBytes > 0 { output += machine.takeOutput() }
    if isAnswerFull {
      isAnswerFull = false
      call?.becameWritable()
    }
    if wasOutputFull { handleEvents() }
    if machine.shouldClose { connection.closeWhenFlushed() }
  }

  func close(_ reason: ConnectionEnd) {
    isClosed = true
    call?.disconnect(RPCError(.cancelled, "the connection is gone: \(reason)"))
    call = nil
  }

  // MARK: Events

  private func handleEvents() {
    // An answer that is given at once asks for the next event from within.
    if isHandlingEvents || goesOnNextTurn || isClosed { return }
    isHandlingEvents = true
    var eventCount = 0
    while eventCount < Self.eventsPerTurnMax, !isOutputFull, let event = machine.nextEvent() {
      handle(event)
      runner.run()
      eventCount += 1
    }
    isHandlingEvents = false
    if eventCount == Self.eventsPerTurnMax {
      goesOnNextTurn = true
      let loop = connection.loop
      loop.schedule(at: loop.now + .nanoseconds(1)) { [weak self] in
        self?.goesOnNextTurn = false
        self?.handleEvents()
      }
    }
    connection.pauseReading(!machine.wantsInput || isOutputFull)
    connection.flushSoon()
  }

  private var isOutputFull: Bool { machine.outputBytes >= Self.queuedBytesMax }

  private func handle(_ event: HTTP1Event) {
    switch event {
    case .requestReceived(let request): receiveRequest(request)
    case .bodyReceived(let bytes):
      progress += 1
      call?.receive(bytes.span, ended: false)
    case .requestEnded:
      if let answer = refusal {
        refusal = nil
        self.answer(exchange, answer)
      } else {
        call?.receive(Span(), ended: true)
      }
    case .failed(let error):
      server.observe(.ended(peer: peer.address, reason: "HTTP/1.1: \(error)"))
      call?.disconnect(RPCError(.cancelled, "the request broke off: \(error)"))
      call = nil
      refusal = nil
      // Without fields, the refusal always has a form.
      try? machine.refuse(error)
    }
  }

  private func receiveRequest(_ request: HTTP1Request) {
    exchange += 1
    progress += 1
    var head = RequestHead()
    let path = request.target.prefix { $0 != "?" }
    for field in request.fields {
      let name = Array(field.name.utf8)
      let value = Array(field.value.utf8)
      switch HeaderName(name.span) {
      case .other, .traceparent, .authorization: head.takeOther(name.span, value.span)
      case let known: head.take(known, value.span)
      }
    }
    guard request.method == "POST" else {
      return refuse(request, 405, "\(request.method): use POST", [("allow", "POST")])
    }
    guard let form = head.form, form == .json || form == .native else {
      return refuse(
        request, 415,
        "over HTTP/1.1 the content type must be application/json or application/x-sarai; streams"
          + " and gRPC need HTTP/2")
    }
    let route = server.routes[Array(path.utf8).span]
    guard let route, head.refusal == nil else {
      let error = head.refusal ?? server.router.unimplemented(String(path))
      let writer = AnswerWriter(
        form: form, acceptsGzip: false, usesEventStream: false, isStream: false)
      return refuse(request, writer.failure(error, .unrouted))
    }
    let call = ServerCall(
      exchange, route, form, head, peer: peer, server: server, loop: connection.loop, sink: self)
    // The one before was answered, by its deadline, while its handler runs on.
    self.call?.disconnect(RPCError(.cancelled, "the call was answered"))
    self.call = call
    if request.expectsContinue { machine.sendContinue() }
    call.start()
  }

  private func refuse(
    _ request: HTTP1Request, _ status: Int, _ text: String, _ fields: [(String, String)] = []
  ) {
    var head = HeaderList()
    head.append(":status", "\(status)")
    head.append("content-type", "text/plain; charset=utf-8")
    for (name, value) in fields { head.append(name, value) }
    refuse(request, CallAnswer(head: head, body: Array((text + "\n").utf8)))
  }

  /// Refuses a request once it is whole: a malformed body is worth a clearer answer. Who waits to be
  /// asked for the body is told at once.
  private func refuse(_ request: HTTP1Request, _ refusal: CallAnswer) {
    if request.expectsContinue { return answer(exchange, refusal) }
    self.refusal = refusal
  }

  // MARK: From calls

  func run(_ call: ServerCall, _ invocation: @escaping UnaryInvocation) {
    runner.add(call, invocation)
    // A message that was decompressed comes at a time of its own.
    connection.flushSoon()
  }

  // There is one answer at a time.
  func mayAnswer(byteCount: Int) -> Bool { true }
  func compress(byteCount: Int) {}

  func answer(_ stream: Int32, _ answer: consuming CallAnswer) {
    guard stream == exchange else { return }
    let answer = answer
    let body = answer.body
    write { () throws(HTTP1WriteError) in
      try sendHead(answer.head, body.isEmpty ? .none : .length(body.count))
      try machine.sendBody(body.span)
      try machine.sendEnd()
    }
    handleEvents()
  }

  func begin(_ stream: Int32, _ head: HeaderList) {
    guard stream == exchange else { return }
    write { () throws(HTTP1WriteError) in try sendHead(head, .chunked) }
  }

  func send(_ stream: Int32, _ append: (inout [UInt8]) -> Void) -> Bool {
    guard stream == exchange else { return true }
    var bytes: [UInt8] = []
    append(&bytes)
    write { () throws(HTTP1WriteError) in try machine.sendBody(bytes.span) }
    isAnswerFull = isOutputFull || connection.hasUnsentBytes
    return !isAnswerFull
  }

  func finish(_ stream: Int32, _ trailers: HeaderList?) {
    guard stream == exchange else { return }
    write { () throws(HTTP1WriteError) in try machine.sendEnd() }
    handleEvents()
  }

  // Here as well.
  func mayTakeRequest(_ stream: Int32) -> Bool { true }

  func leaveQueue(_ stream: Int32) {}

  func consume(_ stream: Int32, byteCount: Int) {}

  func hold(_ byteCount: Int) -> Bool {
    heldBytes += byteCount
    return heldBytes <= server.limits.heldBytesMax
  }

  // There is one request at a time, whose body is bounded.
  func askForRoom(_ stream: Int32, byteCount: Int) -> Bool { true }
  func giveRoomBack(_ stream: Int32, byteCount: Int, isGranted: Bool) {}

  func callEnded(_ stream: Int32) {
    if stream == exchange { call = nil }
  }

  /// A header that cannot be written is a fault of the service; the peer sees a broken answer.
  private func write(_ body: () throws(HTTP1WriteError) -> Void) {
    do throws(HTTP1WriteError) {
      try body()
    } catch {
      server.observe(.ended(peer: peer.address, reason: "an answer cannot be written: \(error)"))
      machine.abort()
    }
    connection.flushSoon()
  }

  private func sendHead(_ head: HeaderList, _ body: HTTP1Body) throws(HTTP1WriteError) {
    var status = 200
    var fields = HTTP1Fields()
    for (name, value) in head.entries {
      if name == ":status" { status = Int(value) ?? 500 } else { try fields.append(name, value) }
    }
    try machine.sendHead(status, fields, body: body)
  }

  // MARK: Ending

  func drain() {
    machine.closeAfterAnswer()
    connection.flushSoon()
  }

  func check(now: MonotonicTime) -> String? {
    let limits = server.limits
    let limit: Duration
    switch machine.awaits {
    case .nothing:
      waiting = nil
      return nil
    case .request: limit = limits.idleMax
    case .restOfHead, .restOfBody: limit = limits.headersMax
    }
    let wait = Wait(awaited: machine.awaits, progress: progress)
    guard let waiting, waiting.wait == wait else {
      waiting = (wait, now)
      return nil
    }
    return now - waiting.since > limit ? "no whole request within \(limit)" : nil
  }

  func end(_ reason: String) {
    if case .request = machine.awaits { return connection.close() }
    try? machine.refuse(.truncated)
    connection.closeWhenFlushed()
  }
}
