internal import Access
internal import Cryptography
internal import Platform
internal import Storage

/// The service's secrets: what is sealed under its key file, and digests that nobody can compute who
/// has the database alone. Short codes, and requests that hold passwords, are kept as such digests: a
/// bare hash of them would be guessed in no time.
struct Vault: Sendable {
  private let box: SecretBox
  private let digestKey: [UInt8]
  private let random: any RandomSource

  private static let digestKeyName = "digest-key"

  /// Opens the vault; the first time it makes the key of its digests.
  static func open(
    _ box: SecretBox, _ database: Database, _ random: any RandomSource
  ) async throws -> Vault {
    let place = Self.place(of: digestKeyName)
    let fresh = box.seal(random.bytes(32), at: place, random)
    let sealed = try await database.write { session in
      try ServiceSecretStore.keep(digestKeyName, fresh, session)
    }
    return Vault(box: box, digestKey: try box.open(sealed, at: place), random: random)
  }

  /// Where a secret of the whole service stands.
  static func place(of name: String) -> SecretBox.Place {
    SecretBox.Place(table: "service_secret", row: name, column: "sealed")
  }

  func seal(_ secret: [UInt8], at place: SecretBox.Place) -> [UInt8] {
    box.seal(secret, at: place, random)
  }

  func open(_ sealed: [UInt8], at place: SecretBox.Place) throws(CryptographyError) -> [UInt8] {
    try box.open(sealed, at: place)
  }

  /// Whether a secret should be sealed anew, because a newer key is there.
  func needsResealing(_ sealed: [UInt8]) -> Bool {
    !sealed.isEmpty && box.needsResealing(sealed)
  }

  /// The same secret under the newest key.
  func reseal(
    _ sealed: [UInt8], at place: SecretBox.Place
  ) throws(CryptographyError) -> [UInt8] {
    try box.reseal(sealed, at: place, random)
  }

  /// The digest of some texts, for one purpose: 32 bytes.
  func digest(_ purpose: String, _ texts: String...) -> [UInt8] {
    digest(purpose, bytes: texts.flatMap { Array("\($0.utf8.count):\($0)".utf8) })
  }

  /// The digest of bytes, for one purpose: 32 bytes.
  func digest(_ purpose: String, bytes: [UInt8]) -> [UInt8] {
    HMAC.sha256(Array("\(purpose.utf8.count):\(purpose)".utf8) + bytes, key: digestKey)
  }
}

/// Secrets of the whole service, sealed.
enum ServiceSecretStore {
  /// Keeps a secret unless there is one already.
  ///
  /// - Returns: the one that is kept.
  static func keep(
    _ name: String, _ sealed: [UInt8], _ session: any SQLSession
  ) throws(StorageError) -> [UInt8] {
    try session.execute(
      "INSERT INTO service_secret (name, sealed) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
      .text(name), .bytes(sealed))
    return try find(name, session)?.sealed ?? sealed
  }

  /// A secret, and when it was used; nil if there is none.
  static func find(
    _ name: String, _ session: any SQLSession
  ) throws(StorageError) -> (sealed: [UInt8], usedAt: Duration?)? {
    try session.first("SELECT sealed, used_at FROM service_secret WHERE name = $1", .text(name)) {
      (row) throws(StorageError) in (try row.bytes(0), try row.optionalInstant(1))
    }
  }

  /// Uses a secret up.
  ///
  /// - Returns: whether it was there and unused.
  static func use(
    _ name: String, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) -> Bool {
    try session.execute(
      "UPDATE service_secret SET used_at = $1 WHERE name = $2 AND used_at IS NULL",
      .instant(now), .text(name)) == 1
  }
}
