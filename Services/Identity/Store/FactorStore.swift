internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// A second factor as stored.
struct FactorRecord: Sendable, Hashable {
  var id: UUID
  var personID: UUID
  var label: String
  /// The TOTP secret, sealed.
  var sealedSecret: [UInt8]
  var begunAt: Duration
  /// When it came into force; nil until then.
  var confirmedAt: Duration?
  /// The step of the last code that was taken.
  var lastStep: Int64?
  var lastUsedAt: Duration?
  var triesLeft = ContactCode.triesMax

  /// How long a new one waits to be confirmed.
  static let confirmWithin: Duration = .seconds(600)

  /// As the contract shows it.
  var message: Identity.Authenticator {
    Identity.Authenticator(
      id: id.description, kind: .totp, label: label,
      createdAt: confirmedAt.map { GoogleProtobuf.Timestamp(sinceEpoch: $0) },
      lastUsedAt: lastUsedAt.map { GoogleProtobuf.Timestamp(sinceEpoch: $0) })
  }
}

/// Second factors and recovery codes.
enum FactorStore {
  /// How many a person has at most.
  static let countMax = 20

  private static let columns =
    "id, person_id, label, sealed_secret, begun_at, confirmed_at, last_step, last_used_at, tries_left"

  private static func record(_ row: borrowing Row) throws(StorageError) -> FactorRecord {
    FactorRecord(
      id: try row.id(0), personID: try row.id(1), label: try row.text(2),
      sealedSecret: try row.bytes(3), begunAt: try row.instant(4),
      confirmedAt: try row.optionalInstant(5), lastStep: try row.optionalInteger(6),
      lastUsedAt: try row.optionalInstant(7), triesLeft: try row.integer(8))
  }

  /// Where a factor's secret stands.
  static func place(_ id: UUID) -> SecretBox.Place {
    SecretBox.Place(table: "authenticator", row: id, column: "sealed_secret")
  }

  static func insert(_ factor: FactorRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      INSERT INTO authenticator (\(columns), kind)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      """, .id(factor.id), .id(factor.personID), .text(factor.label), .bytes(factor.sealedSecret),
      .instant(factor.begunAt), .optionalInstant(factor.confirmedAt), .optional(factor.lastStep),
      .optionalInstant(factor.lastUsedAt), .integer(factor.triesLeft),
      .integer(Int64(Identity.AuthenticatorKind.totp.rawValue)))
  }

  static func update(_ factor: FactorRecord, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      UPDATE authenticator SET confirmed_at = $2, last_step = $3, last_used_at = $4, tries_left = $5
      WHERE id = $1
      """, .id(factor.id), .optionalInstant(factor.confirmedAt), .optional(factor.lastStep),
      .optionalInstant(factor.lastUsedAt), .integer(factor.triesLeft))
  }

  static func find(_ id: UUID, _ session: any SQLSession) throws(StorageError) -> FactorRecord? {
    try session.first("SELECT \(columns) FROM authenticator WHERE id = $1", .id(id), as: record)
  }

  /// A person's factors, oldest first.
  static func all(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> [FactorRecord] {
    try session.all(
      "SELECT \(columns) FROM authenticator WHERE person_id = $1 ORDER BY begun_at, id",
      .id(person), as: record)
  }

  /// Whether a second factor is in force.
  static func hasFactor(_ person: UUID, _ session: any SQLSession) throws(StorageError) -> Bool {
    try all(of: person, session).contains { $0.confirmedAt != nil }
  }

  static func remove(_ id: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM authenticator WHERE id = $1", .id(id))
  }

  static func removeAll(of person: UUID, _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM authenticator WHERE person_id = $1", .id(person))
    try session.execute("DELETE FROM recovery_code WHERE person_id = $1", .id(person))
  }

  // MARK: Recovery codes

  /// Puts new recovery codes in the place of the old.
  static func replaceRecoveryCodes(
    of person: UUID, by codes: [String], _ vault: Vault, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute("DELETE FROM recovery_code WHERE person_id = $1", .id(person))
    for code in codes {
      guard let normal = RecoveryCode.normal(code) else { continue }
      try session.execute(
        "INSERT INTO recovery_code (person_id, digest) VALUES ($1, $2)", .id(person),
        .bytes(vault.digest("recovery-code", person.description, normal)))
    }
  }

  /// How many recovery codes are left.
  static func recoveryCodeCount(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> Int {
    try session.all(
      "SELECT digest FROM recovery_code WHERE person_id = $1 AND used_at IS NULL", .id(person)
    ) { (row) throws(StorageError) in try row.bytes(0) }.count
  }

  // MARK: Taking a factor

  /// Takes a one-time or a recovery code, once.
  ///
  /// - Returns: whether it was right.
  static func take(
    _ code: String, _ kind: Identity.AuthenticatorKind, of person: UUID, at now: Duration,
    _ vault: Vault, _ session: any SQLSession
  ) throws -> Bool {
    switch kind {
    case .totp:
      // All are tried whichever fits.
      var isRight = false
      for var factor in try all(of: person, session) where factor.confirmedAt != nil {
        var secret = try vault.open(factor.sealedSecret, at: place(factor.id))
        defer { secret.wipe() }
        let step = OneTimeCode.step(
          ofCode: code, secret: secret, at: now, after: factor.lastStep)
        guard let step, !isRight else { continue }
        isRight = true
        factor.lastStep = step
        factor.lastUsedAt = now
        try update(factor, session)
      }
      return isRight
    case .recoveryCode:
      guard let normal = RecoveryCode.normal(code) else { return false }
      return try session.execute(
        """
        UPDATE recovery_code SET used_at = $1
        WHERE person_id = $2 AND digest = $3 AND used_at IS NULL
        """, .instant(now), .id(person),
        .bytes(vault.digest("recovery-code", person.description, normal))) == 1
    default: return false
    }
  }
}
