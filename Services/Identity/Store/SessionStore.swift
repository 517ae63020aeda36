internal import Access
internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// A session as stored: one signed-in device, and the family of its refresh tokens.
struct SessionRecord: Sendable, Hashable {
  var id: UUID
  var personID: UUID
  var deviceLabel: String
  var userAgent: String
  var address: String
  var createdAt: Duration
  var lastSeenAt: Duration
  var idleEndsAt: Duration
  var absoluteEndsAt: Duration
  var endedAt: Duration?
  var steppedUpAt: Duration?
  var assurance: AccessToken.Assurance
  var organisationID: UUID?

  /// Whether it is over, by its end or by its times.
  func isOver(at now: Duration) -> Bool {
    endedAt != nil || now >= idleEndsAt || now >= absoluteEndsAt
  }

  /// As the contract shows it.
  func message(isPresent: Bool, at now: Duration) -> Identity.Session {
    // Minutes are as exact as the use of a session is kept.
    let minute = Duration.seconds(lastSeenAt.components.seconds / 60 * 60)
    let ended = endedAt ?? (isOver(at: now) ? min(idleEndsAt, absoluteEndsAt) : nil)
    return Identity.Session(
      id: id.description, personId: personID.description, deviceLabel: deviceLabel,
      userAgent: userAgent, address: address,
      createdAt: GoogleProtobuf.Timestamp(sinceEpoch: createdAt),
      lastSeenAt: GoogleProtobuf.Timestamp(sinceEpoch: max(minute, createdAt)),
      idleEndsAt: GoogleProtobuf.Timestamp(sinceEpoch: idleEndsAt),
      absoluteEndsAt: GoogleProtobuf.Timestamp(sinceEpoch: absoluteEndsAt),
      endedAt: ended.map { GoogleProtobuf.Timestamp(sinceEpoch: $0) },
      steppedUpUntilAt: steppedUpAt.map {
        GoogleProtobuf.Timestamp(sinceEpoch: $0 + SessionLife.stepUp)
      },
      isPresent: isPresent)
  }
}

/// Sessions.
enum SessionStore {
  private static let columns = """
    id, person_id, device_label, user_agent, address, created_at, last_seen_at, idle_ends_at,
    absolute_ends_at, ended_at, stepped_up_at, assurance, organisation_id
    """

  private static func record(_ row: borrowing Row) throws(StorageError) -> SessionRecord {
    guard let assurance = AccessToken.Assurance(rawValue: try row.text(11)) else {
      throw StorageError(.unfit, "a session's assurance is not known")
    }
    return SessionRecord(
      id: try row.id(0), personID: try row.id(1), deviceLabel: try row.text(2),
      userAgent: try row.text(3), address: try row.text(4), createdAt: try row.instant(5),
      lastSeenAt: try row.instant(6), idleEndsAt: try row.instant(7),
      absoluteEndsAt: try row.instant(8), endedAt: try row.optionalInstant(9),
      steppedUpAt: try row.optionalInstant(10), assurance: assurance,
      organisationID: try row.optionalID(12))
  }

  static func insert(_ one: SessionRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      INSERT INTO session (\(columns))
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
      """, .id(one.id), .id(one.personID), .text(one.deviceLabel), .text(one.userAgent),
      .text(one.address), .instant(one.createdAt), .instant(one.lastSeenAt),
      .instant(one.idleEndsAt), .instant(one.absoluteEndsAt), .optionalInstant(one.endedAt),
      .optionalInstant(one.steppedUpAt), .text(one.assurance.rawValue),
      .optionalID(one.organisationID))
  }

  /// Writes what its use changes.
  static func update(_ one: SessionRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      UPDATE session SET address = $2, last_seen_at = $3, idle_ends_at = $4, stepped_up_at = $5,
        assurance = $6, organisation_id = $7
      WHERE id = $1
      """, .id(one.id), .text(one.address), .instant(one.lastSeenAt), .instant(one.idleEndsAt),
      .optionalInstant(one.steppedUpAt), .text(one.assurance.rawValue),
      .optionalID(one.organisationID))
  }

  static func find(_ id: UUID, _ session: any SQLSession) throws(StorageError) -> SessionRecord? {
    try session.first("SELECT \(columns) FROM session WHERE id = $1", .id(id), as: record)
  }

  /// A person's sessions, last seen first, from behind `after` on.
  ///
  /// - Parameter endedSince: also those that ended after this; nil for open ones alone.
  static func list(
    of person: UUID, endedSince: Duration?, at now: Duration,
    after: (seen: Int64, id: String)?, countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [SessionRecord] {
    // An open session ends at the earlier of its two times.
    let end = """
      coalesce(ended_at, CASE WHEN idle_ends_at < absolute_ends_at THEN idle_ends_at
        ELSE absolute_ends_at END)
      """
    return try session.all(
      """
      SELECT \(columns) FROM session
      WHERE person_id = $1 AND \(end) > $2
        AND (last_seen_at < $3 OR (last_seen_at = $3 AND id < $4))
      ORDER BY last_seen_at DESC, id DESC LIMIT $5
      """, .id(person), .instant(endedSince ?? now), .integer(after?.seen ?? .max),
      .text(after?.id ?? "g"), .integer(Int64(countMax)), as: record)
  }

  /// Ends sessions of a person, all but one if that is given, and has their tokens refused.
  ///
  /// - Returns: those that were open.
  static func endAll(
    of person: UUID, but kept: UUID? = nil, at now: Duration, newID: () -> UUID,
    _ session: any SQLSession
  ) throws(StorageError) -> [UUID] {
    let ended = try session.all(
      """
      UPDATE session SET ended_at = $1
      WHERE person_id = $2 AND ended_at IS NULL AND idle_ends_at > $1 AND absolute_ends_at > $1
        AND id <> $3
      RETURNING id
      """, .instant(now), .id(person), .text(kept?.description ?? "")
    ) { (row) throws(StorageError) in try row.id(0) }
    for id in ended.sorted() {
      try RevocationStore.add(.session, id, at: now, id: newID(), session)
    }
    return ended
  }

  /// Ends one session, if it is open.
  ///
  /// - Returns: whether it was.
  static func end(
    _ id: UUID, at now: Duration, newID: () -> UUID, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    guard
      try session.execute(
        "UPDATE session SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL", .instant(now),
        .id(id)) == 1
    else { return false }
    try RevocationStore.add(.session, id, at: now, id: newID(), session)
    return true
  }

  /// Forgets where and with what a person signed in, when they are erased.
  static func forgetPlaces(of person: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "UPDATE session SET address = '', user_agent = '', device_label = '' WHERE person_id = $1",
      .id(person))
  }

  /// Forgets sessions that are over for a month, with their refresh tokens and sign-ins.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    let limit = SQLValue.instant(now - SessionLife.shownAfterEnd)
    let over = "absolute_ends_at < $1 OR idle_ends_at < $1 OR ended_at < $1"
    try session.execute(
      "DELETE FROM refresh_token WHERE session_id IN (SELECT id FROM session WHERE \(over))", limit)
    try session.execute("DELETE FROM session WHERE \(over)", limit)
    try session.execute("DELETE FROM sign_in WHERE expires_at < $1", limit)
  }
}
