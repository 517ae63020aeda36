import Testing
import Wire

@Suite struct CanonicalDigestTests {
  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Computed by coreutils' sha256sum of the bytes that the specification's page shows.
  @Test(arguments: [
    (Example.Price(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (
      Example.Price(currency: "PKR", minorUnits: 150_000),
      "227003080840083104a386075e349e87ecc52c1fa21e0d9d50af8d5ee7017504"
    ),
  ])
  func `a price's digest is that of its native bytes`(
    _ price: Example.Price, _ digest: String
  ) throws {
    #expect(hex(try price.canonicalSHA256()) == digest)
  }

  @Test func `a ball's digest is that of its native bytes`() throws {
    let ball = Example.Ball(
      photoDigest: [0xDE, 0xAD, 0xBE, 0xEF],
      tiers: [Example.Price(minorUnits: 7), Example.Price()])
    #expect(
      hex(try ball.canonicalSHA256())
        == "f8d9142c78b32e28082aaabff07c225d02de96046fc712baf2097c4741f6a05e")
  }

  @Test func `equal values have one digest, however they were made`() throws {
    var first = Example.Ball()
    for key in ["a", "b", "c", "é", "e\u{301}"] { first.stock[key] = 1 }
    var second = Example.Ball()
    for key in ["e\u{301}", "é", "c", "x", "b", "a"] { second.stock[key] = 1 }
    second.stock["x"] = nil
    #expect(try first.canonicalSHA256() == second.canonicalSHA256())
    second.stock["a"] = 2
    #expect(try first.canonicalSHA256() != second.canonicalSHA256())
  }

  @Test(arguments: [(Encoding.native, "02 05"), (.protobuf, "10 05")] as [(Encoding, Hex)])
  func `a value with unknown fields has no digest, at any depth`(
    _ encoding: Encoding, _ content: Hex
  ) throws {
    let old = try Sample.Old(decoding: content.bytes, as: encoding)
    #expect(throws: WireError(.unknownFields, at: 0)) { _ = try old.canonicalSHA256() }
    let box = Sample.OldBox(content: old)
    #expect(throws: WireError(.unknownFields, at: 0)) { _ = try box.canonicalSHA256() }
  }

  @Test func `a message without native has no digest`() {
    #expect(throws: WireError(.nativeUnavailable, at: 0)) {
      _ = try Sample.Wide(far: 1).canonicalSHA256()
    }
  }
}
