internal import Cryptography
internal import IdentityContracts
internal import Wire

/// The rule that makes the audit log one chain: each entry holds the hash of the one before, and its
/// own over its canonical bytes, so that no entry can be changed, left out or put in unseen.
struct AuditChain: Sendable, Hashable {
  /// The newest entry's number; 0 before the first.
  private(set) var sequence: Int64
  /// Its hash; zeros before the first.
  private(set) var hash: [UInt8]

  /// What stands in the place of a hash before the first entry.
  static let start = [UInt8](repeating: 0, count: SHA256.byteCount)

  /// The chain as far as an entry.
  init(sequence: Int64 = 0, hash: [UInt8] = start) {
    self.sequence = sequence
    self.hash = hash
  }

  /// Appends an entry.
  ///
  /// - Returns: it, with its number and both hashes.
  mutating func append(_ entry: Identity.AuditEntry) throws(WireError) -> Identity.AuditEntry {
    var entry = entry
    entry.sequence = sequence + 1
    entry.previousHash = hash
    entry.hash_ = []
    entry.hash_ = try entry.canonicalSHA256()
    self = AuditChain(sequence: entry.sequence, hash: entry.hash_)
    return entry
  }

  /// Follows the chain over the next entry.
  ///
  /// - Returns: whether it is the next and unchanged; the chain stays where it was if not.
  mutating func follow(_ entry: Identity.AuditEntry) -> Bool {
    var bare = entry
    bare.hash_ = []
    guard entry.sequence == sequence + 1, entry.previousHash == hash,
      let digest = try? bare.canonicalSHA256(), digest == entry.hash_
    else { return false }
    self = AuditChain(sequence: entry.sequence, hash: entry.hash_)
    return true
  }
}
