public import Cryptography
public import Platform

/// The public keys that verify access tokens, by their names: a JWK set (RFC 7517, 8037).
public struct KeySet: Sendable {
  private var keys: [UUID: PublicKey] = [:]

  /// How many keys a set may have: those of a year of daily rotation would be too many.
  public static let keyCountMax = 32

  /// No keys.
  public init() {}

  /// These keys.
  public init(_ keys: [UUID: PublicKey]) { self.keys = keys }

  /// Adds a key as RFC 8037 writes it; one of another kind or use is passed over, as the RFC wants.
  ///
  /// - Parameters:
  ///   - x: the key's bytes as base64url.
  ///   - kid: the key's name.
  /// - Returns: whether it was added.
  @discardableResult
  public mutating func add(
    kty: String, crv: String, x: String, kid: String, alg: String, use: String
  ) -> Bool {
    guard kty == "OKP", crv == "Ed25519", alg == "EdDSA", use == "sig",
      keys.count < Self.keyCountMax, let name = UUID(kid), let bytes = Base64URL.bytes(x),
      let key = try? PublicKey(bytes: bytes)
    else { return false }
    keys[name] = key
    return true
  }

  /// The key of that name.
  public subscript(name: UUID) -> PublicKey? { keys[name] }

  /// The names, sorted.
  public var names: [UUID] { keys.keys.sorted() }

  /// Takes a key out: its tokens are refused from now on.
  public mutating func remove(_ name: UUID) { keys[name] = nil }
}
