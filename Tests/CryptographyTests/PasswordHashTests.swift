import Cryptography
import Platform
import Testing

@Suite struct PasswordHashTests {
  private let cheap: Scrypt.Cost

  init() throws { cheap = try Scrypt.Cost(logN: 4, r: 1, p: 1) }

  @Test(arguments: [
    (
      "", "", 4, 1, 1,
      "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
    ),
    (
      "password", "NaCl", 10, 8, 16,
      "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
    ),
  ])
  func `scrypt derives the keys of RFC 7914`(
    _ password: String, _ salt: String, _ logN: Int, _ r: Int, _ p: Int, _ key: String
  ) throws {
    let derived = try Scrypt.key(
      password: Array(password.utf8), salt: Array(salt.utf8),
      cost: Scrypt.Cost(logN: logN, r: r, p: p), byteCount: 64)
    #expect(Hex.text(derived) == key)
  }

  @Test(arguments: [
    "correct horse battery staple", "", "پاس ورڈ", String(repeating: "x", count: 1_024),
  ])
  func `accepts its own password and no other`(_ password: String) throws {
    let hash = try PasswordHash(of: password, cost: cheap, SeededRandom(seed: 5))
    #expect(try hash.accepts(password))
    #expect(try !hash.accepts(password + "x"))
    #expect(try !hash.accepts(String(password.dropLast()) + "?"))
  }

  @Test func `comes back from its text`() throws {
    let hash = try PasswordHash(of: "secret", cost: cheap, SeededRandom(seed: 6))
    #expect(hash.description.hasPrefix("$scrypt$ln=4,r=1,p=1$"))
    #expect(try PasswordHash(hash.description) == hash)
  }

  @Test func `the usual cost is OWASP's, within 129 MiB`() {
    let cost = Scrypt.Cost.owasp
    #expect(cost.logN == 17 && cost.r == 8 && cost.p == 1)
    #expect(cost.memoryBytes < 129 << 20)
  }

  @Test func `asks to be made anew when the cost moves`() throws {
    let hash = try PasswordHash(of: "secret", cost: cheap, SeededRandom(seed: 6))
    #expect(!hash.needsRehash(at: cheap))
    #expect(hash.needsRehash(at: .owasp))
  }

  @Test(arguments: [
    "", "$scrypt", "$argon2id$v=19$m=1,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=04,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=+4,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,p=1,r=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,r=1,p=1,$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=40,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=20,r=32,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,r=0,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,r=1,p=1$c2FsdHNhbHR$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,r=1,p=1$c2FsdHNhbHQ=$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,r=1,p=1$c2FsdHNhbHQ$aGFz", "$scrypt$ln=4,r=1,p=1$$aGFzaGhhc2hoYXNoaGFzaA",
    "$scrypt$ln=4,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA$",
    "x$scrypt$ln=4,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
  ])
  func `another text is refused`(_ text: String) {
    #expect(throws: CryptographyError.self) { try PasswordHash(text) }
  }
}
