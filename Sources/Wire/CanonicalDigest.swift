internal import CCrypto

extension Message {
  /// The SHA-256 of the message's native bytes: equal for equal values, whoever computes it.
  ///
  /// - Returns: 32 bytes.
  /// - Throws: when the value has unknown fields, which are outside the canonical promise, or no
  ///   native encoding.
  public func canonicalSHA256() throws(WireError) -> [UInt8] {
    var options = CodingOptions()
    options.refusesUnknownFields = true
    return sha256(try encoded(as: .native, options: options))
  }
}

private func sha256(_ bytes: [UInt8]) -> [UInt8] {
  unsafe [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { digest, count in
    var digestBytes: UInt32 = 0
    let isDone = unsafe EVP_Digest(
      bytes, bytes.count, digest.baseAddress, &digestBytes, EVP_sha256(), nil)
    precondition(isDone == 1, "OpenSSL has no SHA-256")
    count = Int(digestBytes)
  }
}
