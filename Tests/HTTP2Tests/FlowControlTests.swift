import HTTP2
import Testing

@Suite struct FlowControlTests {
  @Test func `a reader that does not consume stops the writer at its window`() throws {
    let (client, server) = try connectedPair {
      $0.streamWindowBytes = 100_000
      $0.outputHighWaterBytes = 1 << 20
    }
    server.consumes = false
    let stream = try client.session.submitRequest(
      headers: requestHeaders, body: Array(repeating: 0x61, count: 250_000), end: true)
    client.talk(to: server)
    #expect(server.unread == 100_000)
    #expect(client.session.queuedByteCount == 150_000)
    #expect(!client.session.wantsWrite)

    server.session.consume(stream: stream, byteCount: 100_000)
    client.talk(to: server)
    #expect(server.unread == 200_000)
    server.session.consume(stream: stream, byteCount: 100_000)
    client.talk(to: server)
    #expect(server.unread == 250_000)
    #expect(client.session.queuedByteCount == 0)
    #expect(server.takeLog().last?.hasSuffix("END") == true)
  }

  @Test func `the window of the connection bounds what is under way`() throws {
    let (client, server) = try connectedPair {
      $0.streamWindowBytes = 100_000
      $0.connectionWindowBytes = 150_000
    }
    for _ in 0..<3 {
      _ = try client.session.submitRequest(
        headers: requestHeaders, body: Array(repeating: 0x61, count: 100_000), end: true)
    }
    _ = client.produce()
    #expect(client.session.queuedByteCount == 150_000)
    _ = server
  }

  @Test func `streams that nobody reads block no other`() throws {
    let (client, server) = try connectedPair {
      $0.streamWindowBytes = 100_000
      $0.connectionWindowBytes = 150_000
    }
    server.consumes = false
    for _ in 0..<5 {
      _ = try client.session.submitRequest(
        headers: requestHeaders, body: Array(repeating: 0x61, count: 100_000), end: true)
    }
    client.talk(to: server)
    #expect(server.unread == 500_000)
  }

  @Test func `a full queue says so and tells when it has room`() throws {
    let (client, server) = try connectedPair { $0.streamWindowBytes = 100_000 }
    server.consumes = false
    let stream = try client.session.submitRequest(headers: requestHeaders, end: false)
    client.talk(to: server)
    client.log = []
    let one: [UInt8] = [0x61]
    let piece = [UInt8](repeating: 0x61, count: 65_536)
    let fits = client.session.send(stream: stream, piece.span)
    let isOver = client.session.send(stream: stream, one.span)
    #expect(fits && !isOver)
    #expect(client.takeLog().isEmpty)
    client.talk(to: server)
    #expect(client.takeLog() == ["1 writable"])
    let hasRoom = client.session.send(stream: stream, one.span)
    #expect(hasRoom)
  }

  @Test func `content that no window lets out is found when it has stood still`() throws {
    let (client, server) = try connectedPair { $0.streamWindowBytes = 10 }
    client.consumes = false
    let requests = try (0..<2).map { _ in
      try client.session.submitRequest(headers: requestHeaders, end: true)
    }
    client.talk(to: server)
    for stream in requests {
      server.session.submitResponse(
        stream: stream, headers: okHeaders, body: Array(repeating: 1, count: 30), end: true)
    }
    server.talk(to: client)
    #expect(server.session.streamsHeldBack(longerThan: 30, now: 100).isEmpty)
    #expect(server.session.streamsHeldBack(longerThan: 30, now: 130).isEmpty)
    // One of them goes on, a little.
    client.session.consume(stream: requests[0], byteCount: 10)
    client.talk(to: server)
    #expect(server.session.streamsHeldBack(longerThan: 30, now: 131) == [requests[1]])
    #expect(server.session.streamsHeldBack(longerThan: 30, now: 161) == [requests[1]])
    #expect(server.session.streamsHeldBack(longerThan: 30, now: 162).count == 2)
  }

  @Test func `produce stops near what it was asked for`() throws {
    let (client, server) = try connectedPair()
    _ = try client.session.submitRequest(
      headers: requestHeaders, body: Array(repeating: 0x61, count: 200_000), end: true)
    var output: [UInt8] = []
    client.session.produce(into: &output, upTo: 30_000)
    #expect(output.count >= 30_000 && output.count < 30_000 + 16_384 + 9)
    server.receive(output)
    client.talk(to: server)
    #expect(server.takeLog().last?.hasSuffix("END") == true)
  }

  @Test func `a queue that never empties does not grow`() throws {
    let (client, server) = try connectedPair()
    let stream = try client.session.submitRequest(headers: requestHeaders, end: true)
    client.talk(to: server)
    server.session.submitResponse(stream: stream, headers: okHeaders, end: false)
    let piece = [UInt8](repeating: 1, count: 16_384)
    server.session.send(stream: stream, piece.span)
    var capacityMax = 0
    for _ in 0..<1_000 {
      server.session.withOutput(of: stream) { output in
        output += piece
        capacityMax = max(capacityMax, output.capacity)
      }
      var bytes: [UInt8] = []
      server.session.produce(into: &bytes, upTo: 16_384)
      client.receive(bytes)
      server.receive(client.produce())
    }
    #expect(capacityMax < 400_000)
    #expect(server.session.queuedByteCount <= 3 * 16_384)
  }

  /// A server that has answered a request which has not ended.
  private func answeredEarly() throws -> Endpoint {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endHeaders))
    server.session.submitResponse(stream: 1, headers: okHeaders, body: [1, 2], end: true)
    #expect(server.produceFrames().map(\.type) == [1, 0])
    return server
  }

  @Test func `a client that sends on behind an early answer is told to stop, once`() throws {
    let server = try answeredEarly()
    server.receive(.data(1, [0]))
    server.receive(.data(1, [0]))
    let frames = server.produceFrames()
    #expect(frames.map(\.type) == [3])
    #expect(frames.last?.errorCode == HTTP2ErrorCode.noError)
    server.receive(.data(1, [0]))
    #expect(server.session.endReason == nil)
  }

  @Test func `a client whose request ends behind an early answer is told nothing`() throws {
    let server = try answeredEarly()
    server.receive(.data(1, [0], flags: Frame.endStream))
    server.session.endAnsweredStreams()
    server.session.endAnsweredStreams()
    #expect(server.produceFrames().map(\.type) == [])
  }

  @Test func `a client that neither sends nor ends behind an early answer is told in time`() throws
  {
    let server = try answeredEarly()
    server.session.endAnsweredStreams()
    #expect(server.produceFrames().map(\.type) == [])
    server.session.endAnsweredStreams()
    #expect(server.produceFrames().map(\.type) == [3])
  }

  @Test func `a client that has sent all is not`() throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endHeaders), .data(1, [0], flags: Frame.endStream))
    server.session.submitResponse(stream: 1, headers: okHeaders, body: [1, 2], end: true)
    #expect(server.produceFrames().map(\.type) == [1, 0])
  }
}
