import CallTool
import Testing

@Suite struct JSONSplitterTests {
  private static let texts: [(String, [String])] = [
    ("", []),
    ("  \n ", []),
    ("{}", ["{}"]),
    (#"{"a":1}{"b":[2]}"#, [#"{"a":1}"#, #"{"b":[2]}"#]),
    ("{\n}\n\n{ }", ["{\n}", "{ }"]),
    (#"{"a":"}{\"\\"}{}"#, [#"{"a":"}{\"\\"}"#, "{}"]),
    (#""a b" "c\"d" "#, [#""a b""#, #""c\"d""#]),
    ("1 true\nnull", ["1", "true", "null"]),
    (#"1{}"x"[[]]2"#, ["1", "{}", #""x""#, "[[]]", "2"]),
    (#"{"a":"#, [#"{"a":"#]),
    ("}{}", ["}", "{}"]),
  ]

  @Test(arguments: texts)
  func `values end where they end`(_ text: String, _ expected: [String]) throws {
    #expect(try split(text, pieceBytes: 1_000) == expected)
  }

  @Test(arguments: texts)
  func `pieces make no difference`(_ text: String, _ expected: [String]) throws {
    #expect(try split(text, pieceBytes: 1) == expected)
  }

  private func split(_ text: String, pieceBytes: Int) throws -> [String] {
    var splitter = JSONSplitter()
    var values: [JSONSplitter.Value] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      values += try splitter.append(Array(rest.prefix(pieceBytes)))
      rest = rest.dropFirst(pieceBytes)
    }
    if let last = splitter.finish() { values.append(last) }
    return values.map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  @Test func `a value is whole as soon as its last byte has come`() throws {
    var splitter = JSONSplitter()
    #expect(try splitter.append(Array(#"{"a":1"#.utf8)) == [])
    #expect(try splitter.append(Array("}".utf8)).count == 1)
  }

  @Test func `values know where they begin`() throws {
    var splitter = JSONSplitter()
    let values = try splitter.append(Array("{}\n  {}{}".utf8))
    #expect(values.map { [$0.line, $0.column] } == [[1, 1], [2, 3], [2, 5]])
  }

  @Test func `a value that grows too long is refused with its place`() {
    var splitter = JSONSplitter(valueBytesMax: 8)
    #expect(throws: CallFailure.input("line 2, column 1: a value of more than 8 bytes")) {
      _ = try splitter.append(Array("{}\n\"123456789".utf8))
    }
  }
}
