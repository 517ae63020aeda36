internal import Cryptography
internal import Platform

extension AccessToken {
  /// A token's text, taken apart, before anything in it is believed.
  struct Parts {
    let keyID: UUID
    let signed: [UInt8]
    let signature: [UInt8]
    let claims: FlatJSON

    init(_ text: String) throws(TokenFault) {
      let bytes = Array(text.utf8)
      guard bytes.count <= AccessToken.byteCountMax else { throw .tooLong }
      let parts = bytes.split(
        separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
      guard parts.count == 3, let header = Base64URL.bytes(parts[0]).flatMap(FlatJSON.init),
        let claims = Base64URL.bytes(parts[1]).flatMap(FlatJSON.init),
        let signature = Base64URL.bytes(parts[2])
      else { throw .malformed }
      // Nothing else may stand in the header: `crit`, `jwk`, `jku` or `x5c` would want to be obeyed.
      guard header.members.count == 3, header[text: "alg"] == "EdDSA",
        header[text: "typ"] == AccessToken.type, let keyID = header[text: "kid"].flatMap(UUID.init)
      else { throw .headerForeign }
      self.keyID = keyID
      self.claims = claims
      self.signature = signature
      signed = Array(bytes[..<parts[1].endIndex])
    }
  }

  /// The claims of a token whose signature has been verified. Members that are not known are passed
  /// over, as a newer issuer may write them; roles and permissions that are not known grant nothing.
  init(_ claims: FlatJSON, in realm: Realm) throws(TokenFault) {
    guard claims[text: "iss"] == realm.issuer, claims[text: "aud"] == realm.audience else {
      throw .issuerForeign
    }
    func id(_ name: String) throws(TokenFault) -> UUID {
      guard let id = claims[text: name].flatMap(UUID.init), id != .null else {
        throw .claimInvalid(name)
      }
      return id
    }
    func instant(_ name: String) throws(TokenFault) -> Duration {
      // Up to the year 9999, so that sums stay in bounds.
      guard let seconds = claims[number: name], seconds <= 253_402_300_799 else {
        throw .claimInvalid(name)
      }
      return .seconds(seconds)
    }
    self.id = try id("jti")
    issuedAt = try instant("iat")
    expiresAt = try instant("exp")
    guard try instant("nbf") == issuedAt else { throw .claimInvalid("nbf") }
    guard issuedAt < expiresAt, expiresAt - issuedAt <= Self.lifetimeMax else {
      throw .claimInvalid("exp")
    }
    organisation = claims.members["org"] == nil ? nil : try id("org")
    steppedUpAt = claims.members["step_up_at"] == nil ? nil : try instant("step_up_at")

    let subject = try id("sub")
    if let scope = claims[text: "scope"] {
      guard claims[text: "client_id"] == "\(subject)" else { throw .claimInvalid("client_id") }
      guard organisation != nil else { throw .claimInvalid("org") }
      for name in ["sid", "roles", "step_up_at"] where claims.members[name] != nil {
        throw .claimInvalid(name)
      }
      let names = scope.split(separator: " ").map(String.init)
      self.subject = .apiKey(subject, permissions: Set(names.compactMap(Permission.init(name:))))
      roles = []
    } else {
      guard claims[text: "client_id"] == realm.audience else { throw .claimInvalid("client_id") }
      guard let assurance = claims[text: "acr"].flatMap(Assurance.init) else {
        throw .claimInvalid("acr")
      }
      self.subject = .person(
        subject, session: try id("sid"), assurance: assurance,
        signedInAt: try instant("auth_time"))
      let names = claims[texts: "roles"] ?? []
      guard claims.members["roles"] == nil || !names.isEmpty && organisation != nil else {
        throw .claimInvalid("roles")
      }
      roles = Set(names.compactMap { Role(name: $0) })
    }
  }

  /// How far clocks of two machines may be apart.
  public static let leeway: Duration = .seconds(5)

  /// Refuses a token outside of its time.
  func check(at now: Duration) throws(TokenFault) {
    if now + Self.leeway < issuedAt { throw .early }
    if now >= expiresAt + Self.leeway { throw .expired }
  }

  /// Reads and verifies a token with a set of keys.
  public init(
    _ text: String, keys: KeySet, in realm: Realm, at now: Duration
  ) throws(TokenFault) {
    try self.init(Parts(text), keys: keys, in: realm, at: now)
  }

  init(
    _ parts: Parts, keys: KeySet, in realm: Realm, at now: Duration
  ) throws(TokenFault) {
    guard let key = keys[parts.keyID] else { throw .keyUnknown }
    guard key.verifies(parts.signature, of: parts.signed) else { throw .signatureWrong }
    try self.init(parts.claims, in: realm)
    try check(at: now)
  }
}
