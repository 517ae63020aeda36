internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// An invitation as stored: whole, with the digest of its token and who answered it.
struct InvitationRecord: Sendable, Hashable {
  var message: Identity.Invitation
  var tokenDigest: [UInt8]
  /// Who accepted it.
  var answeredBy: UUID?

  /// How it stands at a moment: one that nobody answered in time is expired, whether or not a job has
  /// written that down.
  func state(at now: Duration) -> Identity.InvitationState {
    guard message.state == .open, let end = message.expiresAt?.sinceEpoch, now >= end else {
      return message.state
    }
    return .expired
  }

  /// As the contract shows it at a moment.
  func message(at now: Duration) -> Identity.Invitation {
    var message = message
    message.state = state(at: now)
    return message
  }
}

/// Invitations to join an organisation.
enum InvitationStore {
  private static func record(_ row: borrowing Row) throws(StorageError) -> InvitationRecord {
    let bytes = try row.bytes(0)
    guard let message = try? Identity.Invitation(decoding: bytes, as: .native) else {
      throw StorageError(.unfit, "an invitation cannot be read")
    }
    return InvitationRecord(
      message: message, tokenDigest: try row.bytes(1), answeredBy: try row.optionalID(2))
  }

  static func insert(_ one: InvitationRecord, _ session: any SQLSession) throws {
    try session.execute(
      """
      INSERT INTO invitation
        (id, organisation_id, state, created_at, expires_at, token_digest, answered_by, record)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
      """, .text(one.message.id), .text(one.message.organisationId),
      .integer(Int64(one.message.state.rawValue)),
      .instant(one.message.stamp?.createdAt?.sinceEpoch ?? .zero),
      .instant(one.message.expiresAt?.sinceEpoch ?? .zero), .bytes(one.tokenDigest),
      .optionalID(one.answeredBy), .bytes(try one.message.encoded(as: .native)))
  }

  /// Writes one that has been answered or taken back.
  static func update(_ one: InvitationRecord, _ session: any SQLSession) throws {
    try session.execute(
      "UPDATE invitation SET state = $2, answered_by = $3, record = $4 WHERE id = $1",
      .text(one.message.id), .integer(Int64(one.message.state.rawValue)),
      .optionalID(one.answeredBy), .bytes(try one.message.encoded(as: .native)))
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> InvitationRecord {
    guard
      let found = try session.first(
        "SELECT record, token_digest, answered_by FROM invitation WHERE id = $1", .id(id),
        as: record)
    else { throw IdentityError.notFound("Invitation") }
    return found
  }

  /// Those of an organisation, newest first, from before a time and id on.
  static func list(
    of organisation: UUID, _ state: Identity.InvitationState, before: [String]?, at now: Duration,
    countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [InvitationRecord] {
    var sql = """
      SELECT record, token_digest, answered_by FROM invitation
      WHERE organisation_id = $1 AND (created_at, id) < ($2, $3)
      """
    let last = before.flatMap { $0.count == 2 ? (Int64($0[0]) ?? .max, $0[1]) : nil }
    var values: [SQLValue] = [
      .id(organisation), .integer(last?.0 ?? .max), .text(last?.1 ?? ""),
      .integer(Int64(countMax)),
    ]
    switch state {
    case .unspecified: break
    case .open, .expired:
      values += [.integer(Int64(Identity.InvitationState.open.rawValue)), .instant(now)]
      sql += " AND state = $5 AND expires_at \(state == .open ? ">" : "<=") $6"
    default:
      values.append(.integer(Int64(state.rawValue)))
      sql += " AND state = $5"
    }
    sql += " ORDER BY created_at DESC, id DESC LIMIT $4"
    var found: [InvitationRecord] = []
    try session.run(sql, values) { (row) throws(StorageError) in found.append(try record(row)) }
    return found
  }
}
