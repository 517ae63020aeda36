import Cryptography
import Platform
import Testing

@Suite struct OneTimeCodeTests {
  private let secret = Array("12345678901234567890".utf8)

  @Test func `counters give the codes of RFC 4226`() {
    let codes = [
      "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
      "520489",
    ]
    for (counter, code) in codes.enumerated() {
      #expect(OneTimeCode.code(secret: secret, counter: UInt64(counter)) == code)
    }
  }

  @Test(
    arguments: [
      (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"),
      (1_234_567_890, "005924"), (2_000_000_000, "279037"), (20_000_000_000, "353130"),
    ] as [(Int64, String)])
  func `instants give the codes of RFC 6238`(_ seconds: Int64, _ code: String) {
    let step = OneTimeCode.step(ofCode: code, secret: secret, at: .seconds(seconds))
    #expect(step == seconds / 30)
  }

  @Test func `one step either side is taken, two are not`() {
    let code = OneTimeCode.code(secret: secret, counter: 100)
    let steps = (97...103).map { step in
      OneTimeCode.step(ofCode: code, secret: secret, at: .seconds(Int64(step) * 30 + 7))
    }
    #expect(steps == [nil, nil, 100, 100, 100, nil, nil])
  }

  @Test func `a code that was taken, and older ones, are refused`() {
    let code = OneTimeCode.code(secret: secret, counter: 100)
    let at = Duration.seconds(3_000)
    #expect(OneTimeCode.step(ofCode: code, secret: secret, at: at, after: 99) == 100)
    #expect(OneTimeCode.step(ofCode: code, secret: secret, at: at, after: 100) == nil)
    #expect(OneTimeCode.step(ofCode: code, secret: secret, at: at, after: 101) == nil)
  }

  @Test(arguments: ["", "75522", "0755224", "755 224", "７５５２２４"])
  func `other texts are no codes`(_ code: String) {
    #expect(OneTimeCode.step(ofCode: code, secret: secret, at: .zero) == nil)
  }

  @Test func `the address names issuer, account and secret`() {
    let uri = OneTimeCode.uri(secret: secret, issuer: "Sarai", account: "a b@c.pk")
    #expect(
      uri == "otpauth://totp/Sarai:a%20b%40c.pk?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
        + "&issuer=Sarai&algorithm=SHA1&digits=6&period=30")
  }
}
