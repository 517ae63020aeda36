import Access
import Cryptography
import Foundation
import IdentityContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import Storage
import StorageTesting
import TypeContracts

@testable import IdentityService

/// The whole service behind its real access rules, in this process, on a clock that tests move.
struct TestIdentity: Sendable {
  let environment: IdentityEnvironment
  let time: ManualTime
  /// The key file's text, and the box under it.
  let keyFile: String
  let box: SecretBox
  private let router: Router

  static let realm = AccessToken.Realm(issuer: "https://identity.test")
  /// A password that the rules take.
  static let password = "correct horse battery staple"

  /// Runs `body` with a service on a fresh database.
  static func run(
    on engine: Engine = .sqlite, isDemo: Bool = false,
    cost: Scrypt.Cost? = nil, _ body: (TestIdentity) async throws -> Void
  ) async throws {
    try await engine.withDatabase(IdentityMigrations.all) { database in
      let passwords = try PasswordHasher(
        cost: cost ?? Scrypt.Cost(logN: 4, r: 8, p: 1), waitingMax: 256, random: SystemRandom())
      defer { passwords.stop() }
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "sarai-blobs-\(Foundation.UUID().uuidString)").path
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try await body(
        try await TestIdentity(database, passwords, blobFolder: folder, isDemo: isDemo))
    }
  }

  init(
    _ database: Database, _ passwords: PasswordHasher, blobFolder: String, isDemo: Bool = false
  ) async throws {
    time = ManualTime(
      MonotonicTime(nanoseconds: 1_000_000_000), sinceEpoch: .seconds(1_790_000_000))
    let random = SystemRandom()
    keyFile = try KeyFile.addingKey(to: nil, at: time.sinceEpoch(), random)
    box = SecretBox(try KeyFile(keyFile))
    environment = try await IdentityEnvironment(
      database: database, time: time, random: random, secrets: box,
      passwords: passwords,
      blobs: try BlobStore(folder: blobFolder, time: time, random: random), realm: Self.realm,
      isDemo: isDemo)
    let policy = try AccessPolicy([IdentityDescriptors.fileDescriptorSet])
    var router = Router(interceptors: [
      AccessInterceptor(policy, environment.verifier, naming: .insecure, time: time)
    ])
    for service in IdentityServices.all(environment) { service.register(in: &router) }
    try policy.check(router)
    self.router = router
  }

  // MARK: Calling

  var transport: InProcessTransport { InProcessTransport(to: router, time: time) }
  var accounts: Identity.AccountServiceClient<InProcessTransport> { .init(transport) }
  var factors: Identity.AuthenticatorServiceClient<InProcessTransport> { .init(transport) }
  var sessions: Identity.SessionServiceClient<InProcessTransport> { .init(transport) }
  var audit: Identity.AuditServiceClient<InProcessTransport> { .init(transport) }
  var organisations: Identity.OrganisationServiceClient<InProcessTransport> { .init(transport) }
  var relations: Identity.RelationServiceClient<InProcessTransport> { .init(transport) }
  var credentials: Identity.CredentialServiceClient<InProcessTransport> { .init(transport) }
  var cases: Identity.VerificationServiceClient<InProcessTransport> { .init(transport) }
  var feed: Identity.EventServiceClient<InProcessTransport> { .init(transport) }

  /// A call by the gateway, for nobody, for who presents a token, or with a key.
  func by(
    _ token: String? = nil, via caller: String = "gateway", key: String? = nil
  ) -> CallOptions {
    var options = CallOptions()
    options.metadata.add("x-sarai-caller", caller)
    if let token { options.metadata.add("authorization", "Bearer \(token)") }
    if let key { options.metadata.add("idempotency-key", key) }
    return options
  }

  func newID() -> String { environment.newID().description }

  // MARK: People

  /// Somebody who has registered.
  struct Someone: Sendable {
    var id: String
    var address: String
    var tokens: Identity.TokenPair
    var sessionID: String

    var token: String { tokens.accessToken }
  }

  /// The newest code that was sent to an address.
  func code(for address: String) async throws -> String {
    let entries = try await mail(to: address)
    let text = entries.first?.text ?? ""
    return String(text.split { !$0.isNumber }.first { $0.count == 6 } ?? "")
  }

  func mail(to address: String) async throws -> [Identity.MailboxEntry] {
    try await environment.database.read { session in
      try Mailbox.list(to: address, before: nil, countMax: 100, session)
    }
  }

  func register(
    _ address: String, password: String = TestIdentity.password, name: String = "Ayesha Khan"
  ) async throws -> Identity.RegisterResponse {
    try await accounts.register(
      Identity.RegisterRequest(
        id: newID(), displayName: name, contactAddress: address, password: password),
      options: by())
  }

  func signIn(
    _ contact: String, password: String = TestIdentity.password, id: String? = nil,
    label: String = "", from address: String? = nil
  ) async throws -> Identity.SignInOutcome {
    var options = by()
    if let address { options.metadata.add("x-forwarded-for", address) }
    return try await sessions.signIn(
      Identity.SignInRequest(
        id: id ?? newID(), contactAddress: contact, password: password, deviceLabel: label),
      options: options)
  }

  /// Registers somebody, proves their contact and signs them in.
  func someone(_ address: String = "ayesha@example.pk") async throws -> Someone {
    let verification = try await register(address)
    _ = try await accounts.verifyContact(
      Identity.VerifyContactRequest(
        verificationId: verification.verificationId, code: try await code(for: address)),
      options: by())
    return try await signedIn(address)
  }

  /// Signs in somebody who has no second factor.
  func signedIn(_ address: String, label: String = "") async throws -> Someone {
    let outcome = try await signIn(address, label: label)
    guard let tokens = outcome.tokens else { throw IdentityError.refused(.factorNeeded) }
    let me = try await accounts.getMe(
      Identity.GetMeRequest(), options: by(tokens.accessToken))
    return Someone(
      id: me.person?.id ?? "", address: address, tokens: tokens, sessionID: outcome.id)
  }

  /// Gives somebody a second factor.
  ///
  /// - Returns: its secret, and the recovery codes.
  func addFactor(_ one: Someone) async throws -> (secret: [UInt8], codes: [String]) {
    let id = newID()
    let begun = try await factors.beginTotp(
      Identity.BeginTotpRequest(id: id, label: "phone"), options: by(one.token))
    let secret = Base32.bytes(begun.secret) ?? []
    let confirmed = try await factors.confirmTotp(
      Identity.ConfirmTotpRequest(id: id, code: totp(secret)), options: by(one.token))
    return (secret, confirmed.recoveryCodes)
  }

  /// The code of the present step.
  func totp(_ secret: [UInt8]) -> String {
    OneTimeCode.code(
      secret: secret, counter: UInt64(OneTimeCode.step(at: time.sinceEpoch())))
  }

  /// A token for whoever holds a role in some organisation.
  func token(_ role: Role) async throws -> String {
    let now = time.sinceEpoch()
    let token = AccessToken(
      .person(
        environment.newID(), session: environment.newID(), assurance: .twoFactors,
        signedInAt: now),
      organisation: environment.newID(), roles: [role], steppedUpAt: now,
      id: environment.newID(), at: now)
    return try await environment.database.read { session in
      try environment.tokens.sign(token, session)
    }
  }

  /// How a call is refused: its reason, or its code where it has none.
  func refusal<Answer>(_ call: () async throws -> Answer) async -> String? {
    do {
      _ = try await call()
      return nil
    } catch let error as RPCError {
      return error.info?.reason ?? "\(error.code)"
    } catch {
      return "\(error)"
    }
  }
}
