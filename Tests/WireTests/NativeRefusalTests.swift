import Testing
import Wire

@Suite struct NativeRefusalTests {
  static let refusals: [Refusal] = [
    Refusal("every.Singular", "", at: 0, .truncated),
    Refusal("every.Singular", "80", at: 0, .truncated),
    Refusal("every.Singular", "80 02 01 02 03", at: 2, .truncated),
    Refusal("every.Singular", "01 00*7", at: 1, .truncated),
    Refusal("every.Optional", "80 20", at: 2, .truncated),
    Refusal("every.List", "04 02 80 80", at: 2, .truncated),

    Refusal("every.Singular", "80 00", at: 0, .overlongVarint),
    Refusal("every.Singular", "08 81 80 00", at: 1, .overlongVarint),
    Refusal("every.Singular", "08 81 80 00*8", at: 1, .overlongVarint),
    Refusal("every.Singular", "08 FF*9 00", at: 1, .overlongVarint),
    Refusal("every.Singular", "80 80 01 81 00 61", at: 3, .overlongVarint),
    Refusal("every.List", "80 20 81 00 01", at: 2, .overlongVarint),

    Refusal("every.Singular", "08 FF*10 01", at: 1, .varintTooLong),
    Refusal("every.Singular", "08 FF*9 02", at: 1, .varintTooLong),

    Refusal("every.Singular", "80 80 01 05 61", at: 3, .lengthPastEnd),
    Refusal("every.Singular", "80 80 01 FF*9 01", at: 3, .lengthPastEnd),
    Refusal("every.Tree", "20 02 01 05 61 61", at: 3, .lengthPastEnd),
    Refusal("every.List", "80 20 03 01 01", at: 2, .lengthPastEnd),
    Refusal("every.List", "80 20 FF*9 01 01", at: 2, .lengthPastEnd),
    Refusal("every.List", "01 02 00*15", at: 1, .lengthPastEnd),
    Refusal("every.List", "80 80 04 02 01 00 01", at: 3, .lengthPastEnd),
    Refusal("every.Map", "08 02 01 00 02", at: 1, .lengthPastEnd),

    Refusal("every.Singular", "80 80 01 04 61 62 C3 28", at: 6, .invalidUTF8),
    Refusal("every.Singular", "80 80 01 02 C0 80", at: 4, .invalidUTF8),
    Refusal("every.Singular", "80 80 01 03 ED A0 80", at: 4, .invalidUTF8),
    Refusal("every.Singular", "80 80 01 04 F4 90 80 80", at: 4, .invalidUTF8),
    Refusal("every.Singular", "80 80 01 14 61*19 C3", at: 23, .invalidUTF8),
    Refusal("every.Map", "80 20 01 01 FF 00", at: 4, .invalidUTF8),

    Refusal("every.Map", "01 02 02 00*8 01 00*8", at: 11, .unsortedMapKey),
    Refusal("every.Map", "01 02 02 00*8 02 00*8", at: 11, .unsortedMapKey),
    Refusal("every.Map", "08 02 02 00 01 00", at: 4, .unsortedMapKey),
    Refusal("every.Map", "80 08 02 01 00 00 00", at: 5, .unsortedMapKey),
    Refusal("every.Map", "80 02 02 00*4 00 FF*4 00", at: 8, .unsortedMapKey),
    Refusal("every.Map", "80 20 02 01 62 00 01 61 00", at: 6, .unsortedMapKey),
    Refusal("every.Map", "80 20 02 02 61 61 00 01 61 00", at: 7, .unsortedMapKey),
    Refusal("every.Map", "80 20 02 00 00 00 00", at: 5, .unsortedMapKey),

    Refusal("every.Singular", "01 00*8", at: 1, .explicitDefault),
    Refusal("every.Singular", "02 00*4", at: 1, .explicitDefault),
    Refusal("every.Singular", "04 00", at: 1, .explicitDefault),
    Refusal("every.Singular", "08 00", at: 1, .explicitDefault),
    Refusal("every.Singular", "10 00", at: 1, .explicitDefault),
    Refusal("every.Singular", "20 00", at: 1, .explicitDefault),
    Refusal("every.Singular", "40 00", at: 1, .explicitDefault),
    Refusal("every.Singular", "80 01 00", at: 2, .explicitDefault),
    Refusal("every.Singular", "80 02 00*4", at: 2, .explicitDefault),
    Refusal("every.Singular", "80 04 00*8", at: 2, .explicitDefault),
    Refusal("every.Singular", "80 08 00*4", at: 2, .explicitDefault),
    Refusal("every.Singular", "80 10 00*8", at: 2, .explicitDefault),
    Refusal("every.Singular", "80 80 01 00", at: 3, .explicitDefault),
    Refusal("every.Singular", "80 80 02 00", at: 3, .explicitDefault),
    Refusal("every.Singular", "80 80 80 80 04 00", at: 5, .explicitDefault),
    Refusal("every.List", "80 20 00", at: 2, .explicitDefault),
    Refusal("every.List", "80 80 02 00", at: 3, .explicitDefault),
    Refusal("every.List", "80 80 04 00", at: 3, .explicitDefault),
    Refusal("every.Map", "01 00", at: 1, .explicitDefault),

    Refusal("every.Singular", "04 FF FF FF FF 1F", at: 1, .outOfRange),
    Refusal("every.Singular", "40 80 80 80 80 10", at: 1, .outOfRange),
    Refusal("every.Singular", "10 80 80 80 80 10", at: 1, .outOfRange),
    Refusal("every.Singular", "80 80 80 80 04 FF FF FF FF 1F", at: 5, .outOfRange),
    Refusal("every.List", "80 80 02 02 00 80 80 80 80 10", at: 5, .outOfRange),
    Refusal("every.Optional", "80 20 02", at: 2, .outOfRange),
    Refusal("every.List", "80 20 02 01 FF", at: 4, .outOfRange),
    Refusal("every.Map", "80 08 01 02 00", at: 3, .outOfRange),

    Refusal("every.Tree", "80 80 80 80 80 80 80 80 80 01", at: 0, .presenceTooWide),
    Refusal("every.Singular", "80 80 80 80 80 80 80 80 80 01", at: 0, .presenceTooWide),
    Refusal("every.Singular", "80 40", at: 0, .unknownPresence),
    Refusal("every.Choice", "14 02 01", at: 2, .severalOneofMembers),

    Refusal("every.Empty", "00 00", at: 1, .trailingBytes),
    Refusal("every.Tree", "20 02 00 00", at: 3, .trailingBytes),
    Refusal("every.List", "80 80 04 01 02 00 00", at: 6, .trailingBytes),

    Refusal("every.Tree", Hex(Chain.native(depth: 65)), at: 128, .nestingTooDeep),

    Refusal("sample.Wide", "00", at: 0, .nativeUnavailable),
    Refusal("sample.HoldsWide", "01 01 00", at: 2, .nativeUnavailable),
  ]

