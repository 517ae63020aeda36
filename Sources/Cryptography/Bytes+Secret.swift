internal import CCrypto

extension [UInt8] {
  /// Whether the bytes are the same, in a time that does not tell how many of them are. Their number
  /// is not kept secret.
  public func equalsInConstantTime(_ other: [UInt8]) -> Bool {
    guard count == other.count else { return false }
    return unsafe CRYPTO_memcmp(self, other, count) == 0
  }

  /// Overwrites the bytes with zeros, in a way that is not optimised away, and drops them. Copies
  /// that were made of them are not reached.
  public mutating func wipe() {
    unsafe withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
    removeAll()
  }
}
