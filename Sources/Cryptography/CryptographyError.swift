/// Why something cryptographic could not be done.
public enum CryptographyError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A key of the wrong size or form.
  case keyInvalid(String)
  /// What was sealed has been changed, was sealed under another key, or for another place.
  case sealBroken
  /// A PHC string that is none, or names what is not used here.
  case passwordHashInvalid(String)
  /// scrypt's parameters are out of bounds.
  case costInvalid(String)
  /// The memory that a password's hash takes is not to be had.
  case memoryMissing

  /// One line.
  public var description: String {
    switch self {
    case .keyInvalid(let why): "the key is not usable: \(why)"
    case .sealBroken: "what was sealed was changed, or belongs to another key or place"
    case .passwordHashInvalid(let why): "the password hash is not readable: \(why)"
    case .costInvalid(let why): "the cost of scrypt is out of bounds: \(why)"
    case .memoryMissing: "there is no memory left to hash a password in"
    }
  }
}
