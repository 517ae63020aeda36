import HTTP2
import Testing

@Suite struct CallTests {
  private let request = ":method=POST :scheme=http :path=/a :authority=h"

  private func trailers() -> HeaderList { HeaderList(["grpc-status": "0"]) }

  @Test func `a request and its response carry content and trailers`() throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(
      headers: requestHeaders, body: Array("hello".utf8), end: true, trailers: trailers())
    client.talk(to: server)
    #expect(
      server.takeLog() == [
        "1 request \(request)", "1 data 'hello'", "1 trailers grpc-status=0 END",
      ])
    server.session.submitResponse(
      stream: stream, headers: okHeaders, body: Array("world".utf8), end: true,
      trailers: trailers())
    client.talk(to: server)
    #expect(
      client.takeLog() == [
        "1 response :status=200", "1 data 'world'", "1 trailers grpc-status=0 END", "1 closed 0",
      ])
    #expect(server.takeLog() == ["1 closed 0"])
    #expect(client.session.openStreamCount == 0 && server.session.openStreamCount == 0)
  }

  @Test func `without content the header ends the stream`() throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(headers: requestHeaders, end: true)
    client.talk(to: server)
    #expect(server.takeLog() == ["1 request \(request) END"])
    server.session.submitResponse(stream: stream, headers: okHeaders, end: true)
    client.talk(to: server)
    #expect(client.takeLog() == ["1 response :status=200 END", "1 closed 0"])
  }

  @Test func `content that comes later ends when it is ended`() throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(headers: requestHeaders, end: false)
    client.talk(to: server)
    #expect(server.takeLog() == ["1 request \(request)"])
    client.session.send(stream: stream, Array("a".utf8).span)
    client.talk(to: server)
    client.session.send(stream: stream, Array("b".utf8).span)
    client.session.end(stream: stream)
    client.session.send(stream: stream, Array("dropped".utf8).span)
    client.talk(to: server)
    #expect(server.takeLog() == ["1 data 'a'", "1 data 'b' END"])
  }

  @Test func `an end without content is told`() throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(headers: requestHeaders, end: false)
    client.talk(to: server)
    client.session.end(stream: stream)
    client.talk(to: server)
    #expect(server.takeLog() == ["1 request \(request)", "1 data '' END"])
  }

  @Test func `an interim response comes before the final one`() throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(headers: requestHeaders, end: true)
    client.talk(to: server)
    server.session.submitInterimResponse(
      stream: stream, headers: HeaderList([":status": "103", "link": "x"]))
    server.session.submitResponse(stream: stream, headers: okHeaders, end: true)
    client.talk(to: server)
    #expect(
      client.takeLog() == [
        "1 interimResponse :status=103 link=x", "1 response :status=200 END", "1 closed 0",
      ])
  }

  @Test(arguments: [false, true])
  func `an answer with too much header to send resets its stream`(_ isTrailer: Bool) throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(headers: requestHeaders, end: true)
    client.talk(to: server)
    var headers = okHeaders
    var trailers = HeaderList()
    let large = String(repeating: "~", count: 70_000)
    if isTrailer { trailers.append("large", large) } else { headers.append("large", large) }
    server.session.submitResponse(
      stream: stream, headers: headers, end: true, trailers: isTrailer ? trailers : nil)
    client.talk(to: server)
    #expect(client.takeLog().last == "1 closed \(HTTP2ErrorCode.internalError)")
    #expect(server.session.openStreamCount == 0 && server.session.endReason == nil)
  }

  @Test func `either side may reset`() throws {
    let (client, server) = try connectedPair()
    let first = try client.session.submitRequest(headers: requestHeaders, end: false)
    let second = try client.session.submitRequest(headers: requestHeaders, end: false)
    client.talk(to: server)
    (client.log, server.log) = ([], [])
    client.session.reset(stream: first, errorCode: HTTP2ErrorCode.cancel)
    server.session.reset(stream: second, errorCode: HTTP2ErrorCode.refusedStream)
    client.talk(to: server)
    #expect(Set(client.takeLog()) == ["1 closed 8", "3 closed 7"])
    #expect(Set(server.takeLog()) == ["1 closed 8", "3 closed 7"])
    #expect(client.session.queuedByteCount == 0 && server.session.queuedByteCount == 0)
  }

  @Test func `terminating says the code and is no fault of the peer`() throws {
    let (client, server) = try connectedPair()
    server.session.terminate(errorCode: HTTP2ErrorCode.internalError)
    server.talk(to: client)
    #expect(client.takeLog() == ["goaway 0 2"])
    #expect(server.session.endReason == nil)
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
  }

  @Test func `a ping comes back`() throws {
    let (client, server) = try connectedPair()
    client.session.ping(0x0102_0304_0506_0708)
    client.talk(to: server)
    #expect(client.takeLog() == ["pong \(0x0102_0304_0506_0708)"])
  }

  /// A cancelled request whose handler still runs takes a place among those that may be open.
  @Test func `a closed stream counts until its handler ends`() throws {
    let server = try rawServer { $0.concurrentStreamsMax = 1 }
    server.receive(.headers(1, flags: Frame.endHeaders))
    try server.session.receive(Frame.reset(1).bytes.span, now: 0)
    server.session.clearEvents()
    #expect(server.session.openStreamCount == 1)
    server.receive(.headers(3))
    #expect(server.produceFrames().map(\.errorCode) == [HTTP2ErrorCode.refusedStream])
    server.session.handlerEnded(stream: 1)
    server.log = []
    server.receive(.headers(5))
    #expect(server.takeLog() == ["5 request :method=POST :scheme=http :path=/ :authority=a END"])
  }
}