  @Test(arguments: Holding.allCases, refusals)
  func `native that is no message is refused at its byte`(
    _ holding: Holding, _ refusal: Refusal
  ) throws {
    let error = try holding.fault(in: refusal.hex.bytes, of: refusal.type, as: .native)
    #expect(error == WireError(refusal.reason, at: refusal.offset))
  }

  @Test func `there is a refusal of every reason that native has`() {
    let elsewhere: Set<WireError.Reason> = [.memoryBudget, .unknownFields]
    let native: Set<WireError.Reason> = [
      .truncated, .overlongVarint, .varintTooLong, .lengthPastEnd, .invalidUTF8, .unsortedMapKey,
      .explicitDefault, .outOfRange, .presenceTooWide, .unknownPresence, .severalOneofMembers,
      .trailingBytes, .nestingTooDeep, .nativeUnavailable,
    ]
    #expect(Set(Self.refusals.map(\.reason)) == native)
    #expect(native.isDisjoint(with: elsewhere))
  }

  @Test(arguments: Holding.allCases)
  func `64 levels are accepted, and fewer where the options say so`(_ holding: Holding) throws {
    let deepest = Chain.native(depth: 64)
    #expect(
      try holding.recode(deepest, of: "every.Tree", from: .native, to: .native) == deepest)
    var options = CodingOptions()
    options.nestingMax = 3
    let error = try holding.fault(
      in: Chain.native(depth: 4), of: "every.Tree", as: .native, options: options)
    #expect(error == WireError(.nestingTooDeep, at: 6))
  }

  @Test(
    arguments: Holding.allCases,
    [
      // 100 trees of two bytes each; 100 numbers; a text; bytes; entries of a map.
      Refusal("every.List", "80 80 04 64 01*200", at: 4, .memoryBudget),
      Refusal("every.List", "08 64 01*100", at: 2, .memoryBudget),
      Refusal("every.Singular", "80 80 01 64 61*100", at: 4, .memoryBudget),
      Refusal("every.Singular", "80 80 02 64 61*100", at: 4, .memoryBudget),
      Refusal("every.Map", "08 32 01*100", at: 2, .memoryBudget),
    ])
  func `what takes more memory than the budget is refused`(
    _ holding: Holding, _ refusal: Refusal
  ) throws {
    var options = CodingOptions()
    (options.memoryBytesBase, options.memoryMultiple) = (0, 1)
    let error = try holding.fault(
      in: refusal.hex.bytes, of: refusal.type, as: .native, options: options)
    #expect(error == WireError(.memoryBudget, at: refusal.offset))
  }
}
