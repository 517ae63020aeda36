import HTTP2
import Testing

@Suite struct SplittingTests {
  /// Two requests, one in pieces, padding, content, trailers, a reset and a PING.
  private let input: [UInt8] =
    Frame.preface
    + [
      Frame.settings([(4, 100_000)]), .headers(1, flags: Frame.endHeaders),
      .data(1, Array("abc".utf8)),
      .headers(3, Array(Frame.requestBlock.prefix(4)), flags: 0),
      .continuation(3, Array(Frame.requestBlock.dropFirst(4)), flags: Frame.endHeaders),
      Frame(type: 0, flags: 8, stream: 3, payload: [2] + Array("def".utf8) + [0, 0]),
      .headers(1, [0x00, 1, 0x78, 1, 0x79]), .reset(3), .ping, .windowUpdate(0, 10),
    ].flatMap(\.bytes)

  /// The events with pieces of content put together, and all that was answered.
  private func result(of pieces: [[UInt8]]) throws -> (events: [String], output: [UInt8]) {
    let server = try Endpoint(.server)
    var output: [UInt8] = []
    for piece in pieces { server.receive(piece) }
    output += server.produce()
    var events: [String] = []
    for line in server.takeLog() {
      if let last = events.last, last.hasSuffix("'"), line.hasPrefix("\(last.prefix(1)) data '") {
        events[events.count - 1] = last.dropLast() + String(line.dropFirst("1 data '".count))
      } else {
        events.append(line)
      }
    }
    return (events, output)
  }

  @Test func `input cut at any byte gives the same events`() throws {
    let whole = try result(of: [input])
    #expect(
      whole.events == [
        "settings", "1 request :method=POST :scheme=http :path=/ :authority=a", "1 data 'abc'",
        "3 request :method=POST :scheme=http :path=/ :authority=a", "3 data 'def'",
        "1 trailers x=y END", "3 closed 8",
      ])
    for cut in input.indices {
      let parts = try result(of: [Array(input[..<cut]), Array(input[cut...])])
      #expect(parts == whole, "cut at \(cut)")
    }
  }

  @Test func `input of single bytes gives the same events`() throws {
    let whole = try result(of: [input])
    let bytes = try result(of: input.map { [$0] })
    #expect(bytes.events == whole.events)
    #expect(Frame.all(in: bytes.output) == Frame.all(in: whole.output))
  }
}
