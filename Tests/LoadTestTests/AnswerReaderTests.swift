import RPC
import Testing

@testable import LoadTest

@Suite struct AnswerReaderTests {
  private static func envelope(_ flag: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [flag, 0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
  }

  /// Reads content cut into pieces of every length.
  private func read(
    _ framing: AnswerReader.Framing, _ content: [UInt8], pieces length: Int, status: Int = 200,
    code: Int? = nil
  ) -> AnswerReader {
    var reader = AnswerReader(framing)
    reader.httpStatusReceived(status)
    for start in stride(from: 0, to: content.count, by: length) {
      let end = min(start + length, content.count)
      reader.contentReceived(content.span.extracting(start..<end))
    }
    if let code { reader.codeReceived(code) }
    return reader
  }

  @Test(arguments: [1, 2, 3, 5, 7, 1_000])
  func `messages of gRPC are counted however they are cut`(length: Int) {
    let content =
      Self.envelope(0, [1, 2, 3]) + Self.envelope(0, [])
      + Self.envelope(1, Array(repeating: 9, count: 300))
    let reader = read(.envelopes(endsWithOutcome: false), content, pieces: length, code: 0)
    #expect(reader.messageCount == 3)
    #expect(reader.result == .ok)
  }

  @Test(arguments: [
    ([0x00], RPCCode.ok), ([0x01, 0x02, 0x01, 0x1C], .unavailable), ([], .internal),
  ])
  func `a native stream's last envelope is its outcome and no message`(
    outcome: [UInt8], code: RPCCode
  ) {
    for length in [1, 4, 100] {
      let content = Self.envelope(0, [7]) + Self.envelope(2, outcome)
      let reader = read(.envelopes(endsWithOutcome: true), content, pieces: length)
      #expect(reader.messageCount == 1)
      #expect(reader.result == code)
    }
  }

  @Test func `a whole body is one message`() {
    #expect(read(.whole, [1, 2, 3], pieces: 1).messageCount == 1)
  }

  @Test(arguments: [
    (#"{"end":{}}"#, RPCCode.ok), (#"{"end":{"status":{"code":14,"message":"x"}}}"#, .unavailable),
    ("", .internal), (#"{"end":"#, .unknown),
  ])
  func `the last line of JSON is the outcome and no message`(line: String, code: RPCCode) {
    for length in [1, 3, 1_000] {
      let text =
        #"{"result":{}}"# + "\n" + #"{"result":{"a":1}}"# + "\n" + (line.isEmpty ? "" : line + "\n")
      let reader = read(.lines, Array(text.utf8), pieces: length)
      #expect(reader.messageCount == 2)
      #expect(reader.result == code)
    }
  }

  @Test(arguments: [
    (200, RPCCode.ok), (401, .unauthenticated), (503, .unavailable), (418, .unknown),
  ])
  func `without a code the HTTP status is the outcome`(status: Int, code: RPCCode) {
    #expect(read(.whole, [], pieces: 1, status: status).result == code)
  }

  @Test func `an answer of gRPC without a status broke off`() {
    #expect(read(.envelopes(endsWithOutcome: false), [], pieces: 1).result == .internal)
    #expect(read(.envelopes(endsWithOutcome: false), [], pieces: 1, code: 99).result == .unknown)
  }
}
