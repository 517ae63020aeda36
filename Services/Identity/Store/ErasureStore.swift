internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes
internal import Wire

/// A wish to be erased as stored, with the services that have done their part.
struct ErasureRecord: Sendable, Hashable {
  var message: Identity.Erasure
  /// Services that have reported.
  var reported: Set<String> = []

  /// The services that hold something on people and must report.
  static let services: Set = ["catalog", "payments", "onboarding"]
  /// How long it can be withdrawn.
  static let withdrawnWithin: Duration = .seconds(14 * 86_400)
}

/// Wishes to be erased.
enum ErasureStore {
  static func insert(_ erasure: ErasureRecord, _ session: any SQLSession) throws {
    try session.execute(
      """
      INSERT INTO erasure (id, person_id, state, effective_at, facts, reported)
      VALUES ($1, $2, $3, $4, $5, $6)
      """, .text(erasure.message.id), .text(erasure.message.personId),
      .integer(Int64(erasure.message.state.rawValue)),
      .instant(erasure.message.effectiveAt?.sinceEpoch ?? .zero),
      .bytes(try erasure.message.encoded(as: .native)), .text(reported(erasure)))
  }

  static func update(_ erasure: ErasureRecord, _ session: any SQLSession) throws {
    try session.execute(
      "UPDATE erasure SET state = $1, facts = $2, reported = $3 WHERE id = $4",
      .integer(Int64(erasure.message.state.rawValue)),
      .bytes(try erasure.message.encoded(as: .native)), .text(reported(erasure)),
      .text(erasure.message.id))
  }

  private static func reported(_ erasure: ErasureRecord) -> String {
    erasure.reported.sorted().joined(separator: " ")
  }

  private static func record(_ facts: [UInt8], _ reported: String) throws -> ErasureRecord {
    ErasureRecord(
      message: try Identity.Erasure(decoding: facts, as: .native),
      reported: Set(reported.split(separator: " ").map(String.init)))
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> ErasureRecord {
    let found = try session.first("SELECT facts, reported FROM erasure WHERE id = $1", .id(id)) {
      (row) throws(StorageError) in (try row.bytes(0), try row.text(1))
    }
    guard let (facts, reported) = found else { throw IdentityError.notFound("Erasure") }
    return try record(facts, reported)
  }

  /// All of a person.
  static func all(of person: UUID, _ session: any SQLSession) throws -> [ErasureRecord] {
    try session.all(
      "SELECT facts, reported FROM erasure WHERE person_id = $1 ORDER BY id", .id(person)
    ) { (row) throws(StorageError) in (try row.bytes(0), try row.text(1)) }
    .map { try record($0, $1) }
  }

  /// Those whose time has come.
  static func due(
    at now: Duration, countMax: Int, _ session: any SQLSession
  ) throws -> [ErasureRecord] {
    try session.all(
      """
      SELECT facts, reported FROM erasure WHERE state = $1 AND effective_at <= $2
      ORDER BY effective_at, id LIMIT $3
      """, .integer(Int64(Identity.ErasureState.waiting.rawValue)), .instant(now),
      .integer(Int64(countMax))
    ) { (row) throws(StorageError) in (try row.bytes(0), try row.text(1)) }
    .map { try record($0, $1) }
  }
}
