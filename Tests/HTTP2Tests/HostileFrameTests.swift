import HTTP2
import Testing

@Suite struct HostileFrameTests {
  /// Sends frames until the server says GOAWAY; returns that and why it ended.
  private func answer(
    _ server: Endpoint, to frames: [[Frame]]
  ) -> (goAway: Frame?, reason: HTTP2Error?, count: Int) {
    for (count, group) in frames.enumerated() {
      server.receive(group.flatMap(\.bytes))
      if let goAway = server.produceFrames().first(where: { $0.type == 7 }) {
        return (goAway, server.session.endReason, count)
      }
    }
    return (nil, server.session.endReason, frames.count)
  }

  // MARK: Floods

  static let floods: [(Frame, Int, HTTP2Limit)] = [
    (Frame.ping, 10_000, .controlFrames),
    (.settings(), 10_000, .controlFrames),
    (.priority(1), 100, .priorities),
    (.windowUpdate(0, 1), 100, .windowUpdates),
  ]

  @Test(arguments: floods)
  func `a flood ends when it passes its limit`(
    _ frame: Frame, _ allowed: Int, _ limit: HTTP2Limit
  ) throws {
    let server = try Endpoint(.server)
    server.receive(Frame.preface + Frame.settings().bytes)
    // The first SETTINGS counts as well.
    let rest = limit == .controlFrames ? allowed - 1 : allowed
    let (goAway, reason, count) = answer(
      server, to: Array(repeating: [frame], count: allowed + 10))
    #expect(count == rest)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(goAway?.payload.dropFirst(8).elementsEqual("\(limit.debugText)".utf8) == true)
    #expect(reason == .limitReached(limit))
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
  }

