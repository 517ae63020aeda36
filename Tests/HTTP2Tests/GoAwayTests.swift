import HTTP2
import Testing

@Suite struct GoAwayTests {
  @Test func `a notice and then a GOAWAY lose no call`() throws {
    let (client, server) = try connectedPair()
    let first = try client.session.submitRequest(headers: requestHeaders, end: true)
    client.talk(to: server)
    // This one is on its way when the notice leaves.
    let second = try client.session.submitRequest(headers: requestHeaders, end: true)
    let crossing = client.produce()
    (client.log, server.log) = ([], [])

    server.session.shutdownNotice()
    client.receive(server.produce())
    #expect(client.takeLog() == ["goaway \(Int32.max) 0"])
    #expect(throws: HTTP2Error.sessionEnding) {
      try client.session.submitRequest(headers: requestHeaders, end: true)
    }

    server.receive(crossing)
    server.session.goAway()
    client.receive(server.produce())
    #expect(client.takeLog() == ["goaway \(second) 0"])
    for stream in [first, second] {
      server.session.submitResponse(stream: stream, headers: okHeaders, end: true)
    }
    client.talk(to: server)
    #expect(
      client.takeLog() == [
        "1 response :status=200 END", "1 closed 0", "3 response :status=200 END", "3 closed 0",
      ])
    #expect(server.session.endReason == nil && client.session.endReason == nil)
  }

  @Test func `streams above the last one are refused and can be sent again`() throws {
    let (client, server) = try connectedPair()
    _ = try client.session.submitRequest(headers: requestHeaders, end: false)
    client.talk(to: server)
    client.log = []
    _ = try client.session.submitRequest(headers: requestHeaders, end: false)
    let crossing = client.produce()
    server.session.goAway()
    client.receive(server.produce())
    #expect(client.takeLog().contains("3 closed \(HTTP2ErrorCode.refusedStream)"))
    server.log = []
    server.receive(crossing)
    #expect(server.takeLog().isEmpty)
    #expect(server.session.endReason == nil)
  }

  @Test func `a stream that comes before the GOAWAY has left is refused`() throws {
    let (client, server) = try connectedPair()
    _ = try client.session.submitRequest(headers: requestHeaders, end: false)
    client.talk(to: server)
    (client.log, server.log) = ([], [])
    _ = try client.session.submitRequest(headers: requestHeaders, end: false)
    let crossing = client.produce()
    server.session.goAway()
    server.receive(crossing)
    #expect(server.takeLog().isEmpty)
    client.receive(server.produce())
    #expect(client.takeLog().contains("3 closed \(HTTP2ErrorCode.refusedStream)"))
    #expect(server.session.openStreamCount == 1)
  }

  @Test func `a request that waits for a place is refused by a GOAWAY`() throws {
    let (client, server) = try connectedPair { $0.concurrentStreamsMax = 1 }
    #expect(client.session.peerConcurrentStreamsMax == 1)
    _ = try client.session.submitRequest(headers: requestHeaders, end: true)
    _ = try client.session.submitRequest(headers: requestHeaders, end: true)
    client.talk(to: server)
    client.log = []
    server.session.goAway()
    server.session.submitResponse(stream: 1, headers: okHeaders, end: true)
    client.talk(to: server)
    #expect(
      client.takeLog() == [
        "goaway 1 0", "1 response :status=200 END", "1 closed 0",
        "3 closed \(HTTP2ErrorCode.refusedStream)",
      ])
  }

  @Test func `after terminate nothing is read or written`() throws {
    let (client, server) = try connectedPair()
    server.session.terminate(errorCode: HTTP2ErrorCode.enhanceYourCalm)
    let goAway = server.produceFrames().first
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
    client.session.ping(1)
    server.receive(client.produce())
    #expect(server.produce().isEmpty)
  }
}
