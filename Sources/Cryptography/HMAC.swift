internal import CCrypto

/// A digest under a key (RFC 2104).
public enum HMAC {
  /// HMAC-SHA-256: 32 bytes.
  public static func sha256(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    unsafe code(bytes, key, EVP_sha256(), 32)
  }

  /// HMAC-SHA-1: 20 bytes; for one-time codes, which authenticator programs make with it.
  public static func sha1(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    unsafe code(bytes, key, EVP_sha1(), 20)
  }

  private static func code(
    _ bytes: [UInt8], _ key: [UInt8], _ digest: OpaquePointer?, _ byteCount: Int
  ) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { code, count in
      // OpenSSL takes no key for "the last one" when the pointer is nil, so an empty one is a byte
      // of no length.
      let keyBytes = key.isEmpty ? [0] : key
      var codeBytes: UInt32 = 0
      let isDone = unsafe CCrypto.HMAC(
        digest, keyBytes, Int32(key.count), bytes, bytes.count, code.baseAddress, &codeBytes)
      precondition(unsafe isDone != nil && Int(codeBytes) == byteCount, "OpenSSL has no HMAC")
      count = byteCount
    }
  }
}
