public import Cryptography
public import Platform

/// Seals the secrets that a service stores (TOTP, webhook and signing secrets) under its key file.
public struct SecretBox: Sendable {
  /// Where a secret stands. A seal that is copied to another row or column does not open there.
  public struct Place: Sendable, Hashable {
    let bytes: [UInt8]

    /// A column of a row of a table.
    public init(table: String, row: some CustomStringConvertible, column: String) {
      // Lengths before the texts, so that no two places read alike.
      bytes = [table, row.description, column].flatMap { text in
        Array("\(text.utf8.count):\(text)".utf8)
      }
    }
  }

  private let current: Lock<KeyFile>
  private static let version: UInt8 = 1

  /// A box under the keys of a file.
  public init(_ keys: KeyFile) { current = Lock(keys) }

  /// The name of the key that seals now.
  public var keyName: String { current.withLock { $0.keys[0].name } }

  /// Seals and opens under another file's keys from now on: all that are still needed, and a new one.
  public func replaceKeys(_ keys: KeyFile) { current.withLock { $0 = keys } }

  /// Version, length of the key's name, the name, and the seal.
  public func seal(
    _ secret: [UInt8], at place: Place, _ random: some RandomSource
  ) -> [UInt8] {
    let (name, key) = current.withLock { $0.keys[0] }
    let head = [Self.version, UInt8(name.utf8.count)] + Array(name.utf8)
    return head + key.seal(secret, for: head + place.bytes, random)
  }

  /// What was sealed for this place.
  /// - Throws: `sealBroken` when it was not, was changed, or its key is no longer in the file.
  public func open(_ sealed: [UInt8], at place: Place) throws(CryptographyError) -> [UInt8] {
    guard let name = Self.keyName(of: sealed),
      let key = current.withLock({ $0.keys.first { $0.name == name }?.key })
    else { throw .sealBroken }
    let headCount = 2 + name.utf8.count
    return try key.open(
      Array(sealed[headCount...]), for: Array(sealed[..<headCount]) + place.bytes)
  }

  /// Whether a secret should be sealed anew, because a newer key is there.
  public func needsResealing(_ sealed: [UInt8]) -> Bool { Self.keyName(of: sealed) != keyName }

  /// The same secret under the newest key.
  /// - Throws: as `open`.
  public func reseal(
    _ sealed: [UInt8], at place: Place, _ random: some RandomSource
  ) throws(CryptographyError) -> [UInt8] {
    var secret = try open(sealed, at: place)
    defer { secret.wipe() }
    return seal(secret, at: place, random)
  }

  /// The name of the key that something was sealed under; nil if it was not sealed by a box.
  public static func keyName(of sealed: [UInt8]) -> String? {
    guard sealed.count > 2, sealed[0] == version, sealed.count > 2 + Int(sealed[1]) else {
      return nil
    }
    return String(decoding: sealed[2..<2 + Int(sealed[1])], as: UTF8.self)
  }
}
