import Testing
import Wire

@Suite struct WireWriterTests {
  private let messages = (0..<50).map {
    Example.Price(currency: String(repeating: "x", count: $0 * 7 % 40))
  }

  @Test(arguments: Encoding.allCases)
  func `one writer writes as many messages as it is given`(_ encoding: Encoding) throws {
    var writer = WireWriter(capacity: 1)
    for message in messages {
      try writer.write(message, as: encoding)
      let bytes = try message.encoded(as: encoding)
      #expect(writer.bytes == bytes)
      #expect(writer.count == bytes.count)
    }
  }

  @Test func `a new writer is empty`() {
    let writer = WireWriter()
    #expect(writer.count == 0)
    #expect(writer.bytes == [])
  }

  @Test(arguments: Encoding.allCases)
  func `after an error the writer is empty and can go on`(_ encoding: Encoding) throws {
    var writer = WireWriter()
    try writer.write(messages[5], as: encoding)
    // The text before what is refused has been written when the fault is found.
    let source: Encoding = encoding == .protobuf ? .native : .protobuf
    let hex: Hex = source == .native ? "02" : "10 01"
    let refused = Sample.OldBox(
      content: try Sample.Old(decoding: hex.bytes, as: source), after: 9)
    #expect(throws: WireError.self) { try writer.write(refused, as: encoding) }
    #expect(writer.count == 0)
    #expect(writer.bytes == [])
    try writer.write(messages[6], as: encoding)
    #expect(writer.bytes == (try messages[6].encoded(as: encoding)))
  }

  @Test func `options reach the writer`() throws {
    var writer = WireWriter()
    var options = CodingOptions()
    options.usesProtoNamesInJSON = true
    try writer.write(Example.Price(minorUnits: 1), as: .json, options: options)
    #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"minor_units":"1"}"#)
    options.nestingMax = 1
    let outer = Sample.Outer(middle: Sample.Middle())
    for encoding in Encoding.allCases {
      let error = #expect(throws: WireError.self) {
        try writer.write(outer, as: encoding, options: options)
      }
      #expect(error?.reason == .nestingTooDeep)
    }
  }
}
