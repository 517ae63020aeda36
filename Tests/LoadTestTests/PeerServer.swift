import HTTP2
import Platform
import Reactor

/// A server of gRPC that does what the called method's name says, good or bad.
final class PeerServer: ConnectionHandler {
  private let loop: EventLoop
  private var connection: Connection?
  private var session: HTTP2Session?
  private var paths: [Int32: String] = [:]
  private var bodies: [Int32: [UInt8]] = [:]

  init(_ loop: EventLoop) { self.loop = loop }

  /// Listens on a free port of this machine.
  static func listen(_ group: EventLoopGroup) async throws -> SocketAddress {
    guard let address = SocketAddress("127.0.0.1", port: 0) else { throw CancellationError() }
    return try await group.listen(on: address) { PeerServer($0) }.address
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    self.connection = connection
    session = try? HTTP2Session(role: .server, now: loop.now.nanoseconds)
    connection.flushSoon()
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    guard let session else { return }
    guard (try? session.receive(bytes, now: loop.now.nanoseconds)) != nil else {
      connection?.close()
      return
    }
    let events = session.events
    for event in events {
      switch event {
      case .headersReceived(let stream, let block, let endStream):
        session.forEachField(in: block) { token, _, text in
          guard token == .path else { return }
          paths[stream] = text.indices.reduce(into: "") {
            $0.unicodeScalars.append(Unicode.Scalar(text[$1]))
          }
        }
        if endStream { answer(stream, session) }
      case .dataReceived(let stream, let offset, let count, let endStream):
        for index in offset..<offset + count { bodies[stream, default: []].append(bytes[index]) }
        session.consume(stream: stream, byteCount: count)
        if endStream { answer(stream, session) }
      case .streamClosed(let stream, _): session.handlerEnded(stream: stream)
      default: break
      }
    }
    session.clearEvents()
    connection?.flushSoon()
  }

  private func answer(_ stream: Int32, _ session: HTTP2Session) {
    let path = paths.removeValue(forKey: stream) ?? ""
    let body = bodies.removeValue(forKey: stream) ?? []
    let head = HeaderList([":status": "200", "content-type": "application/grpc"])
    switch path.split(separator: "/").last {
    case "Echo":
      session.submitResponse(
        stream: stream, headers: head, body: body, end: true,
        trailers: HeaderList(["grpc-status": "0"]))
    case "Refuse":
      session.submitResponse(
        stream: stream,
        headers: HeaderList([
          ":status": "200", "content-type": "application/grpc", "grpc-status": "7",
          "grpc-message": "not today",
        ]), end: true)
    case "NotHTTP":
      session.submitResponse(stream: stream, headers: HeaderList([":status": "404"]), end: true)
    case "Reset": session.reset(stream: stream, errorCode: HTTP2ErrorCode.enhanceYourCalm)
    case "HangUp": connection?.close()
    // "Silence": there is no answer.
    default: break
    }
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    session?.produce(into: &output, upTo: byteCountMax)
  }

  func connectionClosed(_ reason: ConnectionEnd) { session = nil }
}
