internal import Cryptography
internal import Platform

/// Codes that stand in for a lost second factor, each once: 50 random bits in ten letters.
enum RecoveryCode {
  /// How many a person has.
  static let count = 10

  /// A new one: "k3j5q-7hx2m".
  static func make(_ random: any RandomSource) -> String {
    let letters = Base32.text(random.bytes(7)).lowercased().prefix(10)
    return "\(letters.prefix(5))-\(letters.dropFirst(5))"
  }

  /// The one form of what somebody types; nil for what cannot be one.
  static func normal(_ typed: String) -> String? {
    guard typed.utf8.count <= 32 else { return nil }
    let letters = typed.lowercased().filter { $0 != "-" && $0 != " " }
    guard letters.utf8.count == 10, letters.allSatisfy({ $0.isASCII }) else { return nil }
    return letters
  }
}
