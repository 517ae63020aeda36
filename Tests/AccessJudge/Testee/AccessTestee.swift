import Access
import Cryptography
import Platform

/// Does what a line asks for and prints the outcome in a line, or `refused` with the reason. Words
/// are parted by spaces; bytes are hexadecimal behind an `x`.
@main
struct AccessTestee {
  private struct Malformed: Error {}

  private static let realm = AccessToken.Realm(issuer: "https://id.sarai.example")

  static func main() {
    while let line = readLine() {
      do {
        print(try answer(line.split(separator: " ").map(String.init)))
      } catch {
        print("refused \(error)")
      }
    }
  }

  private static func answer(_ words: [String]) throws -> String {
    switch words.first {
    case "sha256": hex(SHA256.digest(try bytes(words[1])))
    case "hmac1": hex(HMAC.sha1(try bytes(words[2]), key: try bytes(words[1])))
    case "hmac256": hex(HMAC.sha256(try bytes(words[2]), key: try bytes(words[1])))
    case "base64url": Base64URL.text(try bytes(words[1])) + "."
    case "base32": Base32.text(try bytes(words[1])) + "."
    case "hash": try hash(words)
    case "accepts": "\(try PasswordHash(words[1]).accepts(try text(words[2])))"
    case "sign": try sign(words)
    case "verify":
      "\(try PublicKey(bytes: bytes(words[1])).verifies(bytes(words[3]), of: bytes(words[2])))"
    case "pem": try pem(words)
    case "seal":
      hex(
        try SealingKey(bytes: bytes(words[1])).seal(
          bytes(words[3]), for: bytes(words[2]), SystemRandom()))
    case "open":
      hex(try SealingKey(bytes: bytes(words[1])).open(bytes(words[3]), for: bytes(words[2])))
    case "code":
      OneTimeCode.code(
        secret: try bytes(words[1]), counter: UInt64(OneTimeCode.step(at: try seconds(words[2]))))
    case "step":
      OneTimeCode.step(
        ofCode: words[3], secret: try bytes(words[1]), at: try seconds(words[2])
      ).map { "\($0)" } ?? "none"
    case "uri":
      OneTimeCode.uri(
        secret: try bytes(words[1]), issuer: try text(words[2]), account: try text(words[3]))
    case "token": try token(words)
    case "read": try read(words)
    default: throw Malformed()
    }
  }

  private static func hash(_ words: [String]) throws -> String {
    guard let logN = Int(words[1]), let r = Int(words[2]), let p = Int(words[3]) else {
      throw Malformed()
    }
    return try PasswordHash(
      of: text(words[4]), cost: Scrypt.Cost(logN: logN, r: r, p: p), SystemRandom()
    ).description
  }

  private static func sign(_ words: [String]) throws -> String {
    let key = try SigningKey(bytes: bytes(words[1]))
    return hex(key.publicKey.bytes) + " " + hex(key.sign(try bytes(words[2])))
  }

  private static func pem(_ words: [String]) throws -> String {
    let key = try SigningKey(bytes: bytes(words[1]))
    let same = try SigningKey(pem: text(words[2]))
    guard same.bytes == key.bytes else { throw Malformed() }
    return hex(Array(key.pem.utf8)) + " " + hex(Array(key.publicKey.pem.utf8))
  }

  /// `token KEY KID NOW SUB SID ORG ROLE,ROLE`
  private static func token(_ words: [String]) throws -> String {
    let token = AccessToken(
      .person(
        try id(words[4]), session: try id(words[5]), assurance: .twoFactors,
        signedInAt: try seconds(words[3])),
      organisation: try id(words[6]),
      roles: Set(words[7].split(separator: ",").compactMap { Role(name: $0) }),
      id: UUID.version7(sinceEpoch: try seconds(words[3]), SystemRandom()),
      at: try seconds(words[3]))
    return token.signed(
      by: try SigningKey(bytes: bytes(words[1])), named: try id(words[2]), in: realm)
  }

  /// `read X KID NOW TOKEN`, where X is the key's member of a JWK.
  private static func read(_ words: [String]) throws -> String {
    var keys = KeySet()
    keys.add(kty: "OKP", crv: "Ed25519", x: words[1], kid: words[2], alg: "EdDSA", use: "sig")
    let token = try AccessToken(
      words.count > 4 ? words[4] : "", keys: keys, in: realm, at: seconds(words[3]))
    let caller = token.caller()
    let roles = caller.roles.map(\.name).sorted().joined(separator: ",")
    let organisation = caller.organisationID?.description ?? "-"
    return "ok \(caller.personID ?? caller.apiKeyID ?? .null) \(organisation) \(roles)"
  }

  // MARK: Words

  private static func id(_ text: String) throws -> UUID {
    guard let id = UUID(text) else { throw Malformed() }
    return id
  }

  private static func seconds(_ text: String) throws -> Duration {
    guard let seconds = Int64(text) else { throw Malformed() }
    return .seconds(seconds)
  }

  private static func bytes(_ word: String) throws -> [UInt8] {
    guard word.hasPrefix("x"), let bytes = Hex.bytes(word.dropFirst()) else { throw Malformed() }
    return bytes
  }

  private static func text(_ word: String) throws -> String {
    String(decoding: try bytes(word), as: UTF8.self)
  }

  private static func hex(_ bytes: [UInt8]) -> String { "x" + Hex.text(bytes) }
}
