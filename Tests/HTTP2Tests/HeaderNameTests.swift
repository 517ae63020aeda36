import HTTP2
import Testing

@Suite struct HeaderNameTests {
  @Test(arguments: HeaderName.allCases)
  func `every name is found by its text`(_ name: HeaderName) {
    #expect(HeaderName(Array("\(name.text)".utf8).span) == name)
  }

  @Test(arguments: HeaderName.allCases)
  func `a name that differs in one byte is another`(_ name: HeaderName) {
    let text = Array("\(name.text)".utf8)
    for index in text.indices {
      var other = text
      other[index] ^= 0x20
      #expect(HeaderName(other.span) == .other)
    }
    #expect(HeaderName((text + [0x61]).span) == .other)
  }
}
