internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// Relation tuples, and the history of their changes in the order of commits.
enum RelationStore {
  private static let columns =
    "object_kind, object_id, relation, subject_kind, subject_id, subject_relation"

  private static func fact(
    _ row: borrowing Row, from first: Int
  ) throws(StorageError) -> RelationFact {
    RelationFact(
      Userset(
        RelationObject(try row.text(first), try row.text(first + 1)), try row.text(first + 2)),
      RelationSubject(
        RelationObject(try row.text(first + 3), try row.text(first + 4)),
        relation: try row.text(first + 5)))
  }

  fileprivate static func values(_ fact: RelationFact) -> [SQLValue] {
    [
      .text(fact.userset.object.kind), .text(fact.userset.object.id), .text(fact.userset.relation),
      .text(fact.subject.object.kind), .text(fact.subject.object.id), .text(fact.subject.relation),
    ]
  }

  // MARK: Writing

  /// Adds and removes facts; what is there already, or not there, is no fault.
  ///
  /// - Returns: the position of the state that this makes: a new one, if anything changed.
  @discardableResult
  static func write(
    adding additions: some Sequence<RelationFact>, removing removals: some Sequence<RelationFact>,
    at now: Duration, _ session: any SQLSession
  ) throws(StorageError) -> Int64 {
    var changes: [(RelationFact, removed: Bool)] = []
    for fact in removals {
      let count = try session.run(
        """
        DELETE FROM relation_tuple WHERE object_kind = $1 AND object_id = $2 AND relation = $3
          AND subject_kind = $4 AND subject_id = $5 AND subject_relation = $6
        """, values(fact)
      ) { (_) throws(StorageError) in }
      if count == 1 { changes.append((fact, true)) }
    }
    for fact in additions {
      let count = try session.run(
        """
        INSERT INTO relation_tuple (\(columns)) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT DO NOTHING
        """, values(fact)
      ) { (_) throws(StorageError) in }
      if count == 1 { changes.append((fact, false)) }
    }
    if changes.isEmpty { return try head(session) }
    let position = try session.first(
      "UPDATE relation_head SET position = position + 1 WHERE id = 1 RETURNING position"
    ) { (row) throws(StorageError) in try row.integer(0) }
    guard let position else { throw StorageError(.unfit, "the row of relation_head is missing") }
    for (ordinal, (fact, removed)) in changes.enumerated() {
      try session.run(
        """
        INSERT INTO relation_change (\(columns), position, ordinal, removed, occurred_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        values(fact) + [
          .integer(position), .integer(Int64(ordinal)), .flag(removed), .instant(now),
        ]
      ) { (_) throws(StorageError) in }
    }
    return position
  }

  /// Notes a write by its id.
  static func insertWrite(
    _ id: UUID, position: Int64, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "INSERT INTO relation_write (id, position, occurred_at) VALUES ($1, $2, $3)", .id(id),
      .integer(position), .instant(now))
  }

  // MARK: Reading

  /// The position of the present state.
  static func head(_ session: any SQLSession) throws(StorageError) -> Int64 {
    try session.first("SELECT position FROM relation_head WHERE id = 1") {
      (row) throws(StorageError) in try row.integer(0)
    } ?? 0
  }

  /// How a write ended; nil if it never took effect.
  static func findWrite(
    _ id: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Identity.GetWriteResponse? {
    try session.first(
      "SELECT position, occurred_at FROM relation_write WHERE id = $1", .id(id)
    ) { (row) throws(StorageError) in
      Identity.GetWriteResponse(
        position: try row.integer(0),
        occurredAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: try row.integer(1)))
    }
  }

  /// What a list of facts is narrowed to; empty values mean all.
  struct Filter: Sendable {
    var objectKind = ""
    var objectID = ""
    var relation = ""
    var subjectID = ""
  }

  /// The parts of a fact by which lists are ordered.
  static func key(_ fact: RelationFact) -> [String] {
    [
      fact.userset.object.kind, fact.userset.object.id, fact.userset.relation,
      fact.subject.object.kind, fact.subject.object.id, fact.subject.relation,
    ]
  }

  /// Facts that pass a filter, in their order, from behind a key on.
  static func list(
    _ filter: Filter, after: [String]?, countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [RelationFact] {
    var sql = "SELECT \(columns) FROM relation_tuple WHERE 1 = 1"
    var values: [SQLValue] = []
    for (column, text) in [
      ("object_kind", filter.objectKind), ("object_id", filter.objectID),
      ("relation", filter.relation), ("subject_id", filter.subjectID),
    ] where !text.isEmpty {
      values.append(.text(text))
      sql += " AND \(column) = $\(values.count)"
    }
    if let after, after.count == 6 {
      values += after.map(SQLValue.text)
      let places = (values.count - 5...values.count).map { "$\($0)" }.joined(separator: ", ")
      sql += " AND (\(columns)) > (\(places))"
    }
    values.append(.integer(Int64(countMax)))
    sql += " ORDER BY \(columns) LIMIT $\(values.count)"
    var facts: [RelationFact] = []
    try session.run(sql, values) { (row) throws(StorageError) in
      facts.append(try fact(row, from: 0))
    }
    return facts
  }

  /// Whole changes behind a position, at least one if there is one; a change is never split.
  static func changes(
    after position: Int64, countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [Identity.StreamTupleChangesResponse] {
    try session.all(
      """
      SELECT \(columns), position, removed, occurred_at FROM relation_change
      WHERE position > $1 AND position <= $2 ORDER BY position, ordinal
      """, .integer(position), .integer(position + Int64(countMax))
    ) { (row) throws(StorageError) in
      Identity.StreamTupleChangesResponse(
        position: try row.integer(6), tuple: try fact(row, from: 0).message,
        removed: try row.flag(7),
        occurredAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: try row.integer(8)))
    }
  }
}

/// The facts in one state of the database.
struct StoredRelations: RelationSource {
  let session: any SQLSession

  func has(_ fact: RelationFact) throws -> Bool {
    try session.run(
      """
      SELECT 1 FROM relation_tuple WHERE object_kind = $1 AND object_id = $2 AND relation = $3
        AND subject_kind = $4 AND subject_id = $5 AND subject_relation = $6
      """, RelationStore.values(fact)
    ) { (_) throws(StorageError) in } == 1
  }

  func objects(in userset: Userset, countMax: Int) throws -> [RelationObject] {
    try session.all(
      """
      SELECT subject_kind, subject_id FROM relation_tuple
      WHERE object_kind = $1 AND object_id = $2 AND relation = $3 AND subject_relation = ''
      ORDER BY subject_kind, subject_id LIMIT $4
      """, .text(userset.object.kind), .text(userset.object.id), .text(userset.relation),
      .integer(Int64(countMax))
    ) { (row) throws(StorageError) in RelationObject(try row.text(0), try row.text(1)) }
  }

  func usersets(in userset: Userset, countMax: Int) throws -> [Userset] {
    try session.all(
      """
      SELECT subject_kind, subject_id, subject_relation FROM relation_tuple
      WHERE object_kind = $1 AND object_id = $2 AND relation = $3 AND subject_relation > ''
      ORDER BY subject_relation, subject_kind, subject_id LIMIT $4
      """, .text(userset.object.kind), .text(userset.object.id), .text(userset.relation),
      .integer(Int64(countMax))
    ) { (row) throws(StorageError) in
      Userset(RelationObject(try row.text(0), try row.text(1)), try row.text(2))
    }
  }

  func relations(
    of subject: RelationSubject, named relation: String?, countMax: Int
  ) throws -> [Userset] {
    try session.all(
      """
      SELECT object_kind, object_id, relation FROM relation_tuple
      WHERE subject_kind = $1 AND subject_id = $2 AND subject_relation = $3
        AND ($4 = '' OR relation = $4)
      ORDER BY object_kind, object_id, relation LIMIT $5
      """, .text(subject.object.kind), .text(subject.object.id), .text(subject.relation),
      .text(relation ?? ""), .integer(Int64(countMax))
    ) { (row) throws(StorageError) in
      Userset(RelationObject(try row.text(0), try row.text(1)), try row.text(2))
    }
  }
}
