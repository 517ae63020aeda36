import Testing
import Wire

@Suite struct RoundTripTests {
  /// Each seed is one test case, so that a failure names the seed that repeats it.
  static let seeds = Array(1...40 as ClosedRange<UInt64>)

  @Test(arguments: seeds)
  func `random values of every kind of field survive every encoding`(_ seed: UInt64) throws {
    var random = Seeded(seed: seed)
    try survives(Every.Singular.random(&random, depth: 3))
    try survives(Every.Optional.random(&random, depth: 3))
    try survives(Every.List.random(&random, depth: 2))
    try survives(Every.Map.random(&random, depth: 2))
    try survives(Every.Tree.random(&random, depth: 4) ?? Every.Tree())
    for _ in 0..<20 { try survives(Every.Choice.random(&random, depth: 2)) }
  }

  @Test func `messages by value within each other survive every encoding`() throws {
    let ball = Example.Ball(
      name: "No. 5", panels: 0, sizes: [5], stock: ["a": 0], proof: .inspected(false),
      price: Example.Price(currency: "PKR"), grade: .export, tiers: [Example.Price()])
    try survives(
      Sample.Outer(
        name: "o",
        middle: Sample.Middle(inner: Sample.Inner(ball: ball, count: -1), last: true)))
    try survives(Sample.Outer(middle: Sample.Middle(inner: Sample.Inner())))
  }

  /// Value to bytes to value; and a dynamic message makes the same bytes, whichever encoding it
  /// was read from.
  private func survives<M: Message>(_ value: M) throws {
    let bytes = try Encoding.allCases.map { ($0, try value.encoded(as: $0)) }
    for (source, read) in bytes {
      #expect(try M(decoding: read, as: source) == value)
      let dynamic = try DynamicMessage(
        try Schemas.layout(of: M.layout.name), decoding: read, as: source)
      for (target, written) in bytes {
        #expect(try dynamic.encoded(as: target) == written, "\(source) to \(target)")
      }
    }
  }

  // MARK: Values that are easily lost

  @Test(arguments: Holding.allCases, [Encoding.native, .protobuf])
  func `negative zero and NaN's payload keep their bits`(
    _ holding: Holding, _ encoding: Encoding
  ) throws {
    let patterns: [UInt64] = [0x8000_0000_0000_0000, 0x7FF0_0000_0000_0001, 0xFFF8_1234_5678_9ABC]
    for pattern in patterns {
      let message = Every.Singular(
        doubleValue: Double(bitPattern: pattern),
        floatValue: Float(bitPattern: UInt32(pattern >> 32) | UInt32(pattern & 1)))
      let bytes = try message.encoded(as: encoding)
      let back = try holding.recode(bytes, of: "every.Singular", from: encoding, to: encoding)
      #expect(back == bytes)
      let read = try Every.Singular(decoding: back, as: encoding)
      #expect(read.doubleValue.bitPattern == pattern)
      #expect(read.floatValue.bitPattern == message.floatValue.bitPattern)
    }
  }

  @Test func `JSON tells negative zero from zero, and NaN from numbers`() throws {
    let message = Every.Singular(doubleValue: -0.0, floatValue: .nan)
    let json = try message.encoded(as: .json)
    #expect(String(decoding: json, as: UTF8.self) == #"{"doubleValue":-0,"floatValue":"NaN"}"#)
    let back = try Every.Singular(decoding: json, as: .json)
    #expect(back.doubleValue.bitPattern == (-0.0).bitPattern)
    #expect(back.floatValue.isNaN)
  }

  @Test(arguments: Holding.allCases, Encoding.allCases)
  func `keys that look the same but differ in bytes stay two`(
    _ holding: Holding, _ encoding: Encoding
  ) throws {
    let map = Every.Map(texts: ["é": "one scalar", "e\u{301}": "two scalars"])
    let bytes = try map.encoded(as: encoding)
    #expect(try holding.recode(bytes, of: "every.Map", from: encoding, to: encoding) == bytes)
    let texts = try Every.Map(decoding: bytes, as: encoding).texts
    #expect(texts.count == 2)
    #expect(texts["e\u{301}"] == "two scalars")
  }

  @Test(arguments: Holding.allCases)
  func `enum numbers without a name survive`(_ holding: Holding) throws {
    let json = #"{"shade":77}"#
    for encoding in Encoding.allCases {
      let bytes = try holding.recode(
        Array(json.utf8), of: "every.Singular", from: .json, to: encoding)
      let back = try holding.recode(bytes, of: "every.Singular", from: encoding, to: .json)
      #expect(String(decoding: back, as: UTF8.self) == json)
    }
  }
}
