import RPC
import Testing

@testable import RPCTransport

@Suite struct EnvelopeReaderTests {
  private let messages: [[UInt8]] = [[1, 2, 3], [], [UInt8](repeating: 7, count: 300), [9]]

  private var bytes: [UInt8] {
    var bytes: [UInt8] = []
    for message in messages { Envelope.append(message, flag: 0, to: &bytes) }
    return bytes
  }

  @Test func `messages are the same wherever the bytes are cut`() throws {
    let bytes = bytes
    for cut in 0...bytes.count {
      var reader = EnvelopeReader(messageBytesMax: 300)
      var pieces: [EnvelopeReader.Piece] = []
      let first = Array(bytes[..<cut])
      let second = Array(bytes[cut...])
      try reader.receive(first.span, &pieces)
      try reader.receive(second.span, &pieces)
      #expect(pieces.map(\.bytes) == messages, "cut at \(cut)")
      #expect(reader.isBetween)
    }
  }

  @Test func `messages are the same byte by byte`() throws {
    var reader = EnvelopeReader(messageBytesMax: 300)
    var pieces: [EnvelopeReader.Piece] = []
    for byte in bytes {
      let one = [byte]
      try reader.receive(one.span, &pieces)
    }
    #expect(pieces.map(\.bytes) == messages)
  }

  @Test func `a head that says too much is refused before its message comes`() {
    var reader = EnvelopeReader(messageBytesMax: 299)
    let head: [UInt8] = [0, 0, 0, 1, 44]
    let error = #expect(throws: RPCError.self) {
      var pieces: [EnvelopeReader.Piece] = []
      try reader.receive(head.span, &pieces)
      // The head alone is kept until a byte shows that something follows.
      let next: [UInt8] = [1]
      try reader.receive(next.span, &pieces)
    }
    #expect(error?.code == .resourceExhausted)
  }

  @Test func `a body that is one message is whole when it ends, and bounded`() throws {
    var reader = EnvelopeReader(messageBytesMax: 3)
    var pieces: [EnvelopeReader.Piece] = []
    let two: [UInt8] = [1, 2]
    try reader.receiveUnframed(two.span, ended: false, &pieces)
    #expect(pieces.isEmpty)
    #expect(throws: RPCError.self) {
      try reader.receiveUnframed(two.span, ended: true, &pieces)
    }
  }
}
