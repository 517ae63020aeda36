internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// A person as stored: less contacts, factors and lockouts, which have tables of their own.
struct PersonRecord: Sendable, Hashable {
  var id: UUID
  var state: Identity.PersonState
  var displayName: String
  var language: SaraiType.Language
  var timeZone = ""
  /// A PHC string; empty once erased.
  var password: String
  var lastSignInAt: Duration?
  var stamp: SaraiType.AuditStamp?

  /// As other services may show the person.
  var name: Identity.PersonName {
    Identity.PersonName(id: id.description, displayName: displayName, language: language)
  }

  /// Whether the person may sign in.
  var maySignIn: Bool { state == .active || state == .erasing }
}

/// People.
enum PersonStore {
  private static let columns =
    "id, state, display_name, language, time_zone, password, last_sign_in_at, stamp"

  private static func record(_ row: borrowing Row) throws(StorageError) -> PersonRecord {
    let bytes = try row.bytes(7)
    guard let stamp = try? SaraiType.AuditStamp(decoding: bytes, as: .native) else {
      throw StorageError(.unfit, "a person's stamp cannot be read")
    }
    return PersonRecord(
      id: try row.id(0), state: Identity.PersonState(rawValue: Int32(try row.integer(1))),
      displayName: try row.text(2),
      language: SaraiType.Language(rawValue: Int32(try row.integer(3))),
      timeZone: try row.text(4), password: try row.text(5),
      lastSignInAt: try row.optionalInstant(6), stamp: stamp)
  }

  static func insert(_ person: PersonRecord, _ session: any SQLSession) throws {
    try session.execute(
      """
      INSERT INTO person (\(columns), version, search_name)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """, .id(person.id), .integer(Int64(person.state.rawValue)), .text(person.displayName),
      .integer(Int64(person.language.rawValue)), .text(person.timeZone), .text(person.password),
      .optionalInstant(person.lastSignInAt), .bytes(try stampBytes(person)),
      .integer(person.stamp?.version ?? 1), .text(SearchName.fold(person.displayName)))
  }

  /// Writes a person who has changed.
  static func update(_ person: PersonRecord, _ session: any SQLSession) throws {
    try session.execute(
      """
      UPDATE person SET state = $2, display_name = $3, language = $4, time_zone = $5,
        password = $6, last_sign_in_at = $7, stamp = $8, version = $9, search_name = $10
      WHERE id = $1
      """, .id(person.id), .integer(Int64(person.state.rawValue)), .text(person.displayName),
      .integer(Int64(person.language.rawValue)), .text(person.timeZone), .text(person.password),
      .optionalInstant(person.lastSignInAt), .bytes(try stampBytes(person)),
      .integer(person.stamp?.version ?? 1), .text(SearchName.fold(person.displayName)))
  }

  /// Notes a full sign-in, which is no change of the person.
  static func noteSignIn(
    _ id: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "UPDATE person SET last_sign_in_at = $1 WHERE id = $2", .instant(now), .id(id))
  }

  private static func stampBytes(_ person: PersonRecord) throws -> [UInt8] {
    try (person.stamp ?? SaraiType.AuditStamp()).encoded(as: .native)
  }

  static func find(_ id: UUID, _ session: any SQLSession) throws -> PersonRecord? {
    try session.first("SELECT \(columns) FROM person WHERE id = $1", .id(id), as: record)
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> PersonRecord {
    guard let person = try find(id, session) else { throw IdentityError.notFound("Person") }
    return person
  }

  /// What a list of people is narrowed to.
  struct Filter: Sendable {
    var state = Identity.PersonState.unspecified
    var address: String?
    var namePrefix = ""
  }

  /// People who pass a filter, newest first, from before `before` on.
  static func list(
    _ filter: Filter, before: String?, countMax: Int, _ session: any SQLSession
  ) throws -> [PersonRecord] {
    var sql = "SELECT \(columns) FROM person WHERE id < $1"
    var values: [SQLValue] = [.text(before ?? "g")]
    func narrow(_ condition: (String) -> String, _ value: SQLValue) {
      values.append(value)
      sql += " AND " + condition("$\(values.count)")
    }
    if filter.state != .unspecified {
      narrow({ "state = \($0)" }, .integer(Int64(filter.state.rawValue)))
    }
    if let address = filter.address {
      narrow(
        {
          "id IN (SELECT person_id FROM contact WHERE address = \($0) AND verified_at IS NOT NULL)"
        }, .text(address))
    }
    if !filter.namePrefix.isEmpty {
      let prefix = SearchName.fold(filter.namePrefix)
      narrow(
        { "substr(search_name, 1, \(prefix.unicodeScalars.count)) = \($0)" }, .text(prefix))
    }
    values.append(.integer(Int64(countMax)))
    sql += " ORDER BY id DESC LIMIT $\(values.count)"
    var people: [PersonRecord] = []
    try session.run(sql, values) { (row) throws(StorageError) in people.append(try record(row)) }
    return people
  }

  /// The person as the contract shows them.
  static func message(
    _ person: PersonRecord, at now: Duration, _ vault: Vault, _ session: any SQLSession
  ) throws -> Identity.Person {
    let lockout = try LockoutStore.find(LockoutStore.account(person.id, vault), session)
    return Identity.Person(
      id: person.id.description, stamp: person.stamp, state: person.state,
      displayName: person.displayName, language: person.language, timeZone: person.timeZone,
      contacts: try ContactStore.all(of: person.id, session).map(\.message),
      secondFactor: try FactorStore.hasFactor(person.id, session),
      lockedUntilAt: lockout.wait(at: now).map { GoogleProtobuf.Timestamp(sinceEpoch: now + $0) },
      lastSignInAt: person.lastSignInAt.map { GoogleProtobuf.Timestamp(sinceEpoch: $0) })
  }
}
