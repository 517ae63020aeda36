import HTTP2
import Platform
import Reactor

/// A server's connection that does with each request as it was told: to misbehave at will.
final class HTTP2Peer: ConnectionHandler {
  /// What is done with a request; bytes that it returns are sent behind all others, as they are.
  typealias Answer = @Sendable (_ peer: HTTP2Peer, _ stream: Int32) -> [UInt8]

  let session: HTTP2Session
  private(set) var connection: Connection?
  private let answer: Answer
  private var rawBytes: [UInt8] = []

  private init(_ answer: @escaping Answer) throws(HTTP2Error) {
    session = try HTTP2Session(role: .server, limits: HTTP2Limits(), now: 0)
    self.answer = answer
  }

  /// The address of a peer that does so with each request on each connection.
  static func listen(
    on group: EventLoopGroup, _ answer: @escaping Answer
  ) async throws -> SocketAddress {
    guard let any = SocketAddress("127.0.0.1", port: 0) else {
      preconditionFailure("the address is one")
    }
    return try await group.listen(on: any) { _ in
      do throws(HTTP2Error) {
        return try HTTP2Peer(answer)
      } catch {
        preconditionFailure("no memory is left for a connection: \(error)")
      }
    }.address
  }

  /// The answer of a gRPC call that succeeds: an empty message, and one header field of that size.
  func succeed(_ stream: Int32, fieldBytes: Int = 1) {
    var head = HeaderList([":status": "200", "content-type": "application/grpc"])
    head.append("field", String(repeating: "a", count: fieldBytes))
    session.submitResponse(
      stream: stream, headers: head, body: [0, 0, 0, 0, 0], end: true,
      trailers: HeaderList(["grpc-status": "0"]))
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    self.connection = connection
    connection.flushSoon()
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    do throws(HTTP2Error) {
      try session.receive(bytes, now: 0)
    } catch {
      connection?.close()
    }
    let events = session.events
    session.clearEvents()
    for case .headersReceived(let stream, _, _) in events { rawBytes += answer(self, stream) }
    connection?.flushSoon()
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    session.produce(into: &output, upTo: byteCountMax)
    session.clearEvents()
    output += rawBytes
    rawBytes = []
  }

  func connectionClosed(_ reason: ConnectionEnd) { connection = nil }
}