  @Test(arguments: [
    [Frame.data(1)], [Frame(type: 0, flags: 8, stream: 1, payload: [3, 0, 0, 0])],
  ])
  func `empty DATA frames in a row end the connection`(_ frames: [Frame]) throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endHeaders))
    let (goAway, reason, count) = answer(server, to: Array(repeating: frames, count: 10))
    #expect(count == 2)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(reason == .limitReached(.emptyData))
  }

  @Test func `resets of the peer end the connection`() throws {
    let server = try rawServer()
    let frames = (0..<300).map { [Frame.headers($0 * 2 + 1), .reset($0 * 2 + 1)] }
    let (goAway, reason, count) = answer(server, to: frames)
    #expect(count == 200)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(reason == .limitReached(.resets))
  }

  @Test func `streams refused beyond the limit of them end the connection`() throws {
    let server = try rawServer { $0.glitchesMax = .max }
    let frames = (0..<400).map { [Frame.headers($0 * 2 + 1)] }
    let (goAway, reason, count) = answer(server, to: frames)
    #expect(count == 300)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(reason == .limitReached(.resets))
    #expect(server.session.openStreamCount == 100)
  }

  /// CVE-2025-8671: the peer makes us send the resets.
  @Test func `resets for malformed requests end the connection`() throws {
    let server = try rawServer { $0.glitchesMax = .max }
    // No :path.
    let frames = (0..<300).map { [Frame.headers($0 * 2 + 1, [0x83, 0x86, 0x01, 1, 0x61])] }
    let (goAway, reason, count) = answer(server, to: frames)
    #expect(count == 200)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(reason == .limitReached(.resets))
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
  }

  @Test func `malformed frames end the connection`() throws {
    let server = try rawServer { $0.resetsMax = .max }
    let frames = (0..<300).map { [Frame.headers($0 * 2 + 1, [0x83, 0x86, 0x01, 1, 0x61])] }
    let (goAway, reason, count) = answer(server, to: frames)
    #expect(count == 200)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(reason == .limitReached(.glitches))
  }

  @Test func `CONTINUATION frames without end end the connection`() throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endStream))
    let (goAway, reason, count) = answer(
      server, to: Array(repeating: [.continuation(1, [0x00, 1, 0x61, 1, 0x61])], count: 20))
    #expect(count == 8)
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(reason == .limitReached(.continuations))
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
  }

  @Test func `eight CONTINUATION frames are taken`() throws {
    let server = try rawServer()
    server.receive(.headers(1, flags: Frame.endStream))
    for _ in 0..<7 { server.receive(.continuation(1)) }
    server.receive(.continuation(1, flags: Frame.endHeaders))
    #expect(server.takeLog() == ["1 request :method=POST :scheme=http :path=/ :authority=a END"])
  }

  /// The fields of the second block begin where the first block's are forgotten.
  @Test func `a block that arrives in pieces keeps its fields`() throws {
    let server = try rawServer()
    server.receive(.headers(1), .headers(3, flags: Frame.endStream))
    #expect(server.takeLog() == ["1 request :method=POST :scheme=http :path=/ :authority=a END"])
    server.receive(.continuation(3, flags: Frame.endHeaders))
    #expect(server.takeLog() == ["3 request :method=POST :scheme=http :path=/ :authority=a END"])
  }

  @Test func `answers that the peer never reads end the connection`() throws {
    let server = try rawServer()
    for _ in 0..<1_100 where server.session.endReason == nil { server.receive(.ping) }
    #expect(server.session.endReason == .limitReached(.outboundAcknowledgements))
    let goAway = server.produceFrames().first { $0.type == 7 }
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
  }

  // MARK: Broken rules

  /// Code 1 is PROTOCOL_ERROR, 3 FLOW_CONTROL_ERROR, 5 STREAM_CLOSED, 6 FRAME_SIZE_ERROR,
  /// 9 COMPRESSION_ERROR, 11 ENHANCE_YOUR_CALM.
  static let brokenRules: [([Frame], UInt32)] = [
    ([Frame.headers(5), Frame.headers(3)], 1),
    ([Frame.headers(2)], 1),
    ([Frame.data(1, [0])], 1),
    ([Frame.data(0, [0])], 1),
    ([Frame.headers(0)], 1),
    ([Frame.reset(1)], 1),
    ([Frame.windowUpdate(1, 1)], 1),
    ([Frame.windowUpdate(0, 0)], 1),
    ([Frame.windowUpdate(0, 0x7FFF_FFFF)], 3),
    ([Frame.continuation(1)], 1),
    ([Frame.headers(1, flags: 0), Frame.ping], 1),
    ([Frame.headers(1, flags: 0), Frame.continuation(3)], 1),
    ([Frame.headers(1, [0x80])], 9),
    ([Frame.headers(1), Frame.headers(1)], 5),
    ([Frame.headers(1), Frame.data(1, [0])], 5),
    ([Frame.settings([(4, 0x8000_0000)])], 3),
    ([Frame.settings([(2, 2)])], 1),
    ([Frame.settings([(5, 1)])], 1),
    ([Frame(type: 4, payload: [0])], 6),
    ([Frame(type: 4, flags: 1, payload: [0, 0, 0, 0, 0, 0])], 6),
    ([Frame(type: 6, payload: [0])], 6),
    ([Frame(type: 5, flags: 4, stream: 1, payload: [0, 0, 0, 2])], 1),
    ([Frame.settings(Array(repeating: (3, 1), count: 40))], 11),
  ]

  @Test(arguments: brokenRules)
  func `the connection ends with the right code`(_ frames: [Frame], _ code: UInt32) throws {
    let server = try rawServer()
    server.receive(frames.flatMap(\.bytes))
    let goAway = server.produceFrames().first { $0.type == 7 }
    #expect(goAway?.errorCode == code)
    #expect(server.session.endReason != nil)
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
    server.receive(.ping)
    #expect(server.produce().isEmpty)
  }

  /// RFC 9113 section 6.9.2; the library below only resets the stream.
  @Test func `a SETTINGS that overflows the window of a stream ends the connection`() throws {
    let server = try rawServer()
    server.receive(
      .headers(1), .windowUpdate(1, 0x7FFF_0000), .settings([(4, 0x0002_0000)]))
    let goAway = server.produceFrames().first { $0.type == 7 }
    #expect(goAway?.errorCode == HTTP2ErrorCode.flowControlError)
    guard case .protocolViolation(HTTP2ErrorCode.flowControlError, _) = server.session.endReason
    else {
      Issue.record("\(String(describing: server.session.endReason))")
      return
    }
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
  }

  @Test(arguments: ["GET / HTTP/1.1\r\n\r\n  ...", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\rabcdefghij"])
  func `what is not HTTP/2 is told so`(_ input: String) throws {
    let server = try Endpoint(.server)
    server.receive(Array(input.utf8))
    let goAway = server.produceFrames().first { $0.type == 7 }
    #expect(goAway?.errorCode == HTTP2ErrorCode.protocolError)
    #expect(!server.session.wantsRead && !server.session.wantsWrite)
  }

  // MARK: Size of header fields

  /// A field of 8 bytes of name and `count` bytes of value; its size is 40 more than `count`.
  private func field(_ count: Int) -> [UInt8] {
    [0x00, 8] + Array("x-filler".utf8) + [0x7F] + variable(count - 127)
      + Array(repeating: 0x61, count: count)
  }

  /// RFC 7541 section 5.1.
  private func variable(_ number: Int) -> [UInt8] {
    number < 128 ? [UInt8(number)] : [UInt8(number & 127 | 128)] + variable(number >> 7)
  }

  @Test func `header fields of the limit are whole and one byte more is too large`() throws {
    let server = try rawServer()
    // :method POST, :scheme http, :path / and :authority a take 43 + 43 + 38 + 43.
    let rest = 16_384 - 167 - 40
    for (stream, count) in [(UInt32(1), rest), (3, rest + 1)] {
      let block = Frame.requestBlock + field(count)
      server.receive(
        .headers(stream, Array(block.prefix(1_000)), flags: Frame.endStream),
        .continuation(stream, Array(block.dropFirst(1_000)), flags: Frame.endHeaders))
    }
    let log = server.takeLog()
    #expect(log.count == 2)
    #expect(log.first?.hasPrefix("1 request :method=POST") == true)
    #expect(log.last == "3 request too large END")
    #expect(server.session.endReason == nil)
  }

  @Test func `header fields of many blocks are bounded together`() throws {
    let server = try rawServer { $0.pendingHeaderBytesMax = 50_000 }
    let block = Frame.requestBlock + field(15_000)
    server.receive(.headers(1, block), .headers(3, block), .headers(5, block))
    #expect(server.session.endReason == nil)
    server.receive([7, 9, 11, 13, 15].flatMap { Frame.headers($0, block).bytes })
    #expect(server.session.endReason == .limitReached(.headerList))
  }

  @Test func `header fields far beyond the limit end the connection`() throws {
    let server = try rawServer()
    let pieces = (0..<5).map { $0 == 0 ? Frame.requestBlock + field(15_000) : field(15_000) }
    server.receive(.headers(1, pieces[0], flags: Frame.endStream))
    for piece in pieces.dropFirst() { server.receive(.continuation(1, piece)) }
    let goAway = server.produceFrames().first { $0.type == 7 }
    #expect(goAway?.errorCode == HTTP2ErrorCode.enhanceYourCalm)
    #expect(server.session.endReason == .limitReached(.headerList))
  }
}
