import Cryptography
import Platform
import Testing

@Suite struct BitTextTests {
  @Test(arguments: [
    ("", "", ""), ("f", "Zg", "MY"), ("fo", "Zm8", "MZXQ"), ("foo", "Zm9v", "MZXW6"),
    ("foob", "Zm9vYg", "MZXW6YQ"), ("fooba", "Zm9vYmE", "MZXW6YTB"),
    ("foobar", "Zm9vYmFy", "MZXW6YTBOI"),
  ])
  func `texts are those of RFC 4648, without padding`(
    _ plain: String, _ base64: String, _ base32: String
  ) {
    #expect(Base64URL.text(plain.utf8) == base64)
    #expect(Base32.text(plain.utf8) == base32)
    #expect(Base64URL.bytes(base64) == Array(plain.utf8))
    #expect(Base32.bytes(base32) == Array(plain.utf8))
  }

  @Test(arguments: ["Zh", "Zg=", "Zg==", "Z", "Zm9", "Zm+v", "Zm/v", "Zm 9v", "Zm9vé"])
  func `a second text of the same bytes, or of none, is refused`(_ text: String) {
    #expect(Base64URL.bytes(text) == nil)
  }

  @Test(arguments: ["MZ", "M", "MZX", "MZXW6YT", "mzxq", "MZXQ====", "MZ1Q"])
  func `base32 that is not canonical is refused`(_ text: String) {
    #expect(Base32.bytes(text) == nil)
  }

  @Test func `any bytes come back`() {
    let random = SeededRandom(seed: 7)
    for count in 0..<100 {
      let bytes = random.bytes(count)
      #expect(Base64URL.bytes(Base64URL.text(bytes)) == bytes)
      #expect(Base32.bytes(Base32.text(bytes)) == bytes)
      #expect(Hex.bytes(Hex.text(bytes)) == bytes)
    }
  }

  @Test(arguments: ["0", "0g", "AB", "00 "])
  func `hexadecimal digits are pairs in lower case`(_ text: String) {
    #expect(Hex.bytes(text) == nil)
  }
}
