internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// A contact as stored.
struct ContactRecord: Sendable, Hashable {
  var id: UUID
  var personID: UUID
  var kind: Identity.ContactKind
  var address: String
  var verifiedAt: Duration?
  var isPrimary = false
  var createdAt: Duration

  /// As the contract shows it.
  var message: Identity.Contact {
    Identity.Contact(
      id: id.description, kind: kind, address: address,
      verifiedAt: verifiedAt.map { GoogleProtobuf.Timestamp(sinceEpoch: $0) }, isPrimary: isPrimary)
  }
}

/// E-mail addresses and telephone numbers of people. One address may wait to be verified by several
/// people; one at most has it verified.
enum ContactStore {
  /// How many a person has at most.
  static let countMax = 10

  private static let columns =
    "id, person_id, kind, address, verified_at, is_primary, created_at"

  private static func record(_ row: borrowing Row) throws(StorageError) -> ContactRecord {
    ContactRecord(
      id: try row.id(0), personID: try row.id(1),
      kind: Identity.ContactKind(rawValue: Int32(try row.integer(2))), address: try row.text(3),
      verifiedAt: try row.optionalInstant(4), isPrimary: try row.flag(5),
      createdAt: try row.instant(6))
  }

  static func insert(_ contact: ContactRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "INSERT INTO contact (\(columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)", .id(contact.id),
      .id(contact.personID), .integer(Int64(contact.kind.rawValue)), .text(contact.address),
      .optionalInstant(contact.verifiedAt), .flag(contact.isPrimary), .instant(contact.createdAt))
  }

  static func find(_ id: UUID, _ session: any SQLSession) throws(StorageError) -> ContactRecord? {
    try session.first("SELECT \(columns) FROM contact WHERE id = $1", .id(id), as: record)
  }

  /// A contact of a person.
  /// - Throws: `notFound`, for another's too.
  static func get(
    _ id: UUID, of person: UUID, _ session: any SQLSession
  ) throws -> ContactRecord {
    guard let contact = try find(id, session), contact.personID == person else {
      throw IdentityError.notFound("Contact")
    }
    return contact
  }

  /// All of a person, the primary first.
  static func all(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> [ContactRecord] {
    try session.all(
      "SELECT \(columns) FROM contact WHERE person_id = $1 ORDER BY is_primary DESC, created_at, id",
      .id(person), as: record)
  }

  /// Who has proved that an address is theirs.
  static func owner(
    of address: String, _ session: any SQLSession
  ) throws(StorageError) -> UUID? {
    try session.first(
      "SELECT person_id FROM contact WHERE address = $1 AND verified_at IS NOT NULL",
      .text(address)
    ) { (row) throws(StorageError) in try row.id(0) }
  }

  /// Whose address it may be: who has verified it or, if nobody has, who registered with it last.
  static func likelyOwner(
    of address: String, _ session: any SQLSession
  ) throws(StorageError) -> ContactRecord? {
    try session.first(
      """
      SELECT \(columns) FROM contact WHERE address = $1
      ORDER BY CASE WHEN verified_at IS NULL THEN 1 ELSE 0 END, created_at DESC, id DESC LIMIT 1
      """, .text(address), as: record)
  }

  /// Where messages to a person go: the primary contact.
  static func primary(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> ContactRecord? {
    try session.first(
      "SELECT \(columns) FROM contact WHERE person_id = $1 AND is_primary = 1", .id(person),
      as: record)
  }

  static func verify(
    _ id: UUID, at now: Duration, isPrimary: Bool, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "UPDATE contact SET verified_at = $1, is_primary = $2 WHERE id = $3", .instant(now),
      .flag(isPrimary), .id(id))
  }

  static func makePrimary(
    _ id: UUID, of person: UUID, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "UPDATE contact SET is_primary = CASE WHEN id = $1 THEN 1 ELSE 0 END WHERE person_id = $2",
      .id(id), .id(person))
  }

  static func remove(_ id: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM contact WHERE id = $1", .id(id))
  }

  static func removeAll(of person: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM contact WHERE person_id = $1", .id(person))
  }
}
