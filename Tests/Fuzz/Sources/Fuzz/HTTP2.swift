import HTTP2

/// The bytes of memory that the process holds, as AddressSanitizer counts them.
@_silgen_name("__sanitizer_get_current_allocated_bytes")
private func allocatedBytes() -> Int

/// Narrow, so that short inputs reach every edge.
private let limits: HTTP2Limits = {
  var limits = HTTP2Limits()
  limits.concurrentStreamsMax = 4
  limits.headerListBytesMax = 200
  limits.headerListBytesEnd = 600
  limits.streamWindowBytes = 512
  limits.resetsMax = 4
  limits.glitchesMax = 4
  limits.continuationsMax = 2
  limits.prioritiesPerStreamMax = 4
  limits.windowUpdatesPerDataMax = 2
  limits.windowUpdatesBase = 4
  limits.controlFramesMax = 20
  limits.outboundAcknowledgementsMax = 10
  limits.outputHighWaterBytes = 100
  limits.outputLowWaterBytes = 50
  return limits
}()

private let answer = HeaderList([":status": "200", "a": "b"])
private let trailers = HeaderList(["c": "d"])
private let request = HeaderList([
  ":method": "POST", ":scheme": "http", ":path": "/a", ":authority": "h",
])

/// Bytes from a peer, to a server or to a client that has made requests, as the first byte says: the
/// same is understood however they are split, and what a session keeps and sends stays in bounds.
func examineFrames(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let isServer = first & 1 == 0
  let isPrefaced = isServer && first & 2 == 0
  let preface = isPrefaced ? Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) : []
  let input = preface + bytes.dropFirst()
  let whole = understand(input, isServer: isServer, piecesMax: 0)
  for piecesMax in [1, 24] {
    let split = understand(input, isServer: isServer, piecesMax: piecesMax)
    require(split == whole, "split bytes are understood otherwise: \(split), not \(whole)")
  }
  let before = allocatedBytes()
  converse(input, isServer: isServer)
  let kept = allocatedBytes() - before
  // What the library and the runtime make once.
  require(kept < 64 << 10, "a session that is over has left \(kept) bytes")
}

private func makeSession(_ isServer: Bool, _ limits: HTTP2Limits) -> HTTP2Session {
  do {
    let session = try HTTP2Session(role: isServer ? .server : .client, limits: limits, now: 0)
    if !isServer {
      _ = try session.submitRequest(headers: request, end: true)
      _ = try session.submitRequest(headers: request, body: [1, 2, 3], end: false)
      _ = try session.submitRequest(
        headers: request, body: [UInt8](repeating: 4, count: 200), end: true, trailers: trailers)
      var output: [UInt8] = []
      session.produce(into: &output, upTo: 1 << 20)
      session.clearEvents()
    }
    return session
  } catch {
    fatalError("broken: no session: \(error)")
  }
}

// MARK: Understanding

/// What a session has told of a peer that is not answered, the pieces of content joined.
private struct Heard: Equatable {
  struct Event: Equatable {
    var stream: Int32
    var name: String
    var bytes: [UInt8] = []
    var ended = false
  }

  var events: [Event] = []
  var end: HTTP2Error?

  mutating func take(_ event: HTTP2Event, of session: HTTP2Session, _ input: [UInt8]) {
    switch event {
    case .headersReceived(let stream, let block, let ended):
      var fields: [UInt8] = []
      session.forEachField(in: block) { _, name, value in
        for text in [Array(copying: name), Array(copying: value)] { fields += text + [0] }
      }
      events.append(
        Event(
          stream: stream, name: "\(block.kind) \(block.isTooLarge)", bytes: fields, ended: ended))
    case .dataReceived(let stream, let offset, let count, let ended):
      let content = input[offset..<offset + count]
      if let last = events.last, last.stream == stream, last.name == "data", !last.ended {
        events[events.count - 1].bytes += content
        events[events.count - 1].ended = ended
      } else {
        events.append(Event(stream: stream, name: "data", bytes: Array(content), ended: ended))
      }
    case .streamClosed(let stream, let code):
      events.append(Event(stream: stream, name: "closed \(code)"))
    default: events.append(Event(stream: 0, name: "\(event)"))
    }
  }
}

