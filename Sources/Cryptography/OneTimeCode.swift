public import Platform

/// One-time codes of six digits, as authenticator programs show them: TOTP (RFC 6238) with SHA-1
/// and steps of 30 s, over HOTP (RFC 4226).
public enum OneTimeCode {
  /// How long a code lasts.
  public static let stepSeconds: Int64 = 30
  /// How many digits a code has.
  public static let digitCount = 6
  /// How many bytes a new secret has: as many as the digest (RFC 4226 section 4).
  public static let secretByteCount = 20

  /// A new secret.
  public static func newSecret(_ random: some RandomSource) -> [UInt8] {
    random.bytes(secretByteCount)
  }

  /// The code of a counter (RFC 4226 section 5.3).
  public static func code(secret: [UInt8], counter: UInt64) -> String {
    let bytes = stride(from: 56, through: 0, by: -8).map {
      UInt8(truncatingIfNeeded: counter >> $0)
    }
    let digest = HMAC.sha1(bytes, key: secret)
    let offset = Int(digest[19] & 15)
    let word = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let digits = String((word & 0x7FFF_FFFF) % 1_000_000)
    return String(repeating: "0", count: digitCount - digits.count) + digits
  }

  /// The step that an instant since 1970 lies in.
  public static func step(at instant: Duration) -> Int64 {
    max(0, instant.components.seconds) / stepSeconds
  }

  /// The step whose code this is, of the present one and its neighbours; nil if it is none of them.
  ///
  /// - Parameter lastStep: the step of the last code that was taken; it and earlier ones are refused,
  ///   so that nobody uses a code twice. Store what is returned, in the transaction that takes it.
  public static func step(
    ofCode code: String, secret: [UInt8], at instant: Duration, after lastStep: Int64? = nil
  ) -> Int64? {
    let given = Array(code.utf8)
    let now = step(at: instant)
    var found: Int64?
    // All three are looked at whatever fits, so that the time tells nothing.
    for candidate in max(0, now - 1)...now + 1 {
      let expected = Array(self.code(secret: secret, counter: UInt64(candidate)).utf8)
      if expected.equalsInConstantTime(given), candidate > lastStep ?? -1 { found = candidate }
    }
    return found
  }

  /// The address that an authenticator program reads from a QR code.
  ///
  /// - Parameters:
  ///   - issuer: who asks for the code, as the program shows it.
  ///   - account: whose it is, as the program shows it.
  public static func uri(secret: [UInt8], issuer: String, account: String) -> String {
    "otpauth://totp/\(percentEncoded(issuer)):\(percentEncoded(account))"
      + "?secret=\(Base32.text(secret))&issuer=\(percentEncoded(issuer))"
      + "&algorithm=SHA1&digits=\(digitCount)&period=\(stepSeconds)"
  }

  private static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        encoded += "%" + Hex.text([byte]).uppercased()
      }
    }
    return encoded
  }
}
