internal import Access
internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// What was revoked, in one order without gaps, for as long as tokens of it could live.
enum RevocationStore {
  /// What is revoked; the numbers are stored.
  enum Kind: Int64, Sendable {
    case session = 1
    case apiKey = 2
    case signingKey = 3
  }

  /// Adds an entry. The head's row is changed first: two transactions come one after the other, so
  /// that a reader who has seen a position has seen all before it.
  static func add(
    _ kind: Kind, _ subject: UUID, at now: Duration, id: UUID, _ session: any SQLSession
  ) throws(StorageError) {
    let position = try session.first(
      "UPDATE revocation_head SET last_position = last_position + 1 WHERE id = 1 RETURNING last_position"
    ) { (row) throws(StorageError) in try row.integer(0) }
    guard let position else { throw StorageError(.unfit, "the row of revocation_head is missing") }
    try session.execute(
      """
      INSERT INTO revocation (id, kind, subject_id, occurred_at, matters_until, position)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .id(id), .integer(kind.rawValue), .id(subject), .instant(now),
      .instant(now + AccessToken.lifetime + AccessToken.leeway), .integer(position))
  }

  /// Entries behind a position, in order; from 0 on only those that still matter.
  /// - Throws: `positionLost` for a position that was never given.
  static func list(
    after position: Int64, at now: Duration, countMax: Int, _ session: any SQLSession
  ) throws -> [Identity.StreamRevocationsResponse] {
    let head = try session.first("SELECT last_position FROM revocation_head WHERE id = 1") {
      (row) throws(StorageError) in try row.integer(0)
    }
    // A database that was restored from a backup begins to count again where it stood.
    guard (0...(head ?? 0)).contains(position) else { throw IdentityError.refused(.positionLost) }
    return try session.all(
      """
      SELECT position, kind, subject_id, occurred_at FROM revocation
      WHERE position > $1 AND matters_until > $2 ORDER BY position LIMIT $3
      """, .integer(position), .instant(position == 0 ? now : .zero), .integer(Int64(countMax))
    ) { (row) throws(StorageError) in
      var entry = Identity.StreamRevocationsResponse(
        position: try row.integer(0),
        occurredAt: GoogleProtobuf.Timestamp(sinceEpoch: try row.instant(3)))
      let subject = try row.text(2)
      switch Kind(rawValue: try row.integer(1)) {
      case .session: entry.sessionId = subject
      case .apiKey: entry.apiKeyId = subject
      case .signingKey: entry.keyId = subject
      case nil: break
      }
      return entry
    }
  }

  /// Forgets what no longer matters.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM revocation WHERE matters_until < $1", .instant(now))
  }
}
