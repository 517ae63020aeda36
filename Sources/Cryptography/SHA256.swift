internal import CCrypto

/// The digest SHA-256 (FIPS 180-4).
public enum SHA256 {
  /// How many bytes a digest has.
  public static let byteCount = 32

  /// The digest of some bytes: 32 bytes.
  public static func digest(_ bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
      let isDone = unsafe EVP_Digest(
        bytes, bytes.count, digest.baseAddress, nil, EVP_sha256(), nil)
      precondition(isDone == 1, "OpenSSL has no SHA-256")
      count = byteCount
    }
  }

  /// The digest of a text's UTF-8.
  public static func digest(_ text: String) -> [UInt8] { digest(Array(text.utf8)) }
}
