internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// Verification cases and their documents.
enum CaseStore {
  static func insert(_ record: Identity.VerificationCase, _ session: any SQLSession) throws {
    try session.execute(
      """
      INSERT INTO verification_case
        (id, organisation_id, state, assignee_id, waiting_since, record)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .text(record.id), .text(record.organisationId),
      .integer(Int64(record.state.rawValue)), .text(record.assigneeId),
      .integer(waitingSince(record)), .bytes(try record.encoded(as: .native)))
  }

  /// Writes one that has changed.
  static func update(_ record: Identity.VerificationCase, _ session: any SQLSession) throws {
    try session.execute(
      """
      UPDATE verification_case SET state = $2, assignee_id = $3, waiting_since = $4, record = $5
      WHERE id = $1
      """, .text(record.id), .integer(Int64(record.state.rawValue)), .text(record.assigneeId),
      .integer(waitingSince(record)), .bytes(try record.encoded(as: .native)))
  }

  /// Since when somebody waits for the case.
  static func waitingSince(_ record: Identity.VerificationCase) -> Int64 {
    (record.submittedAt ?? record.stamp?.createdAt)?.sinceEpoch.wholeMicroseconds ?? 0
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> Identity.VerificationCase {
    let found = try session.first(
      "SELECT record FROM verification_case WHERE id = $1", .id(id)
    ) { (row) throws(StorageError) in try row.bytes(0) }
    guard let found else { throw IdentityError.notFound("VerificationCase") }
    return try Identity.VerificationCase(decoding: found, as: .native)
  }

  /// The one case of a company that is not decided; nil without one.
  static func findOpen(
    of organisation: UUID, _ session: any SQLSession
  ) throws(StorageError)
    -> String?
  {
    try session.first(
      """
      SELECT id FROM verification_case
      WHERE organisation_id = $1 AND state IN (1, 2, 3, 4, 5)
      """, .id(organisation)
    ) { (row) throws(StorageError) in try row.text(0) }
  }

  /// What a list is narrowed to; empty values mean all.
  struct Filter: Sendable {
    var organisationID = ""
    var state = Identity.CaseState.unspecified
    var assigneeID = ""
  }

  /// Cases that pass a filter, longest waiting first, from behind a key on.
  static func list(
    _ filter: Filter, after: [String]?, countMax: Int, _ session: any SQLSession
  ) throws -> [Identity.VerificationCase] {
    let last = after.flatMap { $0.count == 2 ? (Int64($0[0]) ?? 0, $0[1]) : nil }
    var sql = "SELECT record FROM verification_case WHERE (waiting_since, id) > ($1, $2)"
    var values: [SQLValue] = [.integer(last?.0 ?? .min), .text(last?.1 ?? "")]
    func narrow(_ column: String, _ value: SQLValue) {
      values.append(value)
      sql += " AND \(column) = $\(values.count)"
    }
    if !filter.organisationID.isEmpty { narrow("organisation_id", .text(filter.organisationID)) }
    if filter.state != .unspecified { narrow("state", .integer(Int64(filter.state.rawValue))) }
    if !filter.assigneeID.isEmpty { narrow("assignee_id", .text(filter.assigneeID)) }
    values.append(.integer(Int64(countMax)))
    sql += " ORDER BY waiting_since, id LIMIT $\(values.count)"
    var records: [[UInt8]] = []
    try session.run(sql, values) { (row) throws(StorageError) in records.append(try row.bytes(0)) }
    return try records.map { try Identity.VerificationCase(decoding: $0, as: .native) }
  }

  // MARK: Documents

  static func insertDocument(
    _ id: UUID, of caseID: UUID, blob: String, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "INSERT INTO case_document (id, case_id, blob_name) VALUES ($1, $2, $3)", .id(id),
      .id(caseID), .text(blob))
  }

  /// Where a document stands: its case, and its bytes unless it was removed.
  /// - Throws: `notFound`.
  static func place(
    of document: UUID, _ session: any SQLSession
  ) throws -> (caseID: UUID, blob: String?) {
    let found = try session.first(
      "SELECT case_id, blob_name FROM case_document WHERE id = $1", .id(document)
    ) { (row) throws(StorageError) in (try row.id(0), try row.optionalText(1)) }
    guard let found else { throw IdentityError.notFound("CaseDocument") }
    return found
  }

  static func removeDocument(_ id: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute("UPDATE case_document SET blob_name = NULL WHERE id = $1", .id(id))
  }

  /// Which of some blobs belong to a document.
  static func known(
    _ blobs: [String], _ session: any SQLSession
  ) throws(StorageError) -> Set<String> {
    Set(
      try session.all(
        "SELECT blob_name FROM case_document WHERE blob_name IN ($rows)", rows: .keys(blobs)
      ) { (row) throws(StorageError) in try row.text(0) })
  }
}
