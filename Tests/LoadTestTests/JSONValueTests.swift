import LoadTest
import Testing

@Suite struct JSONValueTests {
  @Test(arguments: [
    #"null"#, #"[true,false,-0,1.5e-3,"a\"\\\n\u0001é🧵"]"#, #"{"b":1,"a":{"b":[]},"":{}}"#,
  ])
  func `what is read is written again, in the same order`(text: String) throws {
    #expect(try JSONValue(parsing: text.utf8).description == text)
  }

  @Test func `escapes are read`() throws {
    #expect(try JSONValue(parsing: #""\u00e9\ud83e\uddf5\/\t""#.utf8) == .string("é🧵/\t"))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "01", "1.", "-", "+1", "nul", "\"a",
    "\"\\x\"", "\"\\ud800\"", "\"\\ud800\\u0041\"", "\"\n\"", "[1] 2", "{a:1}", "1e", "\"\\u+123\"",
  ])
  func `what is not JSON is refused`(text: String) {
    #expect(throws: JSONFault.self) { try JSONValue(parsing: text.utf8) }
  }

  @Test func `bytes that are not UTF-8 and deep nesting are refused`() {
    #expect(throws: JSONFault.self) { try JSONValue(parsing: [0x22, 0xC3, 0x28, 0x22]) }
    #expect(throws: JSONFault.self) {
      try JSONValue(parsing: String(repeating: "[", count: 100_000).utf8)
    }
  }
}
