internal import Platform
internal import Storage

/// Failures to sign in, by what they are counted for. Subjects are keyed digests, so that the table
/// tells no addresses.
enum LockoutStore {
  /// The subject of an account.
  static func account(_ person: UUID, _ vault: Vault) -> [UInt8] {
    vault.digest("lockout.person", person.description)
  }

  /// The subject of an account that does not exist.
  static func unknown(_ address: String, _ vault: Vault) -> [UInt8] {
    vault.digest("lockout.contact", address)
  }

  /// The subject of a network address.
  static func address(_ address: String, _ vault: Vault) -> [UInt8] {
    vault.digest("lockout.address", address)
  }

  static func find(
    _ subject: [UInt8], _ session: any SQLSession
  ) throws(StorageError) -> Lockout {
    try session.first(
      "SELECT failures, failed_at, locked_until FROM lockout WHERE subject = $1", .bytes(subject)
    ) { (row) throws(StorageError) in
      Lockout(
        failures: try row.integer(0), failedAt: try row.instant(1),
        lockedUntil: try row.instant(2))
    } ?? Lockout()
  }

  static func write(
    _ lockout: Lockout, of subject: [UInt8], _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      """
      INSERT INTO lockout (subject, failures, failed_at, locked_until) VALUES ($1, $2, $3, $4)
      ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures,
        failed_at = excluded.failed_at, locked_until = excluded.locked_until
      """, .bytes(subject), .integer(lockout.failures), .instant(lockout.failedAt),
      .instant(lockout.lockedUntil))
  }

  static func clear(_ subject: [UInt8], _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM lockout WHERE subject = $1", .bytes(subject))
  }

  /// Forgets failures of over a day ago.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "DELETE FROM lockout WHERE failed_at < $1", .instant(now - .seconds(86_400)))
  }
}
