internal import Cryptography
internal import Platform

/// The secret of an API key: "sarai_" and 43 characters of 256 random bits. The database knows its
/// digest, which needs no slow hash: there is nothing to guess.
struct KeySecret: Sendable, Hashable {
  let text: String

  private static let start = "sarai_"
  private static let byteCount = 32
  private static let prefixLength = 12
  /// How long the secret is shown again to who repeats the call that made it.
  static let shownFor: Duration = .seconds(86_400)

  /// A new one.
  init(_ random: some RandomSource) {
    text = Self.start + Base64URL.text(random.bytes(Self.byteCount))
  }

  /// One that somebody presents; nil for what cannot be one.
  init?(_ text: String) {
    guard text.utf8.count == Self.start.utf8.count + 43, text.hasPrefix(Self.start),
      Base64URL.bytes(text.dropFirst(Self.start.count))?.count == Self.byteCount
    else { return nil }
    self.text = text
  }

  /// What it is recognised by.
  var prefix: String { String(text.prefix(Self.prefixLength)) }

  var digest: [UInt8] { SHA256.digest(text) }
}
