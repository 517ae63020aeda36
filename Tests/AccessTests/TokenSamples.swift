import Access
import Cryptography
import Platform

/// Keys, people and tokens for the tests, all at one instant.
struct TokenSamples {
  let random = SeededRandom(seed: 11)
  let realm = AccessToken.Realm(issuer: "https://id.sarai.example")
  let now: Duration = .seconds(1_800_000_000)
  let keyID = UUID(high: 0x0192_F5D4_0000_7000, low: 0x8000_0000_0000_0001)
  let key: SigningKey
  let person = UUID(high: 0x0192_F5D4_0000_7000, low: 0x8000_0000_0000_0002)
  let session = UUID(high: 0x0192_F5D4_0000_7000, low: 0x8000_0000_0000_0003)
  let organisation = UUID(high: 0x0192_F5D4_0000_7000, low: 0x8000_0000_0000_0004)
  let apiKey = UUID(high: 0x0192_F5D4_0000_7000, low: 0x8000_0000_0000_0005)

  init() { key = SigningKey.generate(random) }

  var keys: KeySet { KeySet([keyID: key.publicKey]) }

  func token(
    _ roles: Role..., organisation: UUID? = nil, assurance: AccessToken.Assurance = .twoFactors,
    steppedUpAt: Duration? = nil, at: Duration? = nil
  ) -> AccessToken {
    AccessToken(
      .person(person, session: session, assurance: assurance, signedInAt: now),
      organisation: organisation ?? self.organisation, roles: Set(roles), steppedUpAt: steppedUpAt,
      id: UUID.version7(sinceEpoch: now, random), at: at ?? now)
  }

  func keyToken(_ permissions: Set<Permission>) -> AccessToken {
    AccessToken(
      .apiKey(apiKey, permissions: permissions), organisation: organisation,
      id: UUID.version7(sinceEpoch: now, random), at: now)
  }

  func text(_ token: AccessToken) -> String { token.signed(by: key, named: keyID, in: realm) }

  /// A token of any header and claims, signed by the right key.
  func signed(
    header: String? = nil, claims: String
  ) -> String {
    let header = header ?? #"{"alg":"EdDSA","kid":"\#(keyID)","typ":"at+jwt"}"#
    let body = Base64URL.text(header.utf8) + "." + Base64URL.text(claims.utf8)
    return body + "." + Base64URL.text(key.sign(Array(body.utf8)))
  }

  /// The claims of a good token, with some changed: nil takes one out.
  func claims(_ changes: KeyValuePairs<String, String?> = [:]) -> String {
    var claims: [(String, String)] = [
      ("iss", #""https://id.sarai.example""#), ("aud", #""sarai""#), ("sub", "\"\(person)\""),
      ("client_id", #""sarai""#), ("sid", "\"\(session)\""), ("acr", #""mfa""#),
      ("auth_time", "1800000000"), ("org", "\"\(organisation)\""), ("roles", #"["owner"]"#),
      ("iat", "1800000000"), ("nbf", "1800000000"), ("exp", "1800000600"),
      ("jti", "\"\(session)\""),
    ]
    for (name, value) in changes {
      claims.removeAll { $0.0 == name }
      if let value { claims.append((name, value)) }
    }
    return "{" + claims.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
  }
}
