internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// Signs access tokens with the key whose time it is.
final class TokenIssuer: Sendable {
  private let realm: AccessToken.Realm
  private let vault: Vault
  private let random: any RandomSource
  /// Keys that were opened already, by their names.
  private let opened = Lock<[UUID: SigningKey]>([:])

  init(realm: AccessToken.Realm, vault: Vault, random: any RandomSource) {
    self.realm = realm
    self.vault = vault
    self.random = random
  }

  /// Makes the first key, if there is none: it signs at once.
  func prepare(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    guard try SigningKeyStore.all(session).isEmpty else { return }
    try SigningKeyStore.insert(
      newKey(UUID.version7(sinceEpoch: now, random), signsFrom: now, at: now), session)
  }

  /// A new key, whose private half is sealed.
  func newKey(_ id: UUID, signsFrom: Duration, at now: Duration) -> SigningKeyRecord {
    let key = SigningKey.generate(random)
    return SigningKeyRecord(
      life: SigningKeyLife(
        id: id, createdAt: now, signsFrom: signsFrom, withdrawnByHandAt: nil),
      publicKey: key.publicKey.bytes,
      sealedKey: vault.seal(key.bytes, at: SigningKeyStore.place(id)))
  }

  /// A token's text.
  func sign(_ token: AccessToken, _ session: any SQLSession) throws -> String {
    let keys = try SigningKeyStore.all(session)
    guard
      let life = SigningKeyLife.signing(keys.map(\.life), at: token.issuedAt + .seconds(1)),
      let record = keys.first(where: { $0.life.id == life.id })
    else { throw StorageError(.unfit, "there is no signing key") }
    return token.signed(by: try open(record), named: life.id, in: realm)
  }

  private func open(_ record: SigningKeyRecord) throws -> SigningKey {
    if let key = opened.withLock({ $0[record.life.id] }) { return key }
    var bytes = try vault.open(record.sealedKey, at: SigningKeyStore.place(record.life.id))
    defer { bytes.wipe() }
    let key = try SigningKey(bytes: bytes)
    opened.withLock { $0[record.life.id] = key }
    return key
  }

  /// What a client presents for a session from now on.
  ///
  /// - Parameters:
  ///   - roles: the person's in the session's organisation.
  ///   - refreshToken: empty when the one that the client has stays good.
  func pair(
    for one: SessionRecord, roles: Set<Role>, refreshToken: String, at now: Duration,
    _ session: any SQLSession
  ) throws -> Identity.TokenPair {
    let token = AccessToken(
      .person(
        one.personID, session: one.id, assurance: one.assurance, signedInAt: one.createdAt),
      organisation: one.organisationID, roles: roles, steppedUpAt: one.steppedUpAt,
      id: UUID.version7(sinceEpoch: now, random), at: now)
    let caller = token.caller(via: nil)
    return Identity.TokenPair(
      accessToken: try sign(token, session), refreshToken: refreshToken, tokenType: "Bearer",
      expiresIn: GoogleProtobuf.Duration(AccessToken.lifetime),
      scopes: Permission.all.filter { caller.holds($0) }.map(\.description),
      organisationId: one.organisationID?.description ?? "")
  }
}
