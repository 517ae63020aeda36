internal import CCrypto

/// The digest SHA-256 of bytes that come one piece after the other. It belongs to one task.
@safe
public final class SHA256Stream {
  private let context: OpaquePointer

  /// A digest of nothing yet.
  public init() {
    let made = unsafe EVP_MD_CTX_new()
    let isReady = unsafe EVP_DigestInit_ex(made, EVP_sha256(), nil)
    guard isReady == 1, let made = unsafe made else {
      preconditionFailure("OpenSSL has no SHA-256")
    }
    unsafe context = made
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Takes the next bytes.
  public func update(_ bytes: [UInt8]) {
    let isDone = unsafe EVP_DigestUpdate(context, bytes, bytes.count)
    precondition(isDone == 1, "OpenSSL has no SHA-256")
  }

  /// The digest of all of them: 32 bytes. Nothing can be taken afterwards.
  public func finish() -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { digest, count in
      let isDone = unsafe EVP_DigestFinal_ex(context, digest.baseAddress, nil)
      precondition(isDone == 1, "OpenSSL has no SHA-256")
      count = SHA256.byteCount
    }
  }
}
