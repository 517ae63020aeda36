internal import CCrypto

/// A public key of Ed25519 (RFC 8032), which verifies.
@safe
public final class PublicKey: @unchecked Sendable {
  // Sendable: nothing changes the key once it is made, and OpenSSL verifies with a context of its
  // own each time.
  private let key: OpaquePointer
  /// The key's 32 bytes.
  public let bytes: [UInt8]

  /// How many bytes a public key has.
  public static let byteCount = 32
  /// How many bytes a signature has.
  public static let signatureByteCount = 64

  /// A key from its 32 bytes.
  /// - Throws: `keyInvalid` for any other number of bytes.
  public init(bytes: [UInt8]) throws(CryptographyError) {
    guard bytes.count == Self.byteCount,
      let key = unsafe EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
    else { throw .keyInvalid("a public key of Ed25519 has 32 bytes") }
    unsafe self.key = key
    self.bytes = bytes
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// Whether a signature is that of a message by the private key.
  public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    guard signature.count == Self.signatureByteCount, let context = unsafe EVP_MD_CTX_new() else {
      return false
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    let isVerified =
      unsafe EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    // A refused signature leaves a message in OpenSSL's queue of this thread.
    if !isVerified { ERR_clear_error() }
    return isVerified
  }

  /// SubjectPublicKeyInfo of a key of Ed25519 up to its bytes (RFC 8410 section 4).
  private static let prefix: [UInt8] = [
    0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  /// The key in PEM, as `openssl pkey -pubout` writes it.
  public var pem: String { PEM.text("PUBLIC KEY", Self.prefix + bytes) }

  /// A key that PEM holds as SubjectPublicKeyInfo.
  /// - Throws: `keyInvalid` when it is anything else than one key of Ed25519.
  public convenience init(pem: String) throws(CryptographyError) {
    guard let der = PEM.bytes("PUBLIC KEY", pem), der.starts(with: Self.prefix) else {
      throw .keyInvalid("it is not PEM of a public key of Ed25519")
    }
    try self.init(bytes: Array(der[Self.prefix.count...]))
  }
}
