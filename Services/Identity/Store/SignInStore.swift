internal import Platform
internal import Storage

/// A sign-in whose password was right and that waits for its second factor.
struct SignInRecord: Sendable, Hashable {
  var id: UUID
  var personID: UUID
  /// The digest of the continuation token.
  var tokenDigest: [UInt8]
  var deviceLabel: String
  var expiresAt: Duration
  var triesLeft: Int64
  var endedAt: Duration?
}

/// Sign-ins that wait for a second factor.
enum SignInStore {
  static func insert(_ one: SignInRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      INSERT INTO sign_in (id, person_id, token_digest, device_label, expires_at, tries_left)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .id(one.id), .id(one.personID), .bytes(one.tokenDigest), .text(one.deviceLabel),
      .instant(one.expiresAt), .integer(one.triesLeft))
  }

  static func find(_ id: UUID, _ session: any SQLSession) throws(StorageError) -> SignInRecord? {
    try session.first(
      """
      SELECT id, person_id, token_digest, device_label, expires_at, tries_left, ended_at
      FROM sign_in WHERE id = $1
      """, .id(id)
    ) { (row) throws(StorageError) in
      SignInRecord(
        id: try row.id(0), personID: try row.id(1), tokenDigest: try row.bytes(2),
        deviceLabel: try row.text(3), expiresAt: try row.instant(4), triesLeft: try row.integer(5),
        endedAt: try row.optionalInstant(6))
    }
  }

  static func spendTry(_ id: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute("UPDATE sign_in SET tries_left = tries_left - 1 WHERE id = $1", .id(id))
  }

  static func end(_ id: UUID, at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute("UPDATE sign_in SET ended_at = $1 WHERE id = $2", .instant(now), .id(id))
  }

  static func endAll(
    of person: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "UPDATE sign_in SET ended_at = $1 WHERE person_id = $2 AND ended_at IS NULL", .instant(now),
      .id(person))
  }
}
