import HTTP2
import Platform
import RPC
import Reactor
import Synchronization

/// One HTTP/2 connection of a client. It lives on its loop, which is what makes it Sendable: only
/// `callCount` is read from elsewhere.
final class ClientConnection: ConnectionHandler, @unchecked Sendable {
  let loop: EventLoop
  /// Calls in flight, for whoever chooses between connections.
  let callCount = Atomic<Int>(0)
  private let options: ClientOptions
  private let writer: RequestWriter
  private var session: HTTP2Session
  private var connection: Connection?
  private var calls: [Int32: ClientCall] = [:]
  private var whenOpen: ((Result<Void, RPCError>) -> Void)?
  private var whenGone: (() -> Void)?
  private var keepaliveTimer: LoopTimer?
  private var lastReceived: MonotonicTime
  private var isPingOutstanding = false
  private(set) var isDraining = false

  /// - Parameters:
  ///   - whenOpen: is told once whether the connection was made.
  ///   - whenGone: is told once that an open connection takes no further call.
  init(
    _ loop: EventLoop, _ options: ClientOptions, authority: String,
    whenOpen: @escaping (Result<Void, RPCError>) -> Void, whenGone: @escaping () -> Void
  ) {
    loop.preconditionIsCurrent()
    self.loop = loop
    self.options = options
    self.whenOpen = whenOpen
    self.whenGone = whenGone
    writer = RequestWriter(authority: authority, usesTLS: options.tls != nil)
    lastReceived = loop.now
    do throws(HTTP2Error) {
      var limits = HTTP2Limits()
      // Answers were asked for: 40 Mbit/s at 50 ms of round trip.
      limits.streamWindowBytes = 256 * 1024
      session = try HTTP2Session(role: .client, limits: limits, now: loop.now.nanoseconds)
    } catch {
      preconditionFailure("no memory is left for a connection: \(error)")
    }
  }

  func connect(to address: SocketAddress, serverName: String?) {
    do throws(SocketError) {
      connection = try loop.connect(
        to: address, tls: options.tls, serverName: serverName, handler: self)
    } catch {
      return tellOpen(.failure(RPCError(.unavailable, error.description)))
    }
    loop.schedule(after: options.connectMax) { [weak self] in
      guard let self, whenOpen != nil else { return }
      tellOpen(
        .failure(
          RPCError(.unavailable, "no connection to \(address) within \(options.connectMax)")))
      connection?.close()
    }
  }

