internal import IdentityContracts
internal import Platform
internal import Storage
internal import Wire

/// The names that services' certificates bear.
enum ServiceIdentityStore {
  /// - Throws: `nameTaken`.
  static func insert(_ one: Identity.ServiceIdentity, _ session: any SQLSession) throws {
    let count = try session.execute(
      "INSERT INTO service_identity (id, name, record) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
      .text(one.id), .text(one.name), .bytes(try one.encoded(as: .native)))
    if count == 0 { throw IdentityError.refused(.nameTaken) }
  }

  static func update(_ one: Identity.ServiceIdentity, _ session: any SQLSession) throws {
    try session.execute(
      "UPDATE service_identity SET record = $2 WHERE id = $1", .text(one.id),
      .bytes(try one.encoded(as: .native)))
  }

  /// - Throws: `notFound`.
  static func get(_ id: UUID, _ session: any SQLSession) throws -> Identity.ServiceIdentity {
    let found = try session.first("SELECT record FROM service_identity WHERE id = $1", .id(id)) {
      (row) throws(StorageError) in try row.bytes(0)
    }
    guard let found else { throw IdentityError.notFound("ServiceIdentity") }
    return try Identity.ServiceIdentity(decoding: found, as: .native)
  }

  /// All, by name, from behind one on.
  static func list(
    after name: String, countMax: Int, _ session: any SQLSession
  ) throws -> [Identity.ServiceIdentity] {
    try session.all(
      "SELECT record FROM service_identity WHERE name > $1 ORDER BY name LIMIT $2", .text(name),
      .integer(Int64(countMax))
    ) { (row) throws(StorageError) in try row.bytes(0) }
    .map { try Identity.ServiceIdentity(decoding: $0, as: .native) }
  }
}
