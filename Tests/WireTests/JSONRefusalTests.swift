import Testing
import Wire

@Suite struct JSONRefusalTests {
  /// JSON that must be refused, and the line that says so.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let type: String
    let json: String
    let line: String

    init(_ type: String, _ json: String, _ line: String) {
      (self.type, self.json, self.line) = (type, json, line)
    }

    var testDescription: String { "\(type) \(json)" }
  }

  static let structure: [Refusal] = [
    Refusal("sample.Item", "", "line 1, column 1: a value of the wrong type"),
    Refusal("sample.Item", "[]", "line 1, column 1: a value of the wrong type"),
    Refusal("sample.Item", "{", "line 1, column 2: malformed JSON"),
    Refusal("sample.Item", "{name:1}", "line 1, column 2: malformed JSON"),
    Refusal("sample.Item", #"{"name" "a"}"#, "line 1, column 9: malformed JSON"),
    Refusal("sample.Item", #"{"name":"a",}"#, "line 1, column 13: malformed JSON"),
    Refusal("sample.Item", #"{"name":"a""#, "line 1, column 12: malformed JSON"),
    Refusal("sample.Item", "{'name':1}", "line 1, column 2: malformed JSON"),
    Refusal("sample.Item", "{} x", "line 1, column 4: bytes after the end of the message"),
    Refusal("sample.Item", "{}\n{}", "line 2, column 1: bytes after the end of the message"),
    Refusal(
      "sample.Item", #"{"name":"a", "name":"b"}"#,
      "line 1, column 21, name: a member given twice"),
    Refusal(
      "every.Singular", #"{"int32Value":1,"int32_value":1}"#,
      "line 1, column 31, int32_value: a member given twice"),
    Refusal(
      "sample.Item", #"{"nick":"a"}"#,
      #"line 1, column 9, nick: a member that the message does not have ("nick" of sample.Item)"#),
    Refusal(
      "example.Ball", #"{"inspected":true,"certificateUrl":"u"}"#,
      "line 1, column 36, certificateUrl: two members of one oneof"),
    Refusal(
      "sample.Order", "{\"items\": [\n  {},\n  {\"price\": {\"currency\": 5}}\n]}",
      "line 3, column 26, items[1].price.currency: a value of the wrong type"),
    Refusal(
      "sample.Order", #"{"itemsByName":{"a b":{"name":1}}}"#,
      #"line 1, column 31, itemsByName["a b"].name: a value of the wrong type"#),
    Refusal(
      "sample.Order", #"{"itemsByName":{"a":{},"a":{}}}"#,
      #"line 1, column 28, itemsByName["a"]: a member given twice"#),
    Refusal(
      "every.List", #"{"int32Values":[1,null]}"#,
      "line 1, column 19, int32Values[1]: a value of the wrong type"),
    Refusal(
      "every.List", #"{"stringValues":[null]}"#,
      "line 1, column 18, stringValues[0]: a value of the wrong type"),
    Refusal(
      "sample.Order", #"{"items":[null]}"#,
      "line 1, column 11, items[0]: a value of the wrong type"),
    Refusal(
      "every.Map", #"{"texts":{"a":null}}"#,
      #"line 1, column 15, texts["a"]: a value of the wrong type"#),
    Refusal(
      "every.List", #"{"int32Values":[1,]}"#,
      "line 1, column 19, int32Values[1]: a value of the wrong type"),
    Refusal(
      "every.List", #"{"int32Values":[1 2]}"#,
      "line 1, column 19, int32Values: malformed JSON"),
    Refusal(
      "every.List", #"{"int32Values":1}"#,
      "line 1, column 16, int32Values: a value of the wrong type"),
  ]

  static let numbers: [Refusal] = [
    ("int32Value", "2147483648", "a value outside its type"),
    ("int32Value", "-2147483649", "a value outside its type"),
    ("int32Value", "0.5", "a value outside its type"),
    ("int32Value", "1e10", "a value outside its type"),
    ("int32Value", "1e-1", "a value outside its type"),
    ("int32Value", "1e99999999999999999999", "a value outside its type"),
    ("int32Value", "01", "a value of the wrong type"),
    ("int32Value", "-01", "a value of the wrong type"),
    ("int32Value", "+1", "a value of the wrong type"),
    ("int32Value", ".5", "a value of the wrong type"),
    ("int32Value", "-", "a value of the wrong type"),
    ("int32Value", "1.", "a value of the wrong type"),
    ("int32Value", "1e", "a value of the wrong type"),
    ("int32Value", "true", "a value of the wrong type"),
    ("int32Value", #""""#, "a value outside its type"),
    ("int32Value", #"" 1""#, "a value outside its type"),
    ("int32Value", #""01""#, "a value outside its type"),
    ("uint32Value", "-1", "a value outside its type"),
    ("uint32Value", "4294967296", "a value outside its type"),
    ("fixed32Value", "4294967296", "a value outside its type"),
    ("int64Value", #""9223372036854775808""#, "a value outside its type"),
    ("sint64Value", #""-9223372036854775809""#, "a value outside its type"),
    ("uint64Value", #""18446744073709551616""#, "a value outside its type"),
    ("uint64Value", #""-1""#, "a value outside its type"),
    ("floatValue", "3.5e38", "a value outside its type"),
    ("doubleValue", "1e309", "a value outside its type"),
    ("doubleValue", "-1e309", "a value outside its type"),
    ("doubleValue", "NaN", "a value of the wrong type"),
    ("doubleValue", #""infinity""#, "a value outside its type"),
    ("doubleValue", #""0x10""#, "a value outside its type"),
    ("boolValue", "1", "a value of the wrong type"),
    ("boolValue", #""true""#, "a value of the wrong type"),
    ("boolValue", "tru", "a value of the wrong type"),
    (
      "shade", #""SHADE_PINK""#,
      #"a name that the enum does not have ("SHADE_PINK" of every.Shade)"#
    ),
    ("shade", "2147483648", "a value outside its type"),
    ("shade", "0.5", "a value outside its type"),
    ("shade", "true", "a value of the wrong type"),
  ].map { member, value, reason in
    Refusal(
      "every.Singular", #"{"\#(member)":\#(value)}"#,
      "line 1, column \(member.utf8.count + 5), \(member): \(reason)")
  }

  /// The column counts from the text's first quote, which is column 16.
  static let texts: [Refusal] = [
    (#""a"#, 0, "the input ends inside a value"),
    (#""\"#, 1, "the input ends inside a value"),
    (#""\u12"#, 5, "the input ends inside a value"),
    ("\"a\nb\"", 2, "malformed JSON"),
    ("\"\\n\u{01}\"", 3, "malformed JSON"),
    ("\"\u{00}\"", 1, "malformed JSON"),
    (#""\x41""#, 1, "malformed JSON"),
    (#""\u12G4""#, 5, "malformed JSON"),
    (#""\uD800""#, 1, "a string that is not UTF-8"),
    (#""\uD800x""#, 1, "a string that is not UTF-8"),
    (#""\uD800\n""#, 1, "a string that is not UTF-8"),
    (#""\uD800\u0041""#, 1, "a string that is not UTF-8"),
    (#""ab\uDC00""#, 3, "a string that is not UTF-8"),
    (#""\uDC00\uD800""#, 1, "a string that is not UTF-8"),
    ("1", 0, "a value of the wrong type"),
    ("{}", 0, "a value of the wrong type"),
  ].map { text, column, reason in
    Refusal(
      "every.Singular", #"{"stringValue":\#(text)"#,
      "line 1, column \(16 + column), stringValue: \(reason)")
  }

  static let keys: [Refusal] = [
    ("byInt32", "x", "1", "a value outside its type"),
    ("byInt32", "2147483648", "1", "a value outside its type"),
    ("byUint64", "-1", "1", "a value outside its type"),
    ("byInt64", "", "1", "a value outside its type"),
    ("byInt64", "1.5", "1", "a value outside its type"),
    ("byBool", "True", "1", "a value that is not in the form its type asks for"),
    ("byBool", "1", "1", "a value that is not in the form its type asks for"),
  ].map { member, key, value, reason in
    Refusal(
      "every.Map", #"{"\#(member)":{"\#(key)":\#(value)}}"#,
      "line 1, column \(member.utf8.count + key.utf8.count + 9), \(member)[\"\(key)\"]: \(reason)")
  }

  /// What stands in a member of `sample.Order` or `every.Singular`, in no form of its type.
  static let formats: [Refusal] =
    [
      "A", "A===", "AA=", "AA===", "AAA==", "A*AA", "AAAA=", "AA AA", "=AAA",
    ].map {
      Refusal(
        "every.Singular", #"{"bytesValue":"\#($0)"}"#,
        "line 1, column 15, bytesValue: a value that is not in the form its type asks for (Base64)")
    }
    + [
      "", "2026", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z",
      "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01t00:00:00Z",
      "2026-01-01T00:00:00z", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z",
      "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0123456789Z", "2026-01-01T00:00:00+5:00",
      "2026-01-01T00:00:00+24:00", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
      "9999-12-31T23:59:59-00:01", "10000-01-01T00:00:00Z", " 2026-01-01T00:00:00Z",
      "2026-01-01T00:00:00Zx",
    ].map {
      Refusal(
        "sample.Order", #"{"time":"\#($0)"}"#,
        "line 1, column 9, time: a value that is not in the form its type asks for "
          + "(such as 2026-11-23T21:40:06Z)")
    }
    + [
      "", "s", "1", "1.5", "1.s", ".5s", "--1s", "+1s", "1 s", "1S", "1.0123456789s", "1e3s",
      "315576000001s", "-315576000001s", "9999999999999s",
    ].map {
      Refusal(
        "sample.Order", #"{"span":"\#($0)"}"#,
        "line 1, column 9, span: a value that is not in the form its type asks for "
          + "(such as 1.5s)")
    }
    + ["a_b", ",", "a,", ",a", "a,,b"].map {
      Refusal(
        "sample.Order", #"{"mask":"\#($0)"}"#,
        "line 1, column 9, mask: a value that is not in the form its type asks for "
          + "(paths in lowerCamelCase, joined by commas)")
    }
    + [
      (
        #"{"detail":{"@type":"t/no.Such"}}"#,
        #"detail: a type that is not known here ("t/no.Such")"#
      ),
      (
        #"{"detail":{"@type":"example.Price"}}"#,
        #"detail: a type that is not known here ("example.Price")"#
      ),
      (
        #"{"detail":{"currency":"a"}}"#,
        "detail: a value that is not in the form its type asks for "
          + #"(an Any needs a member "@type")"#
      ),
      (
        #"{"detail":{"@type":"t/google.protobuf.Duration"}}"#,
        "detail: a value that is not in the form its type asks for "
          + #"(google.protobuf.Duration needs a member "value")"#
      ),
    ].map { Refusal("sample.Order", $0, "line 1, column 11, \($1)") }
    + [
      (#"{"detail":{"@type":1}}"#, 20, "detail: a value of the wrong type"),
      (
        #"{"detail":{"@type":"t/example.Price","x":1}}"#, 42,
        #"detail.x: a member that the message does not have ("x" of example.Price)"#
      ),
      (
        #"{"detail":{"@type":"t/example.Price","@type":"t/example.Price"}}"#, 46,
        "detail: a member given twice"
      ),
      (
        #"{"detail":{"@type":"t/google.protobuf.Duration","value":"1s","x":1}}"#, 66,
        "detail.x: a member that the message does not have"
      ),
      (#"{"wrapped":"x"}"#, 12, "wrapped: a value outside its type"),
      (#"{"structure":[]}"#, 14, "structure: a value of the wrong type"),
      (#"{"list":{}}"#, 9, "list: a value of the wrong type"),
      (#"{"value":nul}"#, 10, "value: a value of the wrong type"),
      (#"{"value":[1,{"a":tru}]}"#, 18, #"value[1]["a"]: a value of the wrong type"#),
    ].map { Refusal("sample.Order", $0, "line 1, column \($1), \($2)") }

  @Test(arguments: Holding.allCases, structure + numbers + texts + keys + formats)
  func `JSON that is no message is refused with its place`(
    _ holding: Holding, _ refusal: Refusal
  ) throws {
    let error = try holding.fault(
      in: Array(refusal.json.utf8), of: refusal.type, as: .json,
      options: Schemas.optionsWithTypes)
    #expect(error?.description == refusal.line)
  }

  @Test(arguments: Holding.allCases)
  func `text that is not UTF-8 is refused at its byte`(_ holding: Holding) throws {
    let json = Array(#"{"stringValue":"a"#.utf8) + [0xC3, 0x28] + Array(#""}"#.utf8)
    let error = try holding.fault(in: json, of: "every.Singular", as: .json)
    #expect(error?.reason == .invalidUTF8)
    #expect(error?.byteOffset == 17)
  }

  @Test(
    arguments: Holding.allCases,
    [
      ("every.Tree", #"{"left":"#, "{}", "}"), ("every.Tree", #"{"children":["#, "{}", "]}"),
      ("sample.Order", #"{"value":"#, "", ""),
    ])
  func `deep nesting is refused`(
    _ holding: Holding, _ example: (type: String, opening: String, middle: String, closing: String)
  ) throws {
    var json = String(repeating: example.opening, count: 64) + example.middle
    json += String(repeating: example.closing, count: 64)
    if example.type == "sample.Order" { json = #"{"value":"# + String(repeating: "[", count: 64) }
    let error = try holding.fault(in: Array(json.utf8), of: example.type, as: .json)
    #expect(error?.reason == .nestingTooDeep)
  }

  @Test(arguments: Holding.allCases)
  func `more memory than the budget is refused`(_ holding: Holding) throws {
    var options = CodingOptions()
    (options.memoryBytesBase, options.memoryMultiple) = (0, 1)
    let json = Array(#"{"trees":[{},{},{},{},{},{},{},{}]}"#.utf8)
    let error = try holding.fault(in: json, of: "every.List", as: .json, options: options)
    #expect(error?.reason == .memoryBudget)
    #expect(error?.path == "trees[0]")
  }
}
