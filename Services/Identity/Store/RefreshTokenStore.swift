internal import Cryptography
internal import Platform
internal import Storage

/// Refresh tokens: each works once. Those of a session are a family, which ends as a whole when one
/// of them comes a second time. They are 256 random bits, so that a bare hash is enough.
enum RefreshTokenStore {
  /// A token as stored.
  struct Record: Sendable, Hashable {
    let sessionID: UUID
    let spentAt: Duration?
    /// The id of the Refresh that spent it.
    let spentBy: UUID?
  }

  /// A new token.
  static func make(_ random: any RandomSource) -> String { Base64URL.text(random.bytes(32)) }

  static func insert(
    _ token: String, of sessionID: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "INSERT INTO refresh_token (digest, session_id, created_at) VALUES ($1, $2, $3)",
      .bytes(SHA256.digest(token)), .id(sessionID), .instant(now))
  }

  static func find(_ token: String, _ session: any SQLSession) throws(StorageError) -> Record? {
    try session.first(
      "SELECT session_id, spent_at, spent_by FROM refresh_token WHERE digest = $1",
      .bytes(SHA256.digest(token))
    ) { (row) throws(StorageError) in
      Record(
        sessionID: try row.id(0), spentAt: try row.optionalInstant(1),
        spentBy: try row.optionalID(2))
    }
  }

  /// Spends a token.
  ///
  /// - Returns: whether it was unspent.
  static func spend(
    _ token: String, by refresh: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    try session.execute(
      "UPDATE refresh_token SET spent_at = $1, spent_by = $2 WHERE digest = $3 AND spent_at IS NULL",
      .instant(now), .id(refresh), .bytes(SHA256.digest(token))) == 1
  }
}
