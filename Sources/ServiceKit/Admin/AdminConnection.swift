import HTTP1
import Platform
import Reactor

/// One connection to the admin port: GET and HEAD over HTTP/1.1, one after the other. On its loop.
final class AdminConnection: ConnectionHandler {
  private let answer: @Sendable (String) -> AdminAnswer
  private var machine: HTTP1Connection
  private var connection: Connection?
  private var timer: LoopTimer?
  private var request: HTTP1Request?

  /// How long a connection may be there without an answer: longer than scrapers pause.
  private static let quietMax: Duration = .seconds(75)

  init(_ answer: @escaping @Sendable (String) -> AdminAnswer) {
    self.answer = answer
    var limits = HTTP1Limits()
    // Nobody has anything to send here.
    limits.bodyBytesMax = 0
    machine = HTTP1Connection(limits: limits)
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    self.connection = connection
    restartTimer()
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    guard machine.wantsInput else {
      connection?.close()
      return
    }
    machine.receive(bytes)
    handleEvents()
    connection?.flushSoon()
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    if machine.outputBytes > 0 {
      output += machine.takeOutput()
    } else {
      handleEvents()
      if machine.outputBytes > 0 { output += machine.takeOutput() }
    }
    if machine.shouldClose { connection?.closeWhenFlushed() }
  }

  func connectionClosed(_ reason: ConnectionEnd) {
    if let timer, let connection { connection.loop.cancel(timer) }
    connection = nil
  }

  /// One answer waits at a time: who asks often and reads nothing waits.
  private func handleEvents() {
    while machine.outputBytes == 0, connection?.hasUnsentBytes == false,
      let event = machine.nextEvent()
    {
      switch event {
      case .requestReceived(let request): self.request = request
      case .bodyReceived: break
      case .requestEnded: if let request { send(reply(to: request)) }
      case .failed(let error): try? machine.refuse(error)
      }
    }
    connection?.pauseReading(!machine.wantsInput)
  }

  private func reply(to request: HTTP1Request) -> AdminAnswer {
    guard request.method == "GET" || request.method == "HEAD" else {
      return .text(405, "\(request.method): use GET")
    }
    return answer(String(request.target.prefix { $0 != "?" }))
  }

  private func send(_ answer: AdminAnswer) {
    request = nil
    restartTimer()
    let bytes = Array(answer.body.utf8)
    do throws(HTTP1WriteError) {
      var fields = HTTP1Fields()
      try fields.append("content-type", answer.contentType)
      try fields.append("cache-control", "no-store")
      if answer.status == 405 { try fields.append("allow", "GET, HEAD") }
      try machine.sendHead(answer.status, fields, body: .length(bytes.count))
      try machine.sendBody(bytes.span)
      try machine.sendEnd()
    } catch {
      machine.abort()
    }
  }

  private func restartTimer() {
    guard let connection else { return }
    if let timer { connection.loop.cancel(timer) }
    timer = connection.loop.schedule(after: Self.quietMax) { [weak self] in
      self?.connection?.close()
    }
  }
}
