import Testing

@testable import Wire

@Suite struct SmallTextTests {
  private static let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"

  @Test func `strings lie in memory as they are known to`() {
    #expect(SmallText.isAvailable)
  }

  @Test(arguments: 0...SmallText.byteCountMax)
  func `a short text is the string that the library makes`(_ count: Int) throws {
    let expected = String(Self.alphabet.prefix(count))
    let bytes = Array(expected.utf8)
    let text = unsafe bytes.withUnsafeBytes { bytes in
      unsafe bytes.baseAddress.flatMap { unsafe SmallText(ascii: $0, byteCount: bytes.count) }
    }
    var string = try #require(text).string
    let (words, expectedWords) = unsafe (
      unsafeBitCast(string, to: (UInt64, UInt64).self),
      unsafeBitCast(expected, to: (UInt64, UInt64).self)
    )
    #expect(words == expectedWords)
    #expect(string == expected)
    #expect(string.hashValue == expected.hashValue)
    string += Self.alphabet
    #expect(string == expected + Self.alphabet)
  }

  @Test(arguments: ["sixteen bytes, 16", "Lahore – لاہور", "é"])
  func `what is longer or not ASCII is left to the library`(_ text: String) {
    let bytes = Array(text.utf8)
    unsafe bytes.withUnsafeBytes { bytes in
      let isShort = unsafe bytes.baseAddress.map {
        unsafe SmallText(ascii: $0, byteCount: bytes.count) != nil
      }
      #expect(isShort == false)
    }
  }

  @Test(arguments: 0...40, [Encoding.native, .protobuf])
  func `a text of any length is written and read`(_ count: Int, _ encoding: Encoding) throws {
    let head: [UInt8] = encoding == .native ? [1] : [10]
    let nothing: [UInt8] = encoding == .native ? [0] : []
    for text in [
      String(Self.alphabet.prefix(count)),
      String(String(repeating: "é", count: 20).prefix(count)),
    ] {
      var message = Example.Price(currency: text)
      let utf8 = Array(text.utf8)
      let expected = utf8.isEmpty ? nothing : head + [UInt8(utf8.count)] + utf8
      #expect(try message.encoded(as: encoding) == expected)
      #expect(try Example.Price(decoding: expected, as: encoding) == message)
      // The same text, but in a block of its own.
      message.currency = ""
      message.currency.reserveCapacity(100)
      message.currency += text
      #expect(try message.encoded(as: encoding) == expected)
    }
  }

  @Test(arguments: 0...40, [Encoding.native, .protobuf])
  func `bytes of any length are written and read`(_ count: Int, _ encoding: Encoding) throws {
    var message = Every.Singular()
    message.bytesValue = Array(0..<UInt8(count))
    let written = try message.encoded(as: encoding)
    #expect(written.suffix(count) == message.bytesValue[...])
    #expect(try Every.Singular(decoding: written, as: encoding) == message)
  }
}