  // MARK: From the connection

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    self.connection = connection
    lastReceived = loop.now
    if options.tls != nil, protocolName != "h2" {
      tellOpen(.failure(RPCError(.unavailable, "the server does not speak HTTP/2 over TLS")))
      return connection.close()
    }
    connection.flushSoon()
    scheduleKeepalive()
    tellOpen(.success(()))
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    lastReceived = loop.now
    if session.endReason != nil { return }
    // What it throws the session remembers, and `closeIfDone` sees.
    try? session.receive(bytes, now: loop.now.nanoseconds)
    handleEvents(bytes)
    if session.wantsWrite { connection?.flushSoon() }
    closeIfDone()
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    session.produce(into: &output, upTo: byteCountMax)
    handleEvents(Span())
    closeIfDone()
  }

  func connectionClosed(_ reason: ConnectionEnd) {
    if let keepaliveTimer { loop.cancel(keepaliveTimer) }
    connection = nil
    tellOpen(.failure(RPCError(.unavailable, "cannot connect: \(reason)")))
    stopTaking()
    let lost = calls
    calls = [:]
    callCount.store(0, ordering: .relaxed)
    for call in lost.values { call.connectionLost(reason) }
  }

  private func tellOpen(_ result: Result<Void, RPCError>) {
    guard let action = whenOpen else { return }
    whenOpen = nil
    // Who was never given the connection does not hear of its end.
    if case .failure = result { whenGone = nil }
    action(result)
  }

  private func stopTaking() {
    isDraining = true
    let action = whenGone
    whenGone = nil
    action?()
  }

  private func closeIfDone() {
    // A session that has ended itself reads no answer any more.
    let isBroken = session.endReason != nil
    if isBroken { stopTaking() }
    if isBroken || (isDraining && calls.isEmpty) { connection?.closeWhenFlushed() }
  }

  // MARK: Events

  private func handleEvents(_ bytes: Span<UInt8>) {
    guard !session.events.isEmpty else { return }
    for event in session.events {
      switch event {
      case .headersReceived(let stream, let block, let endStream):
        calls[stream]?.receiveHead(
          block, { reply in read(block, into: &reply) }, ended: endStream)
      case .dataReceived(let stream, let offset, let count, let endStream):
        let piece = bytes.extracting(offset..<offset + count)
        if let call = calls[stream] {
          call.receive(piece, ended: endStream)
        } else {
          session.consume(stream: stream, byteCount: count)
        }
      case .streamClosed(let stream, let errorCode):
        calls.removeValue(forKey: stream)?.reset(errorCode)
        callCount.store(calls.count, ordering: .relaxed)
      case .streamWritable(let stream): calls[stream]?.becameWritable()
      case .goAwayReceived: stopTaking()
      case .pingAcknowledged: isPingOutstanding = false
      case .settingsReceived: break
      }
    }
    session.clearEvents()
  }

  private func read(_ block: HeaderBlock, into reply: inout ReplyReader) {
    session.forEachField(in: block) { token, name, value in
      switch token {
      case .other, .traceparent, .authorization: reply.takeOther(name, value)
      default: reply.take(token, value)
      }
    }
  }

  // MARK: Calls

  /// Begins a call; a unary one comes with its request.
  func start(
    _ call: ClientCall, _ method: MethodDescriptor, _ options: CallOptions,
    request: [UInt8]?, timeLeft: Duration?
  ) {
    guard let connection, !isDraining else {
      return call.reset(HTTP2ErrorCode.refusedStream)
    }
    let head = writer.head(method, call.form, options, timeLeft: timeLeft)
    let body =
      request.map { RequestWriter.body($0, call.form, compressed: options.usesCompression) } ?? []
    do throws(HTTP2Error) {
      if request != nil { call.requestsWereSent() }
      call.stream = try session.submitRequest(headers: head, body: body, end: request != nil)
    } catch {
      stopTaking()
      return call.reset(HTTP2ErrorCode.refusedStream)
    }
    calls[call.stream] = call
    callCount.store(calls.count, ordering: .relaxed)
    connection.flushSoon()
  }

  func send(_ call: ClientCall, _ bytes: [UInt8]) -> Bool {
    connection?.flushSoon()
    return session.send(stream: call.stream, bytes.span)
  }

  func finish(_ call: ClientCall) {
    session.end(stream: call.stream)
    connection?.flushSoon()
  }

  func reset(_ call: ClientCall) {
    guard call.stream != 0 else { return }
    session.reset(stream: call.stream, errorCode: HTTP2ErrorCode.cancel)
    connection?.flushSoon()
  }

  func consume(_ call: ClientCall, byteCount: Int) {
    guard call.stream != 0 else { return }
    session.consume(stream: call.stream, byteCount: byteCount)
    if session.wantsWrite { connection?.flushSoon() }
  }

  /// Takes no further call, and closes when those in flight have ended.
  func drain() {
    stopTaking()
    closeIfDone()
  }

  // MARK: Keepalive

  private func scheduleKeepalive() {
    keepaliveTimer = loop.schedule(after: options.keepaliveInterval) { [weak self] in
      self?.checkAlive()
    }
  }

  private func checkAlive() {
    guard let connection else { return }
    let isSilent = loop.now - lastReceived >= options.keepaliveInterval
    if isSilent, isPingOutstanding {
      // A second interval without a byte: nobody is there.
      return connection.close()
    }
    if isSilent, !calls.isEmpty {
      isPingOutstanding = true
      session.ping(1)
      connection.flushSoon()
    }
    scheduleKeepalive()
  }
}
