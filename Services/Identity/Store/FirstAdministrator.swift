internal import Access
internal import Cryptography
internal import Platform
internal import Storage

/// The one-time token that makes somebody the first administrator of a new database. It is kept sealed
/// until it is used, so that each start before then can print it.
enum FirstAdministrator {
  private static let name = "first-administrator"

  /// The token; nil once it was used. The first time it is made.
  static func prepare(
    _ vault: Vault, _ random: any RandomSource, _ session: any SQLSession
  ) throws -> String? {
    let token = Base64URL.text(random.bytes(24))
    _ = try ServiceSecretStore.keep(
      name, vault.seal(Array(token.utf8), at: Vault.place(of: name)), session)
    return try self.token(vault, session)
  }

  /// The token; nil when there is none that was not used.
  static func token(_ vault: Vault, _ session: any SQLSession) throws -> String? {
    guard let secret = try ServiceSecretStore.find(name, session), secret.usedAt == nil else {
      return nil
    }
    let bytes = try vault.open(secret.sealed, at: Vault.place(of: name))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Uses the token up.
  ///
  /// - Returns: whether it was unused.
  static func use(at now: Duration, _ session: any SQLSession) throws(StorageError) -> Bool {
    try ServiceSecretStore.use(name, at: now, session)
  }
}
