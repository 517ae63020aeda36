internal import CCrypto
public import Platform

/// A private key of Ed25519 (RFC 8032), which signs.
@safe
public final class SigningKey: @unchecked Sendable {
  // Sendable: nothing changes the key once it is made, and OpenSSL signs with a context of its own
  // each time.
  private let key: OpaquePointer
  /// The key's other half, which everyone may have.
  public let publicKey: PublicKey

  /// How many bytes a private key has.
  public static let byteCount = 32

  /// A key from its 32 bytes.
  /// - Throws: `keyInvalid` for any other number of bytes.
  public init(bytes: [UInt8]) throws(CryptographyError) {
    guard bytes.count == Self.byteCount,
      let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
    else { throw .keyInvalid("a private key of Ed25519 has 32 bytes") }
    var publicBytes = [UInt8](repeating: 0, count: PublicKey.byteCount)
    var count = publicBytes.count
    let isDone = unsafe EVP_PKEY_get_raw_public_key(key, &publicBytes, &count)
    precondition(isDone == 1, "OpenSSL has no Ed25519")
    unsafe self.key = key
    publicKey = try PublicKey(bytes: publicBytes)
  }

  deinit { unsafe EVP_PKEY_free(key) }

  /// A new key.
  public static func generate(_ random: some RandomSource) -> SigningKey {
    var seed = random.bytes(byteCount)
    defer { seed.wipe() }
    guard let key = try? SigningKey(bytes: seed) else {
      preconditionFailure("32 bytes are always a key of Ed25519")
    }
    return key
  }

  /// The key's 32 bytes: a secret.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.byteCount)
    var count = bytes.count
    let isDone = unsafe EVP_PKEY_get_raw_private_key(key, &bytes, &count)
    precondition(isDone == 1, "a key of Ed25519 has its bytes")
    return bytes
  }

  /// The signature of a message: 64 bytes, the same each time.
  public func sign(_ message: [UInt8]) -> [UInt8] {
    var signature = [UInt8](repeating: 0, count: PublicKey.signatureByteCount)
    var count = signature.count
    guard let context = unsafe EVP_MD_CTX_new() else {
      preconditionFailure("the system is out of memory")
    }
    defer { unsafe EVP_MD_CTX_free(context) }
    let isDone =
      unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1
      && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    precondition(isDone, "OpenSSL has no Ed25519")
    return signature
  }

  // MARK: PEM

  /// PKCS #8 of a private key of Ed25519 up to its bytes (RFC 8410 section 7).
  private static let prefix: [UInt8] = [
    0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]

  /// The key as PKCS #8 in PEM, as `openssl genpkey -algorithm ed25519` writes it: a secret.
  public var pem: String { PEM.text("PRIVATE KEY", Self.prefix + bytes) }

  /// A key that PEM holds as PKCS #8.
  /// - Throws: `keyInvalid` when it is anything else than one unencrypted key of Ed25519.
  public convenience init(pem: String) throws(CryptographyError) {
    guard let der = PEM.bytes("PRIVATE KEY", pem), der.starts(with: Self.prefix) else {
      throw .keyInvalid("it is not PEM of an unencrypted private key of Ed25519 (PKCS #8)")
    }
    try self.init(bytes: Array(der[Self.prefix.count...]))
  }
}
