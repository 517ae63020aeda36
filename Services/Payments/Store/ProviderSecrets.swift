import Access
import Platform
import Storage
import WellKnownTypes

/// The secrets shared with providers, sealed in the database.
struct ProviderSecrets: Sendable {
  /// How long a secret that was replaced stays good for call-backs.
  static let overlap: Duration = .seconds(86_400)

  let box: SecretBox

  private static func place(_ provider: String) -> SecretBox.Place {
    SecretBox.Place(table: "provider", row: provider, column: "secret")
  }

  /// Those that are good, the newest first.
  func open(
    of provider: String, at now: Duration, in session: any SQLSession
  ) throws -> [[UInt8]] {
    let row = try session.first(
      "SELECT secret, old_secret, old_secret_until FROM provider WHERE id = $1", .text(provider)
    ) { (row) throws(StorageError) in
      (try row.optionalBytes(0), try row.optionalBytes(1), try row.optionalInteger(2) ?? 0)
    }
    guard let row, let current = row.0 else { return [] }
    var secrets = [try box.open(current, at: Self.place(provider))]
    if let old = row.1, row.2 > now.wholeMicroseconds {
      secrets.append(try box.open(old, at: Self.place(provider)))
    }
    return secrets
  }

  /// Sets a new one; the one before stays good for a day. The same again changes nothing.
  func set(
    _ secret: [UInt8], of provider: String, at now: Duration, _ random: any RandomSource,
    in session: any SQLSession
  ) throws {
    if try open(of: provider, at: now, in: session).first == secret { return }
    try session.execute(
      """
      UPDATE provider SET old_secret = secret, old_secret_until = $2, secret = $3 WHERE id = $1
      """, .text(provider), .integer((now + Self.overlap).wholeMicroseconds),
      .bytes(box.seal(secret, at: Self.place(provider), random)))
  }
}
