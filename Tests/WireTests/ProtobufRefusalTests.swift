import Testing
import Wire

@Suite struct ProtobufRefusalTests {
  static let refusals: [Refusal] = [
    Refusal("every.Singular", "80", at: 0, .truncated),
    Refusal("every.Singular", "18", at: 1, .truncated),
    Refusal("every.Singular", "18 80", at: 1, .truncated),
    Refusal("every.Singular", "4D 01 02", at: 1, .truncated),
    Refusal("every.Singular", "09 00*7", at: 1, .truncated),
    Refusal("every.List", "1A 01 80 00", at: 2, .truncated),
    Refusal("every.List", "0A 07 00*7", at: 2, .truncated),
    Refusal("every.Singular", "71 00", at: 1, .truncated),
    Refusal("every.Singular", "75 00", at: 1, .truncated),
    Refusal("every.Map", "0A 01 08", at: 3, .truncated),

    Refusal("every.Singular", "18 FF*10 01", at: 1, .varintTooLong),
    Refusal("every.Singular", "18 FF*9 02", at: 1, .varintTooLong),
    Refusal("every.Singular", "FF*10 01", at: 0, .varintTooLong),
    Refusal("every.Singular", "70 FF*10 01", at: 1, .varintTooLong),

    Refusal("every.Singular", "7A 05 61", at: 1, .lengthPastEnd),
    Refusal("every.Singular", "72 02 00", at: 1, .lengthPastEnd),
    Refusal("every.Singular", "7A FF*9 01", at: 1, .lengthPastEnd),
    Refusal("every.Tree", "32 02 0A 01 61", at: 3, .lengthPastEnd),
    Refusal("every.List", "1A 05 00", at: 1, .lengthPastEnd),
    Refusal("every.List", "72 01 61 72 02 61", at: 4, .lengthPastEnd),
    Refusal("every.Map", "0A 05 00", at: 1, .lengthPastEnd),

    Refusal("every.Singular", "7A 02 C3 28", at: 2, .invalidUTF8),
    Refusal("every.List", "72 01 61 72 01 FF", at: 5, .invalidUTF8),
    Refusal("every.Map", "6A 04 0A 02 61 80", at: 5, .invalidUTF8),

    Refusal("every.Singular", "00", at: 0, .invalidTag),
    Refusal("every.Singular", "02 00", at: 0, .invalidTag),
    Refusal("every.Singular", "1E", at: 0, .invalidTag),
    Refusal("every.Singular", "18 01 1F", at: 2, .invalidTag),
    Refusal("every.Singular", "80 80 80 80 10 00", at: 0, .invalidTag),
    Refusal("every.Map", "0A 01 07", at: 2, .invalidTag),
    Refusal("every.Singular", "73 00 74", at: 1, .invalidTag),

    Refusal("every.Singular", "74", at: 0, .unmatchedGroup),
    Refusal("every.Singular", "1C", at: 0, .unmatchedGroup),
    Refusal("every.Singular", "73", at: 0, .unmatchedGroup),
    Refusal("every.Singular", "73 7C", at: 1, .unmatchedGroup),
    Refusal("every.Singular", "73 7B 74 7C", at: 2, .unmatchedGroup),
    Refusal("every.Tree", "32 01 73 74", at: 2, .unmatchedGroup),

    Refusal("every.Tree", Hex(Chain.protobuf(depth: 65)), at: 128, .nestingTooDeep),
    Refusal("every.Tree", "73*64 74*64", at: 63, .nestingTooDeep),
  ]

  @Test(arguments: Holding.allCases, refusals)
  func `protobuf that is no message is refused at its byte`(
    _ holding: Holding, _ refusal: Refusal
  ) throws {
    let error = try holding.fault(in: refusal.hex.bytes, of: refusal.type, as: .protobuf)
    #expect(error == WireError(refusal.reason, at: refusal.offset))
  }

  @Test(
    arguments: Holding.allCases,
    [Hex(Chain.protobuf(depth: 64)), "73*63 74*63", "32 7C 73*62 74*62"] as [Hex])
  func `64 levels of messages and groups are accepted`(_ holding: Holding, _ deepest: Hex) throws {
    #expect(
      try holding.recode(deepest.bytes, of: "every.Tree", from: .protobuf, to: .protobuf)
        == deepest.bytes)
  }

  @Test(
    arguments: Holding.allCases,
    [
      // Trees; texts; a packed run; a text; bytes; an unknown field; one entry of a map.
      Refusal("every.List", "8A 01 00 8A 01 00 8A 01 00", at: 2, .memoryBudget),
      Refusal("every.List", "72 00*1 72 00 72 00 72 00", at: 1, .memoryBudget),
      Refusal("every.List", "1A 64 01*100", at: 2, .memoryBudget),
      Refusal("every.Singular", "7A 64 61*100", at: 2, .memoryBudget),
      Refusal("every.Singular", "82 01 64 61*100", at: 3, .memoryBudget),
      Refusal("every.Singular", "70 01", at: 2, .memoryBudget),
      Refusal("every.Map", "6A 00", at: 2, .memoryBudget),
    ])
  func `what takes more memory than the budget is refused`(
    _ holding: Holding, _ refusal: Refusal
  ) throws {
    var options = CodingOptions()
    (options.memoryBytesBase, options.memoryMultiple) = (0, 1)
    let error = try holding.fault(
      in: refusal.hex.bytes, of: refusal.type, as: .protobuf, options: options)
    #expect(error == WireError(.memoryBudget, at: refusal.offset))
  }

  @Test(
    arguments: Holding.allCases,
    [
      // A text as a number, a list as a text of 4 bytes, a message as a group.
      ("every.Singular", "78 05"), ("every.List", "1D 01 02 03 04"), ("every.Tree", "33 34"),
    ] as [(String, Hex)])
  func `a known field of another wire type is kept as unknown`(
    _ holding: Holding, _ example: (type: String, hex: Hex)
  ) throws {
    let bytes = example.hex.bytes
    #expect(
      try holding.recode(bytes, of: example.type, from: .protobuf, to: .protobuf) == bytes)
  }

  @Test(
    arguments: Holding.allCases,
    [
      // Spellings that are longer than needed, and integers cut to their width.
      ("every.Singular", "98 80 00 81 80 00", "18 01"),
      ("every.Singular", "7A 81 00 61", "7A 01 61"),
      ("every.Singular", "18 FF FF FF FF 1F", "18 FF*9 01"),
      ("every.Singular", "28 80 80 80 80 30", ""),
      ("every.Singular", "68 02", "68 01"),
    ] as [(String, Hex, Hex)])
  func `what protobuf tolerates is written in one way`(
    _ holding: Holding, _ example: (type: String, read: Hex, written: Hex)
  ) throws {
    #expect(
      try holding.recode(example.read.bytes, of: example.type, from: .protobuf, to: .protobuf)
        == example.written.bytes)
  }
}