private func understand(_ input: [UInt8], isServer: Bool, piecesMax: Int) -> Heard {
  let session = makeSession(isServer, limits)
  var heard = Heard()
  for piece in pieces(of: input[...], byteCountMax: piecesMax) where heard.end == nil {
    do throws(HTTP2Error) {
      try session.receive(piece.span, now: 0)
    } catch {
      heard.end = error
    }
    for event in session.events { heard.take(event, of: session, piece) }
    session.clearEvents()
  }
  // Without streams the library ignores what is read after a GOAWAY, but not what came in one read.
  if let index = heard.events.firstIndex(where: { $0.name.hasPrefix("goAway") }) {
    heard.events.removeSubrange((index + 1)...)
    heard.end = nil
  }
  return heard
}

// MARK: Conversing

/// Answers each request, in one of several ways, sends and reads on; as a transport does.
private func converse(_ input: [UInt8], isServer: Bool) {
  var limits = limits
  limits.pendingHeaderBytesMax = 1000
  let session = makeSession(isServer, limits)
  var conversation = Conversation()
  var now: Int64 = 0
  let before = allocatedBytes()
  for piece in pieces(of: input[...], byteCountMax: 40) {
    now += 1_000_000
    do throws(HTTP2Error) {
      try session.receive(piece.span, now: now)
    } catch {
      require(session.endReason == error, "ended by \(error), not \(session.endReason as Any)")
    }
    conversation.takeEvents(of: session, piece)
    require(
      session.openStreamCount <= (isServer ? limits.concurrentStreamsMax : 3),
      "\(session.openStreamCount) streams are open")
    // Not always: answers wait then.
    if piece.count % 3 > 0 { conversation.produce(session) }
    if session.endReason != nil { break }
  }
  conversation.produce(session)
  let grown = allocatedBytes() - before
  require(grown <= 128 << 10 + 16 * input.count, "\(input.count) bytes became \(grown)")
  let sent = conversation.sentBytes
  require(
    sent <= 4096 + 8 * input.count + conversation.answeredBytes,
    "\(input.count) bytes were answered with \(sent)")
}

/// What is known of the streams of a session.
private struct Conversation {
  private var begun: Set<Int32> = []
  private var closed: Set<Int32> = []
  private var requestCount = 0
  private(set) var sentBytes = 0
  private(set) var answeredBytes = 0

  mutating func produce(_ session: HTTP2Session) {
    var turns = 0
    while session.wantsWrite {
      var output: [UInt8] = []
      session.produce(into: &output, upTo: 1000)
      sentBytes += output.count
      takeEvents(of: session, [])
      turns += 1
      require(turns < 1000, "the session never stops writing")
    }
  }

  mutating func takeEvents(of session: HTTP2Session, _ input: [UInt8]) {
    let events = session.events
    for event in events {
      switch event {
      case .headersReceived(let stream, let block, _):
        require(!closed.contains(stream), "headers of the closed stream \(stream)")
        if block.kind == .request {
          require(begun.insert(stream).inserted, "two requests on stream \(stream)")
          answer(stream, session)
        }
      case .dataReceived(let stream, let offset, let count, _):
        require(!closed.contains(stream), "content of the closed stream \(stream)")
        require(offset >= 0 && offset + count <= input.count, "content outside of the input")
        // Not all of it: windows close.
        if count % 4 > 0 { session.consume(stream: stream, byteCount: count) }
      case .streamClosed(let stream, _):
        require(closed.insert(stream).inserted, "stream \(stream) is closed twice")
        session.handlerEnded(stream: stream)
      case .streamWritable(let stream): session.end(stream: stream)
      case .goAwayReceived, .settingsReceived, .pingAcknowledged: break
      }
    }
    session.clearEvents()
  }

  private mutating func answer(_ stream: Int32, _ session: HTTP2Session) {
    requestCount += 1
    answeredBytes += 500
    let body = [UInt8](repeating: 7, count: 150)
    switch requestCount % 5 {
    case 0: session.submitResponse(stream: stream, headers: Fuzz.answer, end: true)
    case 1:
      session.submitResponse(
        stream: stream, headers: Fuzz.answer, body: body, end: true, trailers: trailers)
      session.handlerEnded(stream: stream)
    case 2:
      session.submitResponse(stream: stream, headers: Fuzz.answer, end: false)
      if session.send(stream: stream, body.span) { session.end(stream: stream) }
    case 3: session.reset(stream: stream, errorCode: HTTP2ErrorCode.cancel)
    default: session.submitInterimResponse(stream: stream, headers: HeaderList([":status": "103"]))
    }
  }
}

extension Array<UInt8> {
  fileprivate init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
