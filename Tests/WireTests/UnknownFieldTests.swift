import Testing
import Wire

@Suite struct UnknownFieldTests {
  private let new = Sample.NewBox(
    content: Sample.New(name: "n", flag: true, counts: [1, -1]), after: 7)

  @Test(arguments: Holding.allCases, [Encoding.native, .protobuf])
  func `what a newer sender added comes back unchanged`(
    _ holding: Holding, _ encoding: Encoding
  ) throws {
    let bytes = try new.encoded(as: encoding)
    let back = try holding.recode(bytes, of: "sample.OldBox", from: encoding, to: encoding)
    #expect(back == bytes)
  }

  @Test(arguments: [Encoding.native, .protobuf])
  func `a reader may change what it knows and keep the rest`(_ encoding: Encoding) throws {
    var old = try Sample.OldBox(decoding: try new.encoded(as: encoding), as: encoding)
    #expect(old.content?.unknownFields.isEmpty == false)
    old.content?.name = ""
    var expected = new
    expected.content?.name = ""
    #expect(
      try Sample.NewBox(decoding: try old.encoded(as: encoding), as: encoding) == expected)
  }

  @Test(
    arguments: Holding.allCases,
    [
      (Encoding.native, Encoding.protobuf), (.native, .json), (.protobuf, .native),
      (.protobuf, .json),
    ])
  func `unknown fields do not cross over, unless they may be dropped`(
    _ holding: Holding, _ way: (from: Encoding, to: Encoding)
  ) throws {
    let bytes = try new.encoded(as: way.from)
    let error = #expect(throws: WireError.self) {
      _ = try holding.recode(bytes, of: "sample.OldBox", from: way.from, to: way.to)
    }
    #expect(error?.reason == .unknownFields)
    if way.to == .json { #expect(error?.path == "content") }
    var options = CodingOptions()
    options.dropsUnknownFields = true
    let dropped = try holding.recode(
      bytes, of: "sample.OldBox", from: way.from, to: way.to, options: options)
    let known = Sample.OldBox(content: Sample.Old(name: "n"), after: 7)
    #expect(dropped == (try known.encoded(as: way.to)))
  }

  @Test(arguments: Holding.allCases)
  func `unknown fields that may be dropped stay within their encoding`(_ holding: Holding) throws {
    var options = CodingOptions()
    options.dropsUnknownFields = true
    for encoding in [Encoding.native, .protobuf] {
      let bytes = try new.encoded(as: encoding)
      let back = try holding.recode(
        bytes, of: "sample.OldBox", from: encoding, to: encoding, options: options)
      #expect(back == bytes)
    }
  }

  @Test(
    arguments: Holding.allCases,
    [
      // Of native the presence is refused, of protobuf the first tag.
      (Encoding.native, "03 01 6E", 0), (.native, "02", 0), (.protobuf, "0A 01 6E 10 01", 3),
      (.protobuf, "13 14", 0),
    ] as [(Encoding, Hex, Int)])
  func `unknown fields are refused where the options say so`(
    _ holding: Holding, _ example: (encoding: Encoding, hex: Hex, offset: Int)
  ) throws {
    var options = CodingOptions()
    options.refusesUnknownFields = true
    let error = try holding.fault(
      in: example.hex.bytes, of: "sample.Old", as: example.encoding, options: options)
    #expect(error == WireError(.unknownFields, at: example.offset))
    #expect(throws: WireError(.unknownFields, at: 0)) {
      let message = try Sample.Old(decoding: example.hex.bytes, as: example.encoding)
      _ = try message.encoded(as: example.encoding, options: options)
    }
  }

  @Test(
    arguments: Holding.allCases,
    [
      ("every.Empty", "81 80 80 80 80 80 80 80 40 FF"), ("every.Empty", "02"),
      ("example.Ball", "80 20"), ("sample.Old", "07 01 61 00*20"),
    ] as [(String, Hex)])
  func `native keeps what it cannot look into`(
    _ holding: Holding, _ example: (type: String, hex: Hex)
  ) throws {
    let bytes = example.hex.bytes
    #expect(try holding.recode(bytes, of: example.type, from: .native, to: .native) == bytes)
  }

  @Test(arguments: Holding.allCases)
  func `protobuf keeps groups, and writes unknown fields last`(_ holding: Holding) throws {
    let read: Hex = "13 18 05 1B 1C 14 0A 01 6E 21 00*8"
    let written: Hex = "0A 01 6E 13 18 05 1B 1C 14 21 00*8"
    let back = try holding.recode(read.bytes, of: "sample.Old", from: .protobuf, to: .protobuf)
    #expect(back == written.bytes)
  }
}
