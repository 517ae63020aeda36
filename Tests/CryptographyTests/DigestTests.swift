import Cryptography
import Testing

@Suite struct DigestTests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
  ])
  func `SHA-256 digests the examples of FIPS 180-4`(_ text: String, _ digest: String) {
    #expect(Hex.text(SHA256.digest(text)) == digest)
  }

  @Test(arguments: [
    (
      [UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xaa, count: 131),
      Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    ([], [], "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
  ])
  func `HMAC-SHA-256 gives the codes of RFC 4231`(
    _ key: [UInt8], _ bytes: [UInt8], _ code: String
  ) {
    #expect(Hex.text(HMAC.sha256(bytes, key: key)) == code)
  }

  @Test func `HMAC-SHA-1 gives the code of RFC 2202`() {
    let code = HMAC.sha1(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
    #expect(Hex.text(code) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
  }

  @Test(arguments: [
    ("", "", true), ("secret", "secret", true), ("secret", "secreu", false),
    ("secret", "secrets", false), ("xecret", "secret", false),
  ])
  func `bytes are compared whole`(_ left: String, _ right: String, _ isEqual: Bool) {
    #expect(Array(left.utf8).equalsInConstantTime(Array(right.utf8)) == isEqual)
  }

  @Test func `wiped bytes are gone`() {
    var secret: [UInt8] = [1, 2, 3]
    secret.wipe()
    #expect(secret.isEmpty)
  }
}
