internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// A signing key as stored.
struct SigningKeyRecord: Sendable {
  let life: SigningKeyLife
  let publicKey: [UInt8]
  /// The private half, sealed.
  let sealedKey: [UInt8]

  /// As the contract shows it.
  func message(among keys: [SigningKeyRecord], at now: Duration) -> Identity.SigningKey {
    let lives = keys.map(\.life)
    return Identity.SigningKey(
      id: life.id.description, algorithm: .eddsa, state: life.state(among: lives, at: now),
      createdAt: GoogleProtobuf.Timestamp(sinceEpoch: life.createdAt),
      signsFromAt: GoogleProtobuf.Timestamp(sinceEpoch: life.signsFrom),
      retiredAt: life.retiredAt(among: lives, at: now).map {
        GoogleProtobuf.Timestamp(sinceEpoch: $0)
      },
      withdrawnAt: life.withdrawnAt(among: lives, at: now).map {
        GoogleProtobuf.Timestamp(sinceEpoch: $0)
      })
  }

  /// The public half as RFC 8037 has it.
  var jsonWebKey: Identity.JsonWebKey {
    Identity.JsonWebKey(
      kty: "OKP", crv: "Ed25519", x: Base64URL.text(publicKey), kid: life.id.description,
      alg: "EdDSA", use: "sig")
  }
}

/// Signing keys.
enum SigningKeyStore {
  /// Where a key's private half stands.
  static func place(_ id: UUID) -> SecretBox.Place {
    SecretBox.Place(table: "signing_key", row: id, column: "sealed_key")
  }

  /// All keys, newest first.
  static func all(_ session: any SQLSession) throws(StorageError) -> [SigningKeyRecord] {
    try session.all(
      """
      SELECT id, created_at, signs_from_at, withdrawn_at, public_key, sealed_key FROM signing_key
      ORDER BY created_at DESC, id DESC
      """
    ) { (row) throws(StorageError) in
      SigningKeyRecord(
        life: SigningKeyLife(
          id: try row.id(0), createdAt: try row.instant(1), signsFrom: try row.instant(2),
          withdrawnByHandAt: try row.optionalInstant(3)),
        publicKey: try row.bytes(4), sealedKey: try row.bytes(5))
    }
  }

  static func insert(_ key: SigningKeyRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      INSERT INTO signing_key (id, algorithm, public_key, sealed_key, created_at, signs_from_at)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .id(key.life.id), .integer(Int64(Identity.SigningAlgorithm.eddsa.rawValue)),
      .bytes(key.publicKey), .bytes(key.sealedKey), .instant(key.life.createdAt),
      .instant(key.life.signsFrom))
  }

  /// Takes a key out of use.
  static func withdraw(
    _ id: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "UPDATE signing_key SET withdrawn_at = $1 WHERE id = $2 AND withdrawn_at IS NULL",
      .instant(now), .id(id))
  }

  /// The keys that verify tokens now: in use, coming and just retired.
  static func verifying(
    at now: Duration, _ session: any SQLSession
  ) throws(StorageError) -> [SigningKeyRecord] {
    let keys = try all(session)
    let lives = keys.map(\.life)
    return keys.filter { $0.life.state(among: lives, at: now) != .withdrawn }
  }

  /// Those keys, for a verifier.
  static func keySet(at now: Duration, _ session: any SQLSession) throws -> KeySet {
    var keys: [UUID: PublicKey] = [:]
    for key in try verifying(at: now, session) {
      keys[key.life.id] = try PublicKey(bytes: key.publicKey)
    }
    return KeySet(keys)
  }
}
