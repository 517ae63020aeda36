internal import Access
internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// A membership as stored. One that has ended stays, so that ending it again answers the same.
struct MembershipRecord: Sendable, Hashable {
  var id: UUID
  var organisationID: UUID
  var personID: UUID
  var roles: Set<Role>
  var joinedAt: Duration
  var endedAt: Duration?
  var stamp: SaraiType.AuditStamp?
  /// The person's name, as stored with the person.
  var displayName = ""
  /// What lists are ordered by.
  var nameKey = ""

  /// As the contract shows it.
  var message: Identity.Membership {
    Identity.Membership(
      id: id.description, stamp: stamp, organisationId: organisationID.description,
      personId: personID.description, displayName: displayName, roles: roles.messages,
      joinedAt: GoogleProtobuf.Timestamp(sinceEpoch: joinedAt))
  }
}

/// Who belongs to which organisation, with which roles.
enum MembershipStore {
  private static let columns = """
    m.id, m.organisation_id, m.person_id, m.roles, m.joined_at, m.ended_at, m.stamp,
    p.display_name, p.search_name
    """
  private static let source = "membership m JOIN person p ON p.id = m.person_id"

  private static func record(_ row: borrowing Row) throws(StorageError) -> MembershipRecord {
    let stamp = try row.bytes(6)
    return MembershipRecord(
      id: try row.id(0), organisationID: try row.id(1), personID: try row.id(2),
      roles: Set(bits: try row.integer(3)), joinedAt: try row.instant(4),
      endedAt: try row.optionalInstant(5),
      stamp: try? SaraiType.AuditStamp(decoding: stamp, as: .native),
      displayName: try row.text(7), nameKey: try row.text(8))
  }

  static func insert(_ one: MembershipRecord, _ session: any SQLSession) throws {
    try session.execute(
      """
      INSERT INTO membership (id, organisation_id, person_id, roles, joined_at, stamp)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .id(one.id), .id(one.organisationID), .id(one.personID), .integer(one.roles.bits),
      .instant(one.joinedAt), .bytes(try (one.stamp ?? .init()).encoded(as: .native)))
  }

  /// Writes one that has changed.
  static func update(_ one: MembershipRecord, _ session: any SQLSession) throws {
    try session.execute(
      "UPDATE membership SET roles = $2, ended_at = $3, stamp = $4 WHERE id = $1", .id(one.id),
      .integer(one.roles.bits), .optionalInstant(one.endedAt),
      .bytes(try (one.stamp ?? .init()).encoded(as: .native)))
  }

  /// One, ended or not.
  static func find(
    _ id: UUID, _ session: any SQLSession
  ) throws(StorageError) -> MembershipRecord? {
    try session.first("SELECT \(columns) FROM \(source) WHERE m.id = $1", .id(id), as: record)
  }

  /// That of a person in an organisation, if they belong to it.
  static func find(
    of person: UUID, in organisation: UUID, _ session: any SQLSession
  ) throws(StorageError) -> MembershipRecord? {
    try session.first(
      """
      SELECT \(columns) FROM \(source)
      WHERE m.person_id = $1 AND m.organisation_id = $2 AND m.ended_at IS NULL
      """, .id(person), .id(organisation), as: record)
  }

  /// Whether a person ever belonged to an organisation.
  static func hasEnded(
    of person: UUID, in organisation: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    try session.first(
      "SELECT 1 FROM membership WHERE person_id = $1 AND organisation_id = $2 LIMIT 1",
      .id(person), .id(organisation)
    ) { (_) throws(StorageError) in true } ?? false
  }

  /// The roles of a person in an organisation; empty for who does not belong to it. A session that
  /// acts for the organisation bears these.
  static func roles(
    of person: UUID, in organisation: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Set<Role> {
    try find(of: person, in: organisation, session)?.roles ?? []
  }

  /// All memberships of a person, oldest first.
  static func all(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> [MembershipRecord] {
    try session.all(
      """
      SELECT \(columns) FROM \(source) WHERE m.person_id = $1 AND m.ended_at IS NULL ORDER BY m.id
      """, .id(person), as: record)
  }

  /// The roles of a person in whatever organisation.
  static func allRoles(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Set<Role> {
    try all(of: person, session).reduce(into: []) { $0.formUnion($1.roles) }
  }

  /// Whether an organisation that is not closed would have no owner without a person.
  static func isOnlyOwner(
    _ person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    try session.first(
      """
      SELECT 1 FROM membership m JOIN organisation o ON o.id = m.organisation_id
      WHERE m.person_id = $1 AND m.ended_at IS NULL AND (m.roles & $2) <> 0 AND o.state <> 3
        AND NOT EXISTS (
          SELECT 1 FROM membership n WHERE n.organisation_id = m.organisation_id
            AND n.person_id <> $1 AND n.ended_at IS NULL AND (n.roles & $2) <> 0)
      LIMIT 1
      """, .id(person), .integer(Set([Role.owner]).bits)
    ) { (_) throws(StorageError) in true } ?? false
  }

  /// Ends all memberships of a person who is erased, whose sessions are over.
  static func removeAll(
    of person: UUID, by origin: Origin, feed: EventFeed, _ session: any SQLSession
  ) throws {
    let changes = MembershipChanges(
      feed: feed, newID: feed.newID, origin: origin, session: session)
    for membership in try all(of: person, session) {
      _ = try changes.end(membership, keepsOwner: false)
    }
  }

  /// Members of an organisation, by name, from behind a key on.
  static func list(
    in organisation: UUID, role: Role?, after: [String]?, countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [MembershipRecord] {
    var sql = "SELECT \(columns) FROM \(source) WHERE m.organisation_id = $1 AND m.ended_at IS NULL"
    var values: [SQLValue] = [.id(organisation), .integer(Int64(countMax))]
    if let role {
      values.append(.integer(Set([role]).bits))
      sql += " AND (m.roles & $\(values.count)) <> 0"
    }
    if let after, after.count == 2 {
      values += [.text(after[0]), .text(after[1])]
      sql += " AND (p.search_name, m.id) > ($\(values.count - 1), $\(values.count))"
    }
    sql += " ORDER BY p.search_name, m.id LIMIT $2"
    var found: [MembershipRecord] = []
    try session.run(sql, values) { (row) throws(StorageError) in found.append(try record(row)) }
    return found
  }

  /// How many members an organisation has.
  static func count(
    in organisation: UUID, role: Role?, _ session: any SQLSession
  ) throws(StorageError) -> Int64 {
    try session.first(
      """
      SELECT count(*) FROM membership
      WHERE organisation_id = $1 AND ended_at IS NULL AND ($2 = 0 OR (roles & $2) <> 0)
      """, .id(organisation), .integer(role.map { Set([$0]).bits } ?? 0)
    ) { (row) throws(StorageError) in try row.integer(0) } ?? 0
  }

  /// Whether a person is an officer of an authority that is in use.
  static func isOfficer(
    _ person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    try session.first(
      """
      SELECT 1 FROM membership m JOIN organisation o ON o.id = m.organisation_id
      WHERE m.person_id = $1 AND m.ended_at IS NULL AND o.state = 1 AND (m.roles & $2) <> 0
      LIMIT 1
      """, .id(person), .integer(Set([Role.officer]).bits)
    ) { (_) throws(StorageError) in true } ?? false
  }
}
