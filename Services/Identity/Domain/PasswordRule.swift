/// Which passwords are taken: long ones (NIST SP 800-63B section 5.1.1.2), and none that is on
/// everybody's list or says what everybody knows of the person.
enum PasswordRule {
  /// Without a second factor.
  static let lengthMin = 15
  /// With one.
  static let lengthMinWithFactor = 8
  /// More than anybody types, so that nobody has megabytes hashed.
  static let byteCountMax = 1_024

  /// Whether a password will do.
  ///
  /// - Parameter known: what others know of the person: names, addresses.
  static func accepts(_ password: String, hasSecondFactor: Bool, known: [String]) -> Bool {
    let length = password.unicodeScalars.count
    guard length >= (hasSecondFactor ? lengthMinWithFactor : lengthMin),
      password.utf8.count <= byteCountMax
    else { return false }
    let plain = password.lowercased()
    if Set(plain).count < 5 || isSequence(plain) { return false }
    let words = commonWords + known.flatMap { Self.words(of: $0) }
    return !isMadeOf(plain, words)
  }

  /// Each character follows the one before: "abcdefghijklmno", "987654321098765".
  private static func isSequence(_ password: String) -> Bool {
    let scalars = password.unicodeScalars.map { Int($0.value) }
    let steps = zip(scalars.dropFirst(), scalars).map { $0 - $1 }
    let usual = steps.filter { $0 == 1 || $0 == -1 || $0 == 0 || $0 == -9 || $0 == 9 }.count
    return usual * 10 >= steps.count * 9
  }

  private static func words(of text: String) -> [String] {
    let plain = text.lowercased()
    let parts = plain.split { !$0.isLetter && !$0.isNumber }.map(String.init)
    return ([plain] + parts).filter { $0.count >= 4 }
  }

  /// Nothing is left of it, or next to nothing, once the words are taken out.
  private static func isMadeOf(_ password: String, _ words: [String]) -> Bool {
    var rest = password
    for word in words.sorted(by: { $0.count > $1.count }) where rest.contains(word) {
      rest = rest.replacing(word, with: "")
    }
    let left = rest.filter(\.isLetter)
    return left.count <= 2 && rest.count < password.count
  }

  /// What heads every published list of passwords, and what they are lengthened by.
  private static let commonWords = [
    "password", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty", "asdfghjkl", "asdfgh",
    "zxcvbnm", "1q2w3e4r5t", "1q2w3e4r", "1qaz2wsx", "qazwsx", "letmein", "welcome", "iloveyou",
    "sunshine", "princess", "football", "baseball", "superman", "batman", "dragon", "monkey",
    "master", "shadow", "michael", "jennifer", "charlie", "trustno1", "starwars", "whatever",
    "freedom", "computer", "internet", "administrator", "admin", "secret", "login", "changeme",
    "default", "abc123", "abcdef", "123456789", "12345678", "1234567", "123456", "123123", "654321",
    "987654321", "111111", "000000", "666666", "888888", "pakistan", "islamabad", "karachi",
    "lahore", "peshawar", "sialkot", "faisalabad", "bismillah", "mashallah", "allah", "muhammad",
    "mohammad", "woaini", "1314520", "5201314", "sarai",
  ]
}
