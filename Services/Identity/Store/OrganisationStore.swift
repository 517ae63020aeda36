internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import Wire

/// Organisations.
enum OrganisationStore {
  static func insert(_ organisation: Identity.Organisation, _ session: any SQLSession) throws {
    try session.execute(
      """
      INSERT INTO organisation (id, kind, state, verification_state, province, name_key, record)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """, .text(organisation.id), .integer(Int64(organisation.kind.rawValue)),
      .integer(Int64(organisation.state.rawValue)),
      .integer(Int64(organisation.verificationState.rawValue)),
      .integer(Int64(organisation.province.rawValue)), .text(nameKey(organisation)),
      .bytes(try organisation.encoded(as: .native)))
    try insertTerms(organisation, session)
  }

  /// Writes one that has changed.
  static func update(
    _ organisation: Identity.Organisation, from old: Identity.Organisation,
    _ session: any SQLSession
  ) throws {
    try session.execute(
      """
      UPDATE organisation
      SET state = $2, verification_state = $3, province = $4, name_key = $5, record = $6
      WHERE id = $1
      """, .text(organisation.id), .integer(Int64(organisation.state.rawValue)),
      .integer(Int64(organisation.verificationState.rawValue)),
      .integer(Int64(organisation.province.rawValue)), .text(nameKey(organisation)),
      .bytes(try organisation.encoded(as: .native)))
    guard terms(organisation) != terms(old) else { return }
    try session.execute(
      "DELETE FROM organisation_term WHERE organisation_id = $1", .text(organisation.id))
    try insertTerms(organisation, session)
  }

  static func find(_ id: UUID, _ session: any SQLSession) throws -> Identity.Organisation? {
    try session.first("SELECT record FROM organisation WHERE id = $1", .id(id)) {
      (row) throws(StorageError) in try row.bytes(0)
    }.map { try Identity.Organisation(decoding: $0, as: .native) }
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> Identity.Organisation {
    guard let organisation = try find(id, session) else {
      throw IdentityError.notFound("Organisation")
    }
    return organisation
  }

  // MARK: Lists

  /// What a list is narrowed to.
  struct Filter: Sendable {
    /// Only where this person is a member.
    var member: UUID?
    /// Only with words that begin so.
    var words: [String] = []
    var kind = Identity.OrganisationKind.unspecified
    var verificationState = Identity.VerificationState.unspecified
    var province = SaraiType.Province.unspecified
    var sectorCode = ""
  }

  /// Organisations that pass a filter, by name, from behind a key on.
  static func list(
    _ filter: Filter, after: [String]?, countMax: Int, _ session: any SQLSession
  ) throws -> [Identity.Organisation] {
    var (sql, values) = condition(filter)
    if let after, after.count == 2 {
      values += [.text(after[0]), .text(after[1])]
      sql += " AND (name_key, id) > ($\(values.count - 1), $\(values.count))"
    }
    values.append(.integer(Int64(countMax)))
    sql =
      "SELECT record FROM organisation o WHERE \(sql) ORDER BY name_key, id LIMIT $\(values.count)"
    var records: [[UInt8]] = []
    try session.run(sql, values) { (row) throws(StorageError) in records.append(try row.bytes(0)) }
    return try records.map { try Identity.Organisation(decoding: $0, as: .native) }
  }

  /// How many pass a filter.
  static func count(_ filter: Filter, _ session: any SQLSession) throws -> Int64 {
    let (sql, values) = condition(filter)
    var count: Int64 = 0
    try session.run("SELECT count(*) FROM organisation o WHERE \(sql)", values) {
      (row) throws(StorageError) in count = try row.integer(0)
    }
    return count
  }

  private static func condition(_ filter: Filter) -> (String, [SQLValue]) {
    var sql = "1 = 1"
    var values: [SQLValue] = []
    func narrow(_ condition: String, _ value: SQLValue) {
      values.append(value)
      sql += " AND " + condition.replacing("?", with: "$\(values.count)")
    }
    if let member = filter.member {
      narrow(
        "id IN (SELECT organisation_id FROM membership WHERE person_id = ? AND ended_at IS NULL)",
        .id(member))
    }
    if filter.kind != .unspecified { narrow("kind = ?", .integer(Int64(filter.kind.rawValue))) }
    if filter.verificationState != .unspecified {
      narrow("verification_state = ?", .integer(Int64(filter.verificationState.rawValue)))
    }
    if filter.province != .unspecified {
      narrow("province = ?", .integer(Int64(filter.province.rawValue)))
    }
    let terms =
      filter.words.map { (term("n", $0), isPrefix: true) }
      + (filter.sectorCode.isEmpty ? [] : [(term("s", filter.sectorCode), isPrefix: false)])
    for (term, isPrefix) in terms {
      values.append(.bytes(term))
      let low = values.count
      values.append(.bytes(isPrefix ? term + [0xFF] : term))
      sql += """
         AND EXISTS (SELECT 1 FROM organisation_term t WHERE t.organisation_id = o.id
          AND t.term >= $\(low) AND t.term <= $\(low + 1))
        """
    }
    return (sql, values)
  }

  // MARK: What finds them

  /// What lists are ordered by.
  static func nameKey(_ organisation: Identity.Organisation) -> String {
    SearchName.fold(organisation.name?.shown ?? "")
  }

  /// The words that a search for a text looks for, at most 8.
  static func words(_ text: String) -> [String] {
    Array(
      SearchName.fold(text).split { !$0.isLetter && !$0.isNumber }.prefix(8).map(String.init))
  }

  private static func term(_ kind: Character, _ text: String) -> [UInt8] {
    Array("\(kind)\(text)".utf8.prefix(64))
  }

  private static func terms(_ organisation: Identity.Organisation) -> Set<[UInt8]> {
    let name = organisation.name ?? SaraiType.LocalizedText()
    let texts = [
      name.en, name.ur, name.zh, organisation.legalName, organisation.registrationNumber,
    ]
    return Set(
      texts.flatMap { SearchName.fold($0).split { !$0.isLetter && !$0.isNumber } }
        .map { term("n", String($0)) } + organisation.sectorCodes.map { term("s", $0) })
  }

  private static func insertTerms(
    _ organisation: Identity.Organisation, _ session: any SQLSession
  ) throws {
    for term in terms(organisation) {
      try session.execute(
        "INSERT INTO organisation_term (term, organisation_id) VALUES ($1, $2)", .bytes(term),
        .text(organisation.id))
    }
  }
}
