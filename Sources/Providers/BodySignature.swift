internal import Cryptography

/// The signature that bodies bear, either way: HMAC-SHA256 over "<unix seconds>.<body>".
public struct BodySignature: Sendable, Hashable {
  /// The header of the time.
  public static let timestampField = "x-sarai-timestamp"
  /// The header of the signature.
  public static let signatureField = "x-sarai-signature"
  /// How old, or how far in the future, a signature may be.
  public static let tolerance: Duration = .seconds(300)

  /// Unix seconds, in decimal.
  public let timestamp: String
  /// `v1=` and 64 hexadecimal digits.
  public let signature: String

  /// What came with a body.
  public init(timestamp: String, signature: String) {
    self.timestamp = timestamp
    self.signature = signature
  }

  /// Signs a body.
  public init(of body: [UInt8], secret: [UInt8], at now: Duration) {
    timestamp = "\(now.components.seconds)"
    signature = Self.signature(of: body, timestamp, secret)
  }

  /// Whether one of the secrets made it, not too long ago.
  public func verifies(_ body: [UInt8], secrets: [[UInt8]], at now: Duration) -> Bool {
    guard timestamp.utf8.count <= 12, let seconds = Int64(timestamp), seconds >= 0,
      "\(seconds)" == timestamp
    else { return false }
    let age = now - .seconds(seconds)
    guard age <= Self.tolerance, age >= .zero - Self.tolerance else { return false }
    // Every secret is tried, so that the time does not tell which one fits.
    return secrets.reduce(false) { isFound, secret in
      let wanted = Array(Self.signature(of: body, timestamp, secret).utf8)
      return wanted.equalsInConstantTime(Array(signature.utf8)) || isFound
    }
  }

  private static func signature(
    of body: [UInt8], _ timestamp: String, _ secret: [UInt8]
  ) -> String {
    "v1=" + Hex.text(HMAC.sha256(Array("\(timestamp).".utf8) + body, key: secret))
  }
}
