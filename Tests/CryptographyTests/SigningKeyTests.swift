import Cryptography
import Platform
import Testing

@Suite struct SigningKeyTests {
  struct Example: Sendable {
    var secret: String
    var publicKey: String
    var message: String
    var signature: String
  }

  @Test(arguments: [
    Example(
      secret: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      publicKey: "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      message: "",
      signature: "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        + "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    Example(
      secret: "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      publicKey: "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      message: "af82",
      signature: "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
        + "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
  ])
  func `signs as RFC 8032 shows`(_ example: Example) throws {
    let key = try SigningKey(bytes: #require(Hex.bytes(example.secret)))
    let message = try #require(Hex.bytes(example.message))
    let signature = key.sign(message)
    #expect(Hex.text(key.publicKey.bytes) == example.publicKey)
    #expect(Hex.text(signature) == example.signature)
    #expect(key.publicKey.verifies(signature, of: message))
    #expect(Hex.text(key.bytes) == example.secret)
  }

  @Test func `a changed message, signature or key is refused`() {
    let random = SeededRandom(seed: 1)
    let key = SigningKey.generate(random)
    let other = SigningKey.generate(random)
    let message = Array("pay 100".utf8)
    let signature = key.sign(message)
    #expect(!key.publicKey.verifies(signature, of: Array("pay 900".utf8)))
    #expect(!other.publicKey.verifies(signature, of: message))
    for place in signature.indices {
      var changed = signature
      changed[place] ^= 1
      #expect(!key.publicKey.verifies(changed, of: message))
    }
    #expect(!key.publicKey.verifies(Array(signature.dropLast()), of: message))
    #expect(!key.publicKey.verifies([], of: message))
  }

  @Test func `keys come back from PEM`() throws {
    let key = SigningKey.generate(SeededRandom(seed: 2))
    #expect(try SigningKey(pem: key.pem).bytes == key.bytes)
    #expect(try PublicKey(pem: key.publicKey.pem).bytes == key.publicKey.bytes)
    #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEI"))
  }

  @Test func `PEM of anything else is refused`() {
    let key = SigningKey.generate(SeededRandom(seed: 2))
    let texts = [
      "", key.publicKey.pem, String(key.pem.dropLast(30)), key.pem + key.pem,
      key.pem.replacing("MC4C", with: "MC5C"), key.pem.replacing("PRIVATE", with: "RSA PRIVATE"),
      String(repeating: "A", count: 10_000),
    ]
    for text in texts {
      #expect(throws: CryptographyError.self) { try SigningKey(pem: text) }
    }
  }

  @Test(arguments: [0, 31, 33]) func `keys have 32 bytes`(_ count: Int) {
    let bytes = [UInt8](repeating: 1, count: count)
    #expect(throws: CryptographyError.self) { try SigningKey(bytes: bytes) }
    #expect(throws: CryptographyError.self) { try PublicKey(bytes: bytes) }
    #expect(throws: CryptographyError.self) { try SealingKey(bytes: bytes) }
  }
}
