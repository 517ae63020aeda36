import Cryptography
import Platform
import Testing

@Suite struct SealingKeyTests {
  private struct Zeros: RandomSource {
    func next() -> UInt64 { 0 }
  }

  private let key: SealingKey
  private let place = Array("person/1/secret".utf8)

  init() throws { key = try SealingKey(bytes: Array(0..<32)) }

  @Test func `seals as the examples of GCM show`() throws {
    let key = try SealingKey(bytes: [UInt8](repeating: 0, count: 32))
    let empty = key.seal([], for: [], Zeros())
    let block = key.seal([UInt8](repeating: 0, count: 16), for: [], Zeros())
    let nonce = String(repeating: "00", count: 12)
    #expect(Hex.text(empty) == nonce + "530f8afbc74536b9a963b4f1c4cb738b")
    #expect(
      Hex.text(block) == nonce + "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
  }

  @Test(arguments: [0, 1, 16, 1_000]) func `what was sealed comes back`(_ count: Int) throws {
    let plain = SeededRandom(seed: 3).bytes(count)
    let sealed = key.seal(plain, for: place, SystemRandom())
    #expect(sealed.count == count + SealingKey.overheadByteCount)
    #expect(try key.open(sealed, for: place) == plain)
  }

  @Test func `the same bytes are sealed differently each time`() {
    let random = SeededRandom(seed: 4)
    #expect(key.seal([1], for: place, random) != key.seal([1], for: place, random))
  }

  @Test func `any change is found`() throws {
    let sealed = key.seal(Array("secret".utf8), for: place, SystemRandom())
    for position in sealed.indices {
      var changed = sealed
      changed[position] ^= 0x80
      #expect(throws: CryptographyError.sealBroken) { try key.open(changed, for: place) }
    }
    for count in 0..<sealed.count {
      let cut = Array(sealed.prefix(count))
      #expect(throws: CryptographyError.sealBroken) { try key.open(cut, for: place) }
    }
  }

  @Test func `another place and another key open nothing`() throws {
    let sealed = key.seal(Array("secret".utf8), for: place, SystemRandom())
    let other = try SealingKey(bytes: Array(1..<33))
    #expect(throws: CryptographyError.sealBroken) {
      try key.open(sealed, for: Array("person/2/secret".utf8))
    }
    #expect(throws: CryptographyError.sealBroken) { try other.open(sealed, for: place) }
  }
}
