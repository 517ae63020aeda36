import Testing
import WellKnownTypes
import Wire

/// Values that have no form in JSON: writing them is refused, with what they are.
@Suite struct JSONUnrepresentableTests {
  /// A value, and what its refusal says.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let encode: @Sendable () throws -> [UInt8]
    let expected: WireError.Reason

    init(
      _ name: String, _ message: some Message, _ expected: WireError.Reason = .unrepresentable
    ) {
      testDescription = name
      encode = { try message.encoded(as: .json) }
      self.expected = expected
    }
  }

  static let cases = [
    Case("the year 10000", GoogleProtobuf.Timestamp(seconds: 253_402_300_800)),
    Case("the year 0", GoogleProtobuf.Timestamp(seconds: -62_135_596_801)),
    Case("nanoseconds below zero", GoogleProtobuf.Timestamp(nanos: -1)),
    Case("a second of nanoseconds", GoogleProtobuf.Timestamp(nanos: 1_000_000_000)),
    Case("a duration of two signs", GoogleProtobuf.Duration(seconds: 1, nanos: -1)),
    Case("a duration past 10,000 years", GoogleProtobuf.Duration(seconds: 315_576_000_001)),
    Case("a path in camel case", GoogleProtobuf.FieldMask(paths: ["fooBar"])),
    Case("a path with two underscores", GoogleProtobuf.FieldMask(paths: ["foo__bar"])),
    Case("a path with a comma", GoogleProtobuf.FieldMask(paths: ["foo,bar"])),
    Case("a value without a kind", GoogleProtobuf.Value()),
    Case("a value that is not a number", GoogleProtobuf.Value(kind: .numberValue(.nan))),
    Case("an infinite value", GoogleProtobuf.Value(kind: .numberValue(.infinity))),
    Case(
      "an Any of an unknown type",
      GoogleProtobuf.AnyMessage(typeUrl: "type.example.org/no.Such", value: [1]), .unknownType),
  ]

  @Test(arguments: cases)
  func `a value without a form in JSON is refused`(_ value: Case) throws {
    let error = #expect(throws: WireError.self) { try value.encode() }
    #expect(error?.reason == value.expected)
    #expect(error?.detail.isEmpty == false)
  }

  @Test func `an Any whose bytes are broken is refused`() throws {
    var options = CodingOptions()
    options.types = TypeRegistry(GoogleProtobuf.messages)
    let broken = GoogleProtobuf.AnyMessage(
      typeUrl: "type.googleapis.com/google.protobuf.StringValue", value: [0x0A, 9])
    let error = #expect(throws: WireError.self) {
      try broken.encoded(as: .json, options: options)
    }
    #expect(error?.reason == .lengthPastEnd)
  }
}
