public import Platform

/// A password as it is stored: scrypt's answer with its salt and cost, as a PHC string
/// (`$scrypt$ln=17,r=8,p=1$<salt>$<hash>`).
public struct PasswordHash: Sendable, Hashable, CustomStringConvertible {
  /// What the hash costs.
  public let cost: Scrypt.Cost
  private let salt: [UInt8]
  private let hash: [UInt8]

  private static let saltByteCount = 16
  private static let hashByteCount = 32
  /// More than any password needs, so that nobody makes the service hash megabytes.
  public static let passwordByteCountMax = 1_024

  /// The hash of a new password, under a salt of its own. It takes as long as its cost says.
  /// - Throws: `memoryMissing`.
  public init(
    of password: String, cost: Scrypt.Cost = .owasp, _ random: some RandomSource
  ) throws(CryptographyError) {
    self.cost = cost
    salt = random.bytes(Self.saltByteCount)
    hash = try Self.derive(password, salt, cost, Self.hashByteCount)
  }

  /// Reads a PHC string, in its one form.
  /// - Throws: `passwordHashInvalid` for another function, form or size; `costInvalid`.
  public init(_ text: String) throws(CryptographyError) {
    guard text.utf8.count <= 512 else { throw .passwordHashInvalid("it is too long") }
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else {
      throw .passwordHashInvalid("it is not `$scrypt$ln=,r=,p=$salt$hash`")
    }
    let settings = parts[2].split(separator: ",", omittingEmptySubsequences: false)
    guard settings.count == 3, let logN = Self.number(settings[0], "ln="),
      let r = Self.number(settings[1], "r="), let p = Self.number(settings[2], "p=")
    else { throw .passwordHashInvalid("its cost is not `ln=,r=,p=`") }
    cost = try Scrypt.Cost(logN: logN, r: r, p: p)
    guard let salt = Base64Unpadded.bytes(parts[3]), (8...64).contains(salt.count),
      let hash = Base64Unpadded.bytes(parts[4]), (16...64).contains(hash.count)
    else { throw .passwordHashInvalid("salt or hash is no Base64 of a fitting size") }
    self.salt = salt
    self.hash = hash
  }

  private static func number(_ text: Substring, _ name: String) -> Int? {
    guard text.hasPrefix(name) else { return nil }
    let digits = text.dropFirst(name.count)
    guard let number = Int(digits), String(number) == digits else { return nil }
    return number
  }

  /// The PHC string.
  public var description: String {
    "$scrypt$ln=\(cost.logN),r=\(cost.r),p=\(cost.p)"
      + "$\(Base64Unpadded.text(salt))$\(Base64Unpadded.text(hash))"
  }

  /// Whether the password is this one. It takes as long as the cost says, right or wrong.
  /// - Throws: `memoryMissing`.
  public func accepts(_ password: String) throws(CryptographyError) -> Bool {
    let isWithinBounds = password.utf8.count <= Self.passwordByteCountMax
    var derived = try Self.derive(isWithinBounds ? password : "", salt, cost, hash.count)
    defer { derived.wipe() }
    return derived.equalsInConstantTime(hash) && isWithinBounds
  }

  /// Whether a password that was accepted should be hashed anew, because the cost has moved.
  public func needsRehash(at cost: Scrypt.Cost) -> Bool {
    self.cost != cost || salt.count < Self.saltByteCount || hash.count != Self.hashByteCount
  }

  private static func derive(
    _ password: String, _ salt: [UInt8], _ cost: Scrypt.Cost, _ byteCount: Int
  ) throws(CryptographyError) -> [UInt8] {
    var bytes = Array(password.utf8)
    defer { bytes.wipe() }
    return try Scrypt.key(password: bytes, salt: salt, cost: cost, byteCount: byteCount)
  }
}
