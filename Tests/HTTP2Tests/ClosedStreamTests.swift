import HTTP2
import Testing

@Suite struct ClosedStreamTests {
  @Test(arguments: [Frame.headers(1), .data(1, [0])])
  func `more of a stream that was ended and answered ends the connection`(_ more: Frame) throws {
    let server = try rawServer()
    server.receive(.headers(1))
    server.session.submitResponse(stream: 1, headers: okHeaders, end: true)
    _ = server.produce()
    server.receive(more)
    #expect(server.produceFrames().last?.errorCode == HTTP2ErrorCode.streamClosed)
    #expect(!server.session.wantsRead)
  }

  @Test func `content behind the client's own reset ends the connection`() throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endHeaders))
    server.receive(.reset(1, HTTP2ErrorCode.cancel))
    server.receive(.data(1, [0]))
    #expect(server.produceFrames().last?.errorCode == HTTP2ErrorCode.streamClosed)
    #expect(!server.session.wantsRead)
  }

  @Test func `what was under way when the server reset is let be and given back`() throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endHeaders))
    server.session.reset(stream: 1, errorCode: HTTP2ErrorCode.cancel)
    _ = server.produce()
    server.log = []
    var updates = 0
    // 1.6 MB through a window of 1 MiB.
    for _ in 0..<100 {
      server.receive(.data(1, [UInt8](repeating: 0, count: 16_384)))
      updates += server.produceFrames().count { $0.type == 8 && $0.stream == 0 }
    }
    #expect(updates > 0)
    #expect(server.takeLog() == [])
    #expect(server.session.endReason == nil)
  }
}
