internal import Access
internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes
internal import Wire

/// API keys: what they may do, the digest of their secrets and, for a day, the sealed secret.
enum ApiKeyStore {
  private static let columns = "record, last_used_at, revoked_at"

  private static func key(_ row: borrowing Row) throws(StorageError) -> Identity.ApiKey {
    let bytes = try row.bytes(0)
    guard var key = try? Identity.ApiKey(decoding: bytes, as: .native) else {
      throw StorageError(.unfit, "an API key cannot be read")
    }
    key.lastUsedAt = try row.optionalInstant(1).map { GoogleProtobuf.Timestamp(sinceEpoch: $0) }
    key.revokedAt = try row.optionalInstant(2).map { GoogleProtobuf.Timestamp(sinceEpoch: $0) }
    return key
  }

  /// Where the sealed secret of a key stands.
  static func place(_ id: UUID) -> SecretBox.Place {
    SecretBox.Place(table: "api_key", row: id.description, column: "sealed_secret")
  }

  static func insert(
    _ key: Identity.ApiKey, maker: String, digest: [UInt8], sealed: [UInt8],
    _ session: any SQLSession
  ) throws {
    try session.execute(
      """
      INSERT INTO api_key (id, organisation_id, maker_id, digest, sealed_secret, created_at,
        expires_at, record)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """, .text(key.id), .text(key.organisationId), .text(maker), .bytes(digest),
      .bytes(sealed), .instant(key.createdAt?.sinceEpoch ?? .zero),
      .instant(key.expiresAt?.sinceEpoch ?? .zero), .bytes(try key.encoded(as: .native)))
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> Identity.ApiKey {
    guard
      let found = try session.first(
        "SELECT \(columns) FROM api_key WHERE id = $1", .id(id), as: key)
    else { throw IdentityError.notFound("ApiKey") }
    return found
  }

  /// The key whose secret has a digest; nil without one.
  static func find(
    digest: [UInt8], _ session: any SQLSession
  ) throws(StorageError) -> Identity.ApiKey? {
    try session.first("SELECT \(columns) FROM api_key WHERE digest = $1", .bytes(digest), as: key)
  }

  /// The sealed secret of a key that was made after a moment and is not revoked.
  static func sealedSecret(
    of id: UUID, madeAfter start: Duration, _ session: any SQLSession
  ) throws(StorageError) -> [UInt8]? {
    try session.first(
      """
      SELECT sealed_secret FROM api_key
      WHERE id = $1 AND created_at > $2 AND revoked_at IS NULL AND sealed_secret IS NOT NULL
      """, .id(id), .instant(start)
    ) { (row) throws(StorageError) in try row.bytes(0) }
  }

  /// Those of an organisation, newest first, from before a time and id on.
  static func list(
    of organisation: UUID, before: [String]?, countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [Identity.ApiKey] {
    let last = before.flatMap { $0.count == 2 ? (Int64($0[0]) ?? .max, $0[1]) : nil }
    return try session.all(
      """
      SELECT \(columns) FROM api_key WHERE organisation_id = $1 AND (created_at, id) < ($2, $3)
      ORDER BY created_at DESC, id DESC LIMIT $4
      """, .id(organisation), .integer(last?.0 ?? .max), .text(last?.1 ?? ""),
      .integer(Int64(countMax)), as: key)
  }

  /// Notes that a key was used.
  static func use(_ id: UUID, at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "UPDATE api_key SET last_used_at = $2 WHERE id = $1", .id(id), .instant(now))
  }

  /// Revokes a key, and has its tokens refused.
  ///
  /// - Returns: whether it was in force.
  static func revoke(
    _ id: UUID, at now: Duration, newID: () -> UUID, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    guard
      try session.execute(
        """
        UPDATE api_key SET revoked_at = $2, sealed_secret = NULL
        WHERE id = $1 AND revoked_at IS NULL
        """, .id(id), .instant(now)) == 1
    else { return false }
    try RevocationStore.add(.apiKey, id, at: now, id: newID(), session)
    return true
  }

  /// Revokes all keys that a person made.
  static func revokeAll(
    of person: UUID, by origin: Origin, newID: () -> UUID, _ session: any SQLSession
  ) throws {
    let keys = try session.all(
      """
      SELECT id, organisation_id FROM api_key WHERE maker_id = $1 AND revoked_at IS NULL ORDER BY id
      """, .id(person)
    ) { (row) throws(StorageError) in (id: try row.id(0), organisation: try row.id(1)) }
    for key in keys {
      _ = try revoke(key.id, at: origin.occurredAt, newID: newID, session)
      try AuditLog.add(
        "api_key.revoke", to: "api_key", key.id, in: key.organisation, by: origin,
        session: session)
    }
  }

  /// Forgets secrets that are shown no longer.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "UPDATE api_key SET sealed_secret = NULL WHERE created_at <= $1 AND sealed_secret IS NOT NULL",
      .instant(now - KeySecret.shownFor))
  }
}
