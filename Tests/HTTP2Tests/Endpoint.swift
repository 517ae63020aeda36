import HTTP2

/// A session and what it has told, one line an event.
final class Endpoint {
  let session: HTTP2Session
  var log: [String] = []
  var now: Int64 = 0
  /// Whether content counts as read as soon as it is there.
  var consumes = true
  /// Content received and not yet consumed.
  var unread = 0
  var outputMax = 1 << 20

  init(
    _ role: HTTP2Session.Role, memory: SessionMemory = SessionMemory(),
    _ change: (inout HTTP2Limits) -> Void = { _ in }
  ) throws {
    var limits = HTTP2Limits()
    change(&limits)
    session = try HTTP2Session(role: role, limits: limits, now: 0, memory: memory)
  }

  /// What happened since the last call.
  func takeLog() -> [String] {
    defer { log = [] }
    return log
  }

  func receive(_ bytes: [UInt8]) {
    do throws(HTTP2Error) {
      try session.receive(bytes.span, now: now)
    } catch {
      log.append("ended: \(error)")
    }
    takeEvents(bytes)
  }

  func receive(_ frames: Frame...) { receive(frames.flatMap(\.bytes)) }

  /// Everything that the session wants to send.
  func produce() -> [UInt8] {
    var output: [UInt8] = []
    // Bounded: a session that never stops wanting to write must fail a test, not hang it.
    for _ in 0..<1_000 where session.wantsWrite {
      session.produce(into: &output, upTo: outputMax)
      takeEvents([])
    }
    return output
  }

  func produceFrames() -> [Frame] { Frame.all(in: produce()) }

  /// Exchanges bytes with another session until both are quiet.
  func talk(to other: Endpoint) {
    for _ in 0..<100 {
      let mine = produce()
      if !mine.isEmpty { other.receive(mine) }
      let theirs = other.produce()
      if !theirs.isEmpty { receive(theirs) }
      if mine.isEmpty && theirs.isEmpty { return }
    }
  }

  private func takeEvents(_ bytes: [UInt8]) {
    for event in session.events {
      switch event {
      case .headersReceived(let stream, let block, let endStream):
        var line = "\(stream) \(block.kind)"
        if block.isTooLarge {
          line += " too large"
        } else {
          for field in text(block) { line += " \(field)" }
        }
        log.append(line + (endStream ? " END" : ""))
      case .dataReceived(let stream, let offset, let count, let endStream):
        if consumes {
          session.consume(stream: stream, byteCount: count)
        } else {
          unread += count
        }
        let content = bytes[offset..<offset + count]
        let text = count > 20 ? "\(count) bytes" : String(decoding: content, as: UTF8.self)
        log.append("\(stream) data '\(text)'" + (endStream ? " END" : ""))
      case .streamClosed(let stream, let code):
        log.append("\(stream) closed \(code)")
        session.handlerEnded(stream: stream)
      case .streamWritable(let stream): log.append("\(stream) writable")
      case .goAwayReceived(let last, let code): log.append("goaway \(last) \(code)")
      case .settingsReceived: log.append("settings")
      case .pingAcknowledged(let value): log.append("pong \(value)")
      }
    }
    session.clearEvents()
  }

  private func text(_ block: HeaderBlock) -> [String] {
    var fields: [String] = []
    session.forEachField(in: block) { _, name, value in
      fields.append("\(String(copying: name))=\(String(copying: value))")
    }
    return fields
  }
}

extension String {
  init(copying bytes: Span<UInt8>) {
    self = unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }
}

/// A client and a server that know each other's settings.
func connectedPair(
  _ change: (inout HTTP2Limits) -> Void = { _ in }
) throws -> (client: Endpoint, server: Endpoint) {
  let client = try Endpoint(.client, change)
  let server = try Endpoint(.server, change)
  client.talk(to: server)
  client.log = []
  server.log = []
  return (client, server)
}

/// A server that has read the preface and the SETTINGS of a peer of raw frames.
func rawServer(_ change: (inout HTTP2Limits) -> Void = { _ in }) throws -> Endpoint {
  let server = try Endpoint(.server, change)
  server.receive(Frame.preface + Frame.settings().bytes)
  _ = server.produce()
  server.log = []
  return server
}

let requestHeaders = HeaderList([
  ":method": "POST", ":scheme": "http", ":path": "/a", ":authority": "h",
])
let okHeaders = HeaderList([":status": "200"])
