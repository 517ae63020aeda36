import HTTP2
import RPC
import Testing

@testable import RPCTransport

@Suite struct ReplyReaderTests {
  private static let result = Array("{\"result\":{}}\n".utf8)

  /// What a client makes of an answer's body that comes in pieces.
  private func read(
    _ form: CallForm, _ bytes: [UInt8], pieceBytes: Int
  ) -> (messageCount: Int, outcome: RPCError??, fault: RPCCode?) {
    var reply = ReplyReader(form, messageBytesMax: 300)
    let contentType = Array((form == .json ? "application/x-ndjson" : "\(form.contentType)").utf8)
    let status = Array("200".utf8)
    reply.take(.status, status.span)
    reply.take(.contentType, contentType.span)
    #expect(reply.headEnded(endStream: false) == nil)
    var messages: [[UInt8]] = []
    do throws(RPCError) {
      for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
        let piece = Array(bytes[start..<min(start + pieceBytes, bytes.count)])
        if let outcome = try reply.receive(piece.span, ended: false, &messages) {
          return (messages.count, outcome, nil)
        }
      }
      return (messages.count, nil, nil)
    } catch {
      return (messages.count, nil, error.code)
    }
  }

  @Test(arguments: [1, 2, 3, 7, 100], [CallForm.grpc, .nativeStream, .json])
  func `messages before a fault are read, and the end counts whatever follows it`(
    _ pieceBytes: Int, _ form: CallForm
  ) {
    let message: [UInt8] = form == .json ? Self.result : [0, 0, 0, 0, 1, 7]
    let end: [UInt8] = form == .json ? Array("{\"end\":{}}\n".utf8) : [2, 0, 0, 0, 1, 0]
    let fault: [UInt8] = form == .json ? Array("what?\n".utf8) : [0, 9, 9, 9, 9, 0]
    let faulty = read(form, message + message + fault, pieceBytes: pieceBytes)
    #expect(faulty.messageCount == 2)
    #expect(faulty.fault == (form == .json ? .internal : .resourceExhausted))
    // gRPC's end is a header.
    if form == .grpc { return }
    let ended = read(form, message + message + end + fault, pieceBytes: pieceBytes)
    #expect(ended.messageCount == 2)
    #expect(ended.outcome == .some(nil))
    #expect(ended.fault == nil)
  }

  @Test(arguments: [(300, 1, nil), (301, 0, .resourceExhausted)] as [(Int, Int, RPCCode?)])
  func `a line holds a message up to the limit and none beyond`(
    _ messageBytes: Int, _ messageCount: Int, _ fault: RPCCode?
  ) {
    let message = [UInt8](repeating: UInt8(ascii: "1"), count: messageBytes)
    let line = Array("{\"result\":".utf8) + message + Array("}\n".utf8)
    let answer = read(.json, line, pieceBytes: 100)
    #expect(answer.messageCount == messageCount)
    #expect(answer.fault == fault)
  }

  @Test(
    arguments: [
      ("a-bin", "AQI", nil), ("a-bin", "AQI=,AQ", nil), ("a-bin", "?", .internal),
      ("a-bin", "AQI,?", .internal), ("trailer-a-bin", "?", .internal), ("a", "?", nil),
    ] as [(String, String, RPCCode?)])
  func `an answer whose bytes in the metadata are no Base64 has failed`(
    _ name: String, _ value: String, _ fault: RPCCode?
  ) {
    var reply = ReplyReader(.native, messageBytesMax: 300)
    let (status, contentType) = (Array("200".utf8), Array("application/x-sarai".utf8))
    reply.take(.status, status.span)
    reply.take(.contentType, contentType.span)
    let (nameBytes, valueBytes) = (Array(name.utf8), Array(value.utf8))
    reply.takeOther(nameBytes.span, valueBytes.span)
    #expect(reply.headEnded(endStream: false)?.code == fault)
  }

  @Test func `trailers whose bytes are no Base64 fail the call`() {
    let lines = Array("{\"end\":{\"trailers\":[{\"name\":\"a-bin\",\"value\":\"?\"}]}}\n".utf8)
    #expect(read(.json, lines, pieceBytes: 100).fault == .internal)
  }
}
