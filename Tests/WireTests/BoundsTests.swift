import Testing
import Wire

/// Hostile input costs no more than its own length. None of these tests looks at a clock: were the
/// work not linear, they would not end.
@Suite struct BoundsTests {
  static let many = 100_000

  // MARK: Native

  @Test(
    arguments: Holding.allCases,
    [
      // Lists and maps of 2^63 - 1, 2^32 and 10 million elements, none of which is there.
      ("every.List", "80 20 FF*8 7F"), ("every.List", "80 80 04 FF*8 7F"),
      ("every.List", "80 80 02 80 80 80 80 10"), ("every.List", "80 40 80 AD E2 04"),
      ("every.List", "01 80 AD E2 04 00*8"), ("every.Map", "80 20 FF*8 7F"),
      ("every.Map", "80 40 80 AD E2 04 01"), ("every.Singular", "80 80 01 FF*8 7F"),
      ("every.Singular", "80 80 02 80 80 80 80 10 00"),
    ] as [(String, Hex)])
  func `a count is not believed`(
    _ holding: Holding, _ example: (type: String, hex: Hex)
  ) throws {
    let error = try holding.fault(in: example.hex.bytes, of: example.type, as: .native)
    #expect(error?.reason == .lengthPastEnd)
  }

  @Test(arguments: Holding.allCases)
  func `a count that is true is held against the budget before memory is taken`(
    _ holding: Holding
  ) throws {
    let trees =
      [0x80, 0x80, 0x04] + Chain.varint(1_000_000) + [UInt8](repeating: 1, count: 2_000_000)
    let error = try holding.fault(in: trees, of: "every.List", as: .native)
    #expect(error == WireError(.memoryBudget, at: 6))
  }

  // MARK: Protobuf

  @Test(arguments: Holding.allCases)
  func `short runs of repeated fields that alternate are read in one pass`(
    _ holding: Holding
  ) throws {
    // A number, a packed run, a text, bytes, an enum and an empty message, again and again.
    let turn: Hex = "18 01 22 01 02 72 00 7A 00 80 01 01 92 01 00"
    var options = CodingOptions()
    options.memoryMultiple = 64
    let bytes = turn.repeated(Self.many)
    let written = try holding.recode(
      bytes, of: "every.List", from: .protobuf, to: .protobuf, options: options)
    let list = try Every.List(decoding: written, as: .protobuf, options: options)
    #expect(list.int32Values.count == Self.many)
    #expect(list.int64Values.count == Self.many)
    #expect(list.stringValues.count == Self.many)
    #expect(list.bytesValues.count == Self.many)
    #expect(list.shades.count == Self.many)
    #expect(list.empties.count == Self.many)
  }

  @Test(
    arguments: Holding.allCases,
    // A child more each time: of a oneof's message, and of one behind a reference.
    ["3A 02 1A 00", "32 02 1A 00"] as [Hex])
  func `a message in many parts is merged in one pass`(_ holding: Holding, _ part: Hex) throws {
    var options = CodingOptions()
    options.memoryMultiple = 128
    let bytes = part.repeated(Self.many)
    let written = try holding.recode(
      bytes, of: "every.Tree", from: .protobuf, to: .protobuf, options: options)
    let tree = try Every.Tree(decoding: written, as: .protobuf, options: options)
    var merged = tree.left
    if case .graft(let graft) = tree.fruit { merged = graft }
    #expect(merged?.children.count == Self.many)
  }

  @Test(arguments: Holding.allCases)
  func `many unknown fields are kept in one pass`(_ holding: Holding) throws {
    let bytes = Hex("10 01").repeated(Self.many)
    var options = CodingOptions()
    options.memoryMultiple = 64
    let back = try holding.recode(
      bytes, of: "sample.Old", from: .protobuf, to: .protobuf, options: options)
    #expect(back == bytes)
  }

  @Test(arguments: Holding.allCases)
  func `a oneof that changes its member many times holds the last`(_ holding: Holding) throws {
    let turn: Hex = "3A 02 1A 00 42 00"
    let bytes = turn.repeated(Self.many)
    var options = CodingOptions()
    options.memoryMultiple = 1024
    let back = try holding.recode(
      bytes, of: "every.Tree", from: .protobuf, to: .protobuf, options: options)
    #expect(back == [0x42, 0x00])
  }

  @Test(arguments: Holding.allCases)
  func `a map whose one key comes many times holds the last`(_ holding: Holding) throws {
    let bytes = Hex("22 00").repeated(Self.many)
    let back = try holding.recode(bytes, of: "every.Map", from: .protobuf, to: .native)
    #expect(back == [0x08, 0x01, 0x00, 0x00])
  }

  // MARK: JSON

  @Test(
    arguments: Holding.allCases,
    [
      (#"{"value":"#, "["), (#"{"value":"#, #"{"a":"#), (#"{"unknown":"#, "["),
      (#"{"detail":"#, #"{"a":"#), (#"{"detail":{"@type":"t/sample.Order","detail":"#, #"{"a":["#),
      ("", "["), ("", #"{"value":"#), (#"{"list":"#, "["),
    ])
  func `a mebibyte of brackets is refused`(
    _ holding: Holding, _ example: (start: String, bracket: String)
  ) throws {
    let count = (1 << 20) / example.bracket.utf8.count
    let json = Array((example.start + String(repeating: example.bracket, count: count)).utf8)
    var options = Schemas.optionsWithTypes
    options.ignoresUnknownJSONMembers = true
    let error = try holding.fault(in: json, of: "sample.Order", as: .json, options: options)
    #expect(
      error?.reason
        == (example.start.isEmpty && example.bracket == "[" ? .wrongType : .nestingTooDeep))
  }

  @Test(arguments: Holding.allCases)
  func `long texts, numbers and lists are read in one pass`(_ holding: Holding) throws {
    let zeros = String(repeating: "0", count: Self.many)
    let escapes = String(repeating: #"\n"#, count: Self.many)
    let json = #"{"doubleValue":1.\#(zeros)1,"int32Value":1.\#(zeros),"stringValue":"\#(escapes)"}"#
    let back = try holding.recode(
      Array(json.utf8), of: "every.Singular", from: .json, to: .protobuf)
    let read = try Every.Singular(decoding: back, as: .protobuf)
    #expect(read.int32Value == 1)
    #expect(read.stringValue.utf8.count == Self.many)
    let list = #"{"int32Values":["# + String(repeating: "0,", count: 2 * Self.many) + "0]}"
    let numbers = try Every.List(
      decoding: try holding.recode(
        Array(list.utf8), of: "every.List", from: .json, to: .native), as: .native)
    #expect(numbers.int32Values.count == 2 * Self.many + 1)
  }
}
