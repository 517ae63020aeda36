internal import CCrypto

/// The password hash scrypt (RFC 7914), which takes much memory on purpose.
///
/// It blocks its thread for about 0.4 s at the usual cost: call it on an executor that is bounded.
public enum Scrypt {
  /// What a hash costs.
  public struct Cost: Sendable, Hashable {
    /// The logarithm of N, the number of blocks.
    public let logN: Int
    /// The size of a block, in 128 bytes.
    public let r: Int
    /// How many times all of it is done.
    public let p: Int

    /// A cost.
    /// - Throws: `costInvalid` when it is senseless or takes more than 256 MiB.
    public init(logN: Int, r: Int, p: Int) throws(CryptographyError) {
      guard (1...20).contains(logN), (1...32).contains(r), (1...16).contains(p) else {
        throw .costInvalid("N is 2 to 2^20, r 1 to 32, p 1 to 16")
      }
      self.init(unchecked: logN, r, p)
      guard memoryBytes <= 256 << 20 else { throw .costInvalid("it takes over 256 MiB") }
    }

    private init(unchecked logN: Int, _ r: Int, _ p: Int) {
      self.logN = logN
      self.r = r
      self.p = p
    }

    /// OWASP's: N = 2^17, r = 8, p = 1; 128 MiB.
    public static let owasp = Cost(unchecked: 17, 8, 1)

    /// What one hash holds in memory.
    public var memoryBytes: Int { 128 * r * (1 << logN + p + 2) }
  }

  /// Derives a key of a password and a salt.
  /// - Throws: `memoryMissing` when the system has not the memory that the cost demands.
  public static func key(
    password: [UInt8], salt: [UInt8], cost: Cost, byteCount: Int
  ) throws(CryptographyError) -> [UInt8] {
    var key = [UInt8](repeating: 0, count: byteCount)
    // OpenSSL derives from an empty password only when it is not told that there is none.
    let passwordBytes = password.isEmpty ? [0] : password
    let isDone = unsafe passwordBytes.withUnsafeBytes { pointer in
      unsafe EVP_PBE_scrypt(
        pointer.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count,
        1 << cost.logN, UInt64(cost.r), UInt64(cost.p), UInt64(cost.memoryBytes + 1 << 20), &key,
        byteCount)
    }
    guard isDone == 1 else {
      ERR_clear_error()
      throw .memoryMissing
    }
    return key
  }
}
