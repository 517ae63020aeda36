import Cryptography
import Platform

/// Ids that the service makes by a rule from another id: whoever does a thing twice makes the same.
enum DerivedID {
  /// The id of `part` of what `id` names.
  static func of(_ part: String, _ id: UUID) -> UUID { of(part, id.description) }

  /// The id of `part` of what a name names.
  static func of(_ part: String, _ name: String) -> UUID {
    let digest = SHA256.digest("sarai.payments \(part) \(name)")
    let id = UUID(bytes: Array(digest.prefix(16))) ?? .null
    // Version 8: made by a rule of one's own, RFC 9562.
    return UUID(
      high: id.high & ~0xF000 | 0x8000, low: id.low & ~(0b11 << 62) | 0b10 << 62)
  }
}
