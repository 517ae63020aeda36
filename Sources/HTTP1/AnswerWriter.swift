/// Writes answers, one after the other, in the form that the peer of each understands.
struct AnswerWriter {
  private enum State {
    case noRequest
    case awaitingHead
    case length(Int)
    case chunked
    /// An HTTP/1.0 peer: the end of the connection is the end of the body.
    case untilClose
    /// An answer to HEAD, or with status 204 or 304, whatever the handler sends.
    case withoutBody
  }

  private(set) var output: [UInt8] = []
  private var state = State.noRequest
  private var version = HTTP1Version.http11
  private var isHead = false

  var isAnswering: Bool { if case .noRequest = state { false } else { true } }
  var canSendHead: Bool { if case .awaitingHead = state { true } else { false } }

  mutating func begin(_ request: HTTP1Request) {
    state = .awaitingHead
    version = request.version
    isHead = request.method == "HEAD"
  }

  mutating func takeOutput() -> [UInt8] {
    let taken = output
    output = []
    return taken
  }

  mutating func sendContinue() {
    output.append(contentsOf: "HTTP/1.1 100 Continue\r\n\r\n".utf8)
  }

  /// - Returns: whether the connection can be kept.
  mutating func sendHead(
    _ status: Int, _ fields: HTTP1Fields, _ body: HTTP1Body, keepAlive: Bool
  ) throws(HTTP1WriteError) -> Bool {
    switch state {
    case .noRequest: throw .noRequest
    case .awaitingHead: break
    default: throw .headAlreadySent
    }
    guard (200...599).contains(status) else { throw .invalidStatus }
    try Self.checkReserved(fields)
    if status == 204, body != .none { throw .bodyNotAllowed }
    if case .length(let count) = body { precondition(count >= 0, "a length is not negative") }
    let hasBody = !isHead && status != 204 && status != 304
    let endsByClose = hasBody && body == .chunked && version == .http10
    let keepAlive = keepAlive && !endsByClose
    writeStatusLine(status)
    fields.write(to: &output)
    switch body {
    case .none where hasBody: output.append(contentsOf: "content-length: 0\r\n".utf8)
    case .length(let count): output.append(contentsOf: "content-length: \(count)\r\n".utf8)
    case .chunked where hasBody && !endsByClose:
      output.append(contentsOf: "transfer-encoding: chunked\r\n".utf8)
    default: break
    }
    if !keepAlive {
      output.append(contentsOf: "connection: close\r\n".utf8)
    } else if version == .http10 {
      output.append(contentsOf: "connection: keep-alive\r\n".utf8)
    }
    output.append(contentsOf: "\r\n".utf8)
    state =
      switch body {
      case _ where !hasBody: .withoutBody
      case .none: .length(0)
      case .length(let count): .length(count)
      case .chunked: endsByClose ? .untilClose : .chunked
      }
    return keepAlive
  }

  mutating func sendBody(_ bytes: Span<UInt8>) throws(HTTP1WriteError) {
    switch state {
    case .noRequest: throw .noRequest
    case .awaitingHead: throw .headNotSent
    case .withoutBody: break
    case .length(let remaining):
      if bytes.count > remaining { throw .bodyTooLong }
      output.append(bytes)
      state = .length(remaining - bytes.count)
    case .chunked:
      // A chunk without bytes would end the body.
      if bytes.count == 0 { return }
      output.append(contentsOf: String(bytes.count, radix: 16).utf8)
      output.append(contentsOf: "\r\n".utf8)
      output.append(bytes)
      output.append(contentsOf: "\r\n".utf8)
    case .untilClose: output.append(bytes)
    }
  }

  mutating func sendEnd(_ trailers: HTTP1Fields) throws(HTTP1WriteError) {
    try Self.checkReserved(trailers)
    switch state {
    case .noRequest: throw .noRequest
    case .awaitingHead: throw .headNotSent
    case .length(let remaining):
      if remaining > 0 { throw .bodyTooShort }
      if !trailers.isEmpty { throw .trailersNotAllowed }
    case .chunked:
      output.append(contentsOf: "0\r\n".utf8)
      trailers.write(to: &output)
      output.append(contentsOf: "\r\n".utf8)
    case .untilClose, .withoutBody: break
    }
    state = .noRequest
  }

  /// A whole answer of its own, after which the connection closes.
  mutating func refuse(_ error: HTTP1Error, _ fields: HTTP1Fields) throws(HTTP1WriteError) {
    try Self.checkReserved(fields)
    let text = "\(error.status) \(StatusReason.text(error.status)): \(error.description)\n"
    writeStatusLine(error.status)
    fields.write(to: &output)
    output.append(contentsOf: "content-type: text/plain\r\n".utf8)
    output.append(contentsOf: "content-length: \(text.utf8.count)\r\n".utf8)
    output.append(contentsOf: "connection: close\r\n\r\n".utf8)
    if !(canSendHead && isHead) { output.append(contentsOf: text.utf8) }
    state = .noRequest
  }

  mutating func abort() { state = .noRequest }

  private mutating func writeStatusLine(_ status: Int) {
    output.append(contentsOf: "HTTP/1.1 \(status) \(StatusReason.text(status))\r\n".utf8)
  }

  private static func checkReserved(_ fields: HTTP1Fields) throws(HTTP1WriteError) {
    for name in [
      "connection", "content-length", "keep-alive", "transfer-encoding", "trailer", "upgrade",
    ] where fields.firstPosition(of: name) != nil {
      throw .reservedField
    }
  }
}
