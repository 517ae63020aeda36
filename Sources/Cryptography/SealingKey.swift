internal import CCrypto
public import Platform

/// A key of AES-256-GCM (NIST SP 800-38D): seals bytes so that who lacks it can neither read nor
/// change them.
///
/// Each seal takes a fresh random nonce of 96 bits, so a key is good for 2^32 seals.
public struct SealingKey: Sendable {
  /// How many bytes a key has.
  public static let byteCount = 32
  private static let nonceByteCount = 12
  private static let tagByteCount = 16
  /// What sealing adds to a length.
  public static let overheadByteCount = nonceByteCount + tagByteCount
  private let bytes: [UInt8]

  /// A key from its 32 bytes.
  /// - Throws: `keyInvalid` for any other number of bytes.
  public init(bytes: [UInt8]) throws(CryptographyError) {
    guard bytes.count == Self.byteCount else { throw .keyInvalid("it must have 32 bytes") }
    self.bytes = bytes
  }

  /// Nonce, encrypted bytes and tag, one after the other.
  ///
  /// - Parameter place: where the seal belongs; opening it for another place fails.
  public func seal(
    _ plain: [UInt8], for place: [UInt8], _ random: some RandomSource
  ) -> [UInt8] {
    let nonce = random.bytes(Self.nonceByteCount)
    var sealed = [UInt8](repeating: 0, count: plain.count)
    var tag = [UInt8](repeating: 0, count: Self.tagByteCount)
    let isDone = unsafe withCipher(nonce, encrypts: true) { cipher in
      var count: Int32 = 0
      return unsafe EVP_EncryptUpdate(cipher, nil, &count, place, Int32(place.count)) == 1
        && EVP_EncryptUpdate(cipher, &sealed, &count, plain, Int32(plain.count)) == 1
        && EVP_EncryptFinal_ex(cipher, nil, &count) == 1
        && EVP_CIPHER_CTX_ctrl(
          cipher, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagByteCount), &tag) == 1
    }
    precondition(isDone, "OpenSSL has no AES-256-GCM")
    return nonce + sealed + tag
  }

  /// What was sealed for this place.
  /// - Throws: `sealBroken` when it was not, or not by this key, or was changed.
  public func open(_ sealed: [UInt8], for place: [UInt8]) throws(CryptographyError) -> [UInt8] {
    guard sealed.count >= Self.overheadByteCount else { throw .sealBroken }
    let nonce = Array(sealed.prefix(Self.nonceByteCount))
    let body = Array(sealed[Self.nonceByteCount..<sealed.count - Self.tagByteCount])
    var tag = Array(sealed.suffix(Self.tagByteCount))
    var plain = [UInt8](repeating: 0, count: body.count)
    let isOurs = unsafe withCipher(nonce, encrypts: false) { cipher in
      var count: Int32 = 0
      return unsafe EVP_DecryptUpdate(cipher, nil, &count, place, Int32(place.count)) == 1
        && EVP_DecryptUpdate(cipher, &plain, &count, body, Int32(body.count)) == 1
        && EVP_CIPHER_CTX_ctrl(
          cipher, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagByteCount), &tag) == 1
        && EVP_DecryptFinal_ex(cipher, nil, &count) == 1
    }
    guard isOurs else {
      plain.wipe()
      throw .sealBroken
    }
    return plain
  }

  private func withCipher(
    _ nonce: [UInt8], encrypts: Bool, _ body: (OpaquePointer) -> Bool
  ) -> Bool {
    guard let cipher = unsafe EVP_CIPHER_CTX_new() else { return false }
    defer { unsafe EVP_CIPHER_CTX_free(cipher) }
    let isReady = unsafe EVP_CipherInit_ex(
      cipher, EVP_aes_256_gcm(), nil, bytes, nonce, encrypts ? 1 : 0)
    return unsafe isReady == 1 && body(cipher)
  }
}
