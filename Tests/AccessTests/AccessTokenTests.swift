import Access
import Cryptography
import Foundation
import Platform
import Testing

@Suite struct AccessTokenTests {
  private let samples = TokenSamples()

  private func read(_ text: String, at: Duration? = nil) throws(TokenFault) -> AccessToken {
    try AccessToken(text, keys: samples.keys, in: samples.realm, at: at ?? samples.now)
  }

  private func fault(_ text: String, at: Duration? = nil) -> TokenFault? {
    do {
      _ = try read(text, at: at)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a token comes back as it was signed`() throws {
    let tokens = [
      samples.token(.owner, .buyer, steppedUpAt: samples.now), samples.token(.officer),
      samples.keyToken(["catalog.product.read", "catalog.stock.read"]),
      AccessToken(
        .person(
          samples.person, session: samples.session, assurance: .enrolment,
          signedInAt: samples.now),
        id: samples.apiKey, at: samples.now),
    ]
    for token in tokens { #expect(try read(samples.text(token)) == token) }
  }

  @Test func `the caller is who the token says`() throws {
    let caller = try read(samples.text(samples.token(.accountant))).caller(via: "gateway")
    #expect(caller.kind == .person && caller.personID == samples.person)
    #expect(caller.sessionID == samples.session && caller.serviceName == "gateway")
    #expect(caller.holds("payments.payout.write", in: samples.organisation))
    let program = try read(samples.text(samples.keyToken(["catalog.stock.read"]))).caller(via: nil)
    #expect(program.kind == .apiKey && program.apiKeyID == samples.apiKey)
    #expect(program.holds("catalog.stock.read", in: samples.organisation))
  }

  @Test func `claims written by hand are read, unknown ones passed over`() throws {
    let token = try read(
      samples.signed(claims: samples.claims(["amr": #"["pwd","otp"]"#, "beta": "true"])))
    #expect(token.roles == [.owner] && token.organisation == samples.organisation)
    let newer = try read(
      samples.signed(claims: samples.claims(["roles": #"["owner","astronaut"]"#])))
    #expect(newer.roles == [.owner])
  }

  @Test(arguments: [-6, -5, 0, 604, 605] as [Int64])
  func `a token is good in its time, give or take five seconds`(_ seconds: Int64) {
    let fault = fault(samples.text(samples.token()), at: samples.now + .seconds(seconds))
    let expected: TokenFault? =
      switch seconds {
      case ..<(-5): .early
      case 605...: .expired
      default: nil
      }
    #expect(fault == expected)
  }

  @Test(arguments: [
    #"{"alg":"none","kid":"ID","typ":"at+jwt"}"#, #"{"alg":"HS256","kid":"ID","typ":"at+jwt"}"#,
    #"{"alg":"ES256","kid":"ID","typ":"at+jwt"}"#, #"{"alg":"eddsa","kid":"ID","typ":"at+jwt"}"#,
    #"{"alg":"EdDSA","kid":"ID","typ":"JWT"}"#, #"{"alg":"EdDSA","kid":"ID"}"#,
    #"{"alg":"EdDSA","typ":"at+jwt"}"#, #"{"alg":"EdDSA","kid":"../x","typ":"at+jwt"}"#,
    #"{"alg":"EdDSA","kid":"ID","typ":"at+jwt","crit":["exp"]}"#,
    #"{"alg":"EdDSA","kid":"ID","typ":"at+jwt","jku":"https://evil.example"}"#,
    #"{"alg":["EdDSA"],"kid":"ID","typ":"at+jwt"}"#,
  ])
  func `another header is refused, though the right key signed it`(_ header: String) {
    let header = header.replacing("ID", with: "\(samples.keyID)")
    #expect(fault(samples.signed(header: header, claims: samples.claims())) == .headerForeign)
  }

  @Test(arguments: [
    #"{"alg":"EdDSA","alg":"EdDSA","kid":"ID","typ":"at+jwt"}"#,
    #"{"alg":"EdDSA", "kid":"ID","typ":"at+jwt"}"#, #"{"alg":"EdDSA","kid":"ID","typ":"at+jwt"} "#,
    #"{"alg":"\u0045dDSA","kid":"ID","typ":"at+jwt"}"#, "", "{}", "[]", "null",
    #"{"alg":{"a":"b"},"kid":"ID","typ":"at+jwt"}"#, #"{"alg":"EdDSA","kid":"ID","typ":"at+jwt","#,
    #"{"alg":null,"kid":"ID","typ":"at+jwt"}"#,
  ])
  func `a header that can be spelled in two ways is refused`(_ header: String) {
    let header = header.replacing("ID", with: "\(samples.keyID)")
    #expect(fault(samples.signed(header: header, claims: samples.claims())) == .malformed)
  }

  @Test(
    arguments: [
      ("iss", #""https://other.example""#, .issuerForeign), ("iss", nil, .issuerForeign),
      ("aud", #""other""#, .issuerForeign), ("aud", #"["sarai","other"]"#, .issuerForeign),
      ("aud", nil, .issuerForeign), ("sub", nil, .claimInvalid("sub")),
      ("sub", #""root""#, .claimInvalid("sub")), ("sub", "7", .claimInvalid("sub")),
      ("sub", #""00000000-0000-0000-0000-000000000000""#, .claimInvalid("sub")),
      ("sid", nil, .claimInvalid("sid")), ("jti", nil, .claimInvalid("jti")),
      ("iat", nil, .claimInvalid("iat")), ("nbf", nil, .claimInvalid("nbf")),
      ("nbf", "1799999999", .claimInvalid("nbf")), ("exp", nil, .claimInvalid("exp")),
      ("exp", "1800000000", .claimInvalid("exp")), ("exp", "1800003601", .claimInvalid("exp")),
      ("exp", "999999999999999999", .claimInvalid("exp")), ("acr", nil, .claimInvalid("acr")),
      ("acr", #""root""#, .claimInvalid("acr")), ("auth_time", nil, .claimInvalid("auth_time")),
      ("client_id", nil, .claimInvalid("client_id")), ("org", nil, .claimInvalid("roles")),
      ("org", #""mine""#, .claimInvalid("org")), ("roles", #""owner""#, .claimInvalid("roles")),
      ("roles", "[]", .claimInvalid("roles")),
      ("step_up_at", #""now""#, .claimInvalid("step_up_at")),
      ("scope", #""identity.key.rotate""#, .claimInvalid("client_id")),
      ("exp", "1800000600.5", .malformed), ("exp", "01800000600", .malformed),
      ("exp", "-1", .malformed), ("exp", "18e8", .malformed), ("roles", #"["owner",]"#, .malformed),
      ("roles", #"[["owner"]]"#, .malformed), ("sub", #""a\"b""#, .malformed),
    ] as [(String, String?, TokenFault)])
  func `a claim that is missing or wrong is refused, though the right key signed it`(
    _ name: String, _ value: String?, _ expected: TokenFault
  ) {
    #expect(fault(samples.signed(claims: samples.claims([name: value]))) == expected)
  }

  @Test func `a doubled claim is refused`() {
    let claims = samples.claims().replacing("{", with: #"{"sub":"\#(samples.apiKey)","#)
    #expect(fault(samples.signed(claims: claims)) == .malformed)
  }

  @Test func `a key's token never passes for a person's`() {
    let scope =
      [
        "scope": #""catalog.stock.read""#, "client_id": "\"\(samples.person)\"",
      ] as KeyValuePairs<String, String?>
    #expect(fault(samples.signed(claims: samples.claims(scope))) == .claimInvalid("sid"))
  }

  @Test func `every change of any byte is found`() {
    let text = samples.text(samples.token(.owner))
    let bytes = Array(text.utf8)
    for place in bytes.indices {
      for change: UInt8 in [0x01, 0x20] {
        var changed = bytes
        changed[place] ^= change
        #expect(fault(String(decoding: changed, as: UTF8.self)) != nil, "byte \(place)")
      }
    }
    for count in 0..<bytes.count { #expect(fault(String(text.prefix(count))) != nil) }
  }

  @Test func `another key's token, and one under another's name, are refused`() {
    let other = SigningKey.generate(samples.random)
    let token = samples.token(.owner)
    #expect(
      fault(token.signed(by: other, named: samples.keyID, in: samples.realm)) == .signatureWrong)
    #expect(
      fault(token.signed(by: samples.key, named: samples.apiKey, in: samples.realm)) == .keyUnknown)
    let elsewhere = AccessToken.Realm(issuer: "https://id.sarai.example", audience: "bank")
    #expect(
      fault(token.signed(by: samples.key, named: samples.keyID, in: elsewhere)) == .issuerForeign)
  }

  @Test func `no bytes crash the reader`() {
    let good = Array(samples.text(samples.token(.owner)).utf8)
    for round in 0..<3_000 {
      var bytes = good
      for _ in 0...Int(samples.random.number(below: 4)) {
        let place = Int(samples.random.number(below: UInt64(bytes.count)))
        switch samples.random.number(below: 3) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: samples.random.next())
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8(ascii: "."), at: place)
        }
      }
      if bytes != good {
        #expect(fault(String(decoding: bytes, as: UTF8.self)) != nil, "round \(round)")
      }
    }
    #expect(fault(String(repeating: "a.", count: 100_000)) == .tooLong)
  }

  @Test func `all roles and a key of all permissions fit`() {
    let full = AccessToken(
      samples.token().subject, organisation: samples.organisation, roles: Set(Role.allCases),
      steppedUpAt: samples.now, id: samples.apiKey, at: samples.now)
    #expect(samples.text(full).utf8.count < 1_200)
    let key = samples.text(samples.keyToken(Set(Permission.all)))
    #expect(key.utf8.count < 4_096 && fault(key) == nil)
  }
}
