internal import Platform
internal import Storage

/// A code that was sent, or that would have been sent were the address somebody's: from outside both
/// look alike.
struct ContactCodeRecord: Sendable, Hashable {
  var id: UUID
  var purpose: ContactCode.Purpose
  var address: String
  /// The contact that it proves; nil for one that proves none.
  var contactID: UUID?
  /// Whose password it sets; nil for one that sets none.
  var personID: UUID?
  var createdAt: Duration
  var code: ContactCode.Stored
}

/// Codes sent to contacts.
enum ContactCodeStore {
  private static let columns =
    "id, purpose, address, contact_id, person_id, created_at, digest, expires_at, tries_left, used_at"

  static func insert(_ record: ContactCodeRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "INSERT INTO contact_code (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      .id(record.id), .integer(record.purpose.rawValue), .text(record.address),
      .optionalID(record.contactID), .optionalID(record.personID), .instant(record.createdAt),
      .bytes(record.code.digest), .instant(record.code.expiresAt),
      .integer(record.code.triesLeft), .optionalInstant(record.code.usedAt))
  }

  static func find(
    _ id: UUID, _ purpose: ContactCode.Purpose, _ session: any SQLSession
  ) throws(StorageError) -> ContactCodeRecord? {
    try session.first(
      "SELECT \(columns) FROM contact_code WHERE id = $1 AND purpose = $2", .id(id),
      .integer(purpose.rawValue)
    ) { (row) throws(StorageError) in
      ContactCodeRecord(
        id: try row.id(0), purpose: purpose, address: try row.text(2),
        contactID: try row.optionalID(3), personID: try row.optionalID(4),
        createdAt: try row.instant(5),
        code: ContactCode.Stored(
          digest: try row.bytes(6), expiresAt: try row.instant(7), triesLeft: try row.integer(8),
          usedAt: try row.optionalInstant(9)))
    }
  }

  /// When an address got codes, within the last day.
  static func sent(
    to address: String, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) -> [Duration] {
    try session.all(
      "SELECT created_at FROM contact_code WHERE address = $1 AND created_at > $2",
      .text(address), .instant(now - .seconds(86_400))
    ) { (row) throws(StorageError) in try row.instant(0) }
  }

  static func spendTry(_ id: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "UPDATE contact_code SET tries_left = tries_left - 1 WHERE id = $1", .id(id))
  }

  static func use(_ id: UUID, at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "UPDATE contact_code SET used_at = $1 WHERE id = $2", .instant(now), .id(id))
  }

  /// Ends the codes of a contact that wait, because a fresh one is sent.
  static func end(
    ofContact id: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "UPDATE contact_code SET expires_at = $1 WHERE contact_id = $2 AND expires_at > $1",
      .instant(now), .id(id))
  }

  /// Forgets codes that were sent over a day ago: they count no longer.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "DELETE FROM contact_code WHERE expires_at < $1", .instant(now - .seconds(86_400)))
  }
}
