internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// The audit log: what was changed, by whom, chained by hashes in the order of commits.
///
/// An entry is added within the transaction that makes the change. The head's row is changed first,
/// so that two copies of the service on one database come one after the other.
enum AuditLog {
  /// Adds an entry. Call it late in a transaction: what follows holds up all other changes.
  ///
  /// - Parameters:
  ///   - action: what was done: "session.revoke".
  ///   - objectKind: to what kind of thing: "session".
  ///   - objectID: to which.
  ///   - organisation: within which; nil for none.
  ///   - reason: why, where it was asked for.
  ///   - changes: field paths to "old -> new"; sensitive values say only "changed".
  static func add(
    _ action: String, to objectKind: String, _ objectID: UUID, in organisation: UUID? = nil,
    reason: String = "", changes: [String: String] = [:], by origin: Origin,
    session: any SQLSession
  ) throws {
    let head = try session.first(
      "UPDATE audit_head SET sequence = sequence + 1 WHERE id = 1 RETURNING sequence, hash"
    ) { (row) throws(StorageError) in
      AuditChain(
        sequence: try row.integer(0) - 1, hash: try row.optionalBytes(1) ?? AuditChain.start)
    }
    guard var chain = head else { throw StorageError(.unfit, "the row of audit_head is missing") }
    let entry = try chain.append(
      Identity.AuditEntry(
        occurredAt: GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt), actor: origin.actor,
        action: action, objectKind: objectKind, objectId: objectID.description,
        organisationId: organisation?.description ?? "", reason: reason,
        changes: FieldMap(changes), requestId: origin.requestID, address: origin.address))
    try session.execute(
      """
      INSERT INTO audit_entry
        (sequence, occurred_at, actor_key, organisation_id, object_id, action, entry)
      VALUES ($1, $2, $3, $4, $5, $6, $7)
      """, .integer(entry.sequence), .integer(origin.occurredAt.wholeMicroseconds),
      .text(origin.actor.key), .text(entry.organisationId), .text(entry.objectId), .text(action),
      .bytes(try entry.encoded(as: .native)))
    try session.execute("UPDATE audit_head SET hash = $1 WHERE id = 1", .bytes(chain.hash))
  }

  // MARK: Reading

  /// What a list of entries is narrowed to; empty values mean all.
  struct Filter: Sendable {
    var actorKey = ""
    var organisationID = ""
    var objectID = ""
    /// An action, or with a trailing "*" the beginning of one.
    var action = ""
    var occurred: Range<Int64> = 0..<Int64.max
  }

  /// The newest entry's number and hash.
  static func head(_ session: any SQLSession) throws -> AuditChain {
    try session.first("SELECT sequence, hash FROM audit_head WHERE id = 1") {
      (row) throws(StorageError) in
      AuditChain(sequence: try row.integer(0), hash: try row.optionalBytes(1) ?? AuditChain.start)
    } ?? AuditChain()
  }

  /// One entry.
  static func entry(
    _ sequence: Int64, _ session: any SQLSession
  ) throws -> Identity.AuditEntry? {
    try session.first("SELECT entry FROM audit_entry WHERE sequence = $1", .integer(sequence)) {
      (row) throws(StorageError) in try row.bytes(0)
    }.map { try Identity.AuditEntry(decoding: $0, as: .native) }
  }

  /// Entries that pass a filter, newest first, from before `before` on.
  static func entries(
    _ filter: Filter, before: Int64, countMax: Int, _ session: any SQLSession
  ) throws -> [Identity.AuditEntry] {
    var sql = "SELECT entry FROM audit_entry WHERE sequence < $1"
    var values: [SQLValue] = [.integer(before)]
    func narrow(_ condition: String, _ value: SQLValue) {
      values.append(value)
      sql += " AND \(condition) $\(values.count)"
    }
    if !filter.actorKey.isEmpty { narrow("actor_key =", .text(filter.actorKey)) }
    if !filter.organisationID.isEmpty { narrow("organisation_id =", .text(filter.organisationID)) }
    if !filter.objectID.isEmpty { narrow("object_id =", .text(filter.objectID)) }
    if filter.action.hasSuffix("*") {
      // The beginning as it is written: LIKE would have signs of its own in it.
      let start = filter.action.dropLast()
      narrow("substr(action, 1, \(start.unicodeScalars.count)) =", .text(String(start)))
    } else if !filter.action.isEmpty {
      narrow("action =", .text(filter.action))
    }
    if filter.occurred.lowerBound > 0 {
      narrow("occurred_at >=", .integer(filter.occurred.lowerBound))
    }
    if filter.occurred.upperBound < .max {
      narrow("occurred_at <", .integer(filter.occurred.upperBound))
    }
    values.append(.integer(Int64(countMax)))
    sql += " ORDER BY sequence DESC LIMIT $\(values.count)"
    var entries: [[UInt8]] = []
    try session.run(sql, values) { (row) throws(StorageError) in entries.append(try row.bytes(0)) }
    return try entries.map { try Identity.AuditEntry(decoding: $0, as: .native) }
  }

  /// A stretch of entries, oldest first.
  static func entries(
    after sequence: Int64, countMax: Int, _ session: any SQLSession
  ) throws -> [StoredEntry] {
    try session.all(
      """
      SELECT sequence, occurred_at, actor_key, organisation_id, object_id, action, entry
      FROM audit_entry WHERE sequence > $1 ORDER BY sequence LIMIT $2
      """, .integer(sequence), .integer(Int64(countMax))
    ) { (row) throws(StorageError) in
      StoredEntry(
        sequence: try row.integer(0), occurredAt: try row.integer(1), actorKey: try row.text(2),
        organisationID: try row.text(3), objectID: try row.text(4), action: try row.text(5),
        bytes: try row.bytes(6))
    }
  }

  /// An entry as it lies in the table.
  struct StoredEntry: Sendable {
    let sequence: Int64
    let occurredAt: Int64
    let actorKey: String
    let organisationID: String
    let objectID: String
    let action: String
    let bytes: [UInt8]

    /// The entry, if its bytes are one and the columns that find it say the same.
    var entry: Identity.AuditEntry? {
      guard let entry = try? Identity.AuditEntry(decoding: bytes, as: .native),
        entry.sequence == sequence, entry.occurredAt?.sinceEpoch.wholeMicroseconds == occurredAt,
        (entry.actor?.key ?? "") == actorKey, entry.organisationId == organisationID,
        entry.objectId == objectID, entry.action == action
      else { return nil }
      return entry
    }
  }
}
