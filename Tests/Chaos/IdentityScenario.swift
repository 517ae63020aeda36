import Access
import Cryptography
import IdentityContracts
import Platform
import RPC
import RPCTransport
import TypeContracts
import Wire

/// Identity: people who register, found companies, and trade refresh tokens that work once.
struct IdentityScenario: ChaosScenario {
  enum Request: Sendable {
    case register(Identity.RegisterRequest)
    case found(Identity.CreateOrganisationRequest, token: String, session: Int)
    case refresh(Identity.RefreshRequest, session: Int)
  }

  /// Somebody's session: its newest tokens, and the first refresh token of it.
  private struct Session {
    var tokens: Identity.TokenPair
    let firstToken: String
    /// One after the other trades the token.
    var isTaken = false
  }

  let service = "identity"
  let arguments = ["--demo"]
  let lifeMax: Duration = .milliseconds(1_500)
  private let sessions = Lock<[Session]>([])

  private static let sessionCount = 12
  private static let password = "seven camels at dawn"
  private static let demo = (
    contact: "operator@demo.sarai.example", password: "caravan at the gate",
    factor: "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U",
    organisation: "01920000-0000-7000-8000-000000000065"
  )

  private func accounts(_ client: RPCClient) -> Identity.AccountServiceClient<RPCClient> {
    Identity.AccountServiceClient(client)
  }
  private func signIns(_ client: RPCClient) -> Identity.SessionServiceClient<RPCClient> {
    Identity.SessionServiceClient(client)
  }

  private func options(_ token: String? = nil) -> CallOptions {
    var options = CallOptions(timeout: .seconds(20))
    options.waitsForReady = true
    sign(&options, token)
    return options
  }

  private func sign(_ options: inout CallOptions, _ token: String? = nil) {
    options.metadata.set(CallerNaming.metadataName, "operator")
    if let token { options.metadata.set("authorization", "Bearer \(token)") }
  }

  private func newID(_ random: any RandomSource) -> String {
    "\(UUID(high: 0x0190_0000_0000_7000 | random.next() << 16, low: 1 << 63 | random.next() >> 2))"
  }

  // MARK: Requests

  /// Each session is that of a person of its own, who founds companies.
  func prepare(_ client: RPCClient) async throws {
    let random = SystemRandom()
    for number in 0..<Self.sessionCount {
      let address = "chaos-\(number)@example.pk"
      let begun = try await accounts(client).register(
        Identity.RegisterRequest(
          id: newID(random), displayName: "Noor \(number)", contactAddress: address,
          password: Self.password), options: options())
      let mail = try await accounts(client).listMailbox(
        Identity.ListMailboxRequest(contactAddress: address), options: options())
      let text = mail.entries.first?.text ?? ""
      let code = text.split { !$0.isNumber }.first { $0.count == 6 } ?? ""
      _ = try await accounts(client).verifyContact(
        Identity.VerifyContactRequest(verificationId: begun.verificationId, code: String(code)),
        options: options())
      let outcome = try await signIns(client).signIn(
        Identity.SignInRequest(
          id: newID(random), contactAddress: address, password: Self.password),
        options: options())
      guard let tokens = outcome.tokens else { throw ChaosError("nobody can sign in") }
      sessions.withLock { $0.append(Session(tokens: tokens, firstToken: tokens.refreshToken)) }
    }
  }

  func makeRequest(_ random: any RandomSource) -> Request {
    let session = Int(random.next() % UInt64(Self.sessionCount))
    let id = newID(random)
    switch random.next() % 400 {
    case 0:
      // Costs a password's hash.
      return .register(
        Identity.RegisterRequest(
          id: id, displayName: "Zara", contactAddress: "\(id)@example.pk",
          password: Self.password))
    case 1..<100:
      let token: String? = sessions.withLock { sessions in
        if sessions[session].isTaken { return nil }
        sessions[session].isTaken = true
        return sessions[session].tokens.refreshToken
      }
      if let token {
        return .refresh(Identity.RefreshRequest(id: id, refreshToken: token), session: session)
      }
      fallthrough
    default:
      return .found(
        Identity.CreateOrganisationRequest(
          id: id,
          organisation: Identity.Organisation(
            kind: .company, name: SaraiType.LocalizedText(en: "Sports of \(id)"),
            timeZone: "Asia/Karachi")),
        token: sessions.withLock { $0[session].tokens.accessToken }, session: session)
    }
  }

  func send(
    _ request: Request, _ client: RPCClient, _ options: CallOptions
  ) async throws -> [UInt8] {
    var options = options
    switch request {
    case .register(let message):
      sign(&options)
      return try await accounts(client).register(message, options: options).encoded(as: .native)
    case .found(let message, let token, _):
      sign(&options, token)
      return try await Identity.OrganisationServiceClient(client).createOrganisation(
        message, options: options
      ).encoded(as: .native)
    case .refresh(let message, let session):
      sign(&options)
      let tokens = try await signIns(client).refresh(message, options: options)
      sessions.withLock {
        $0[session].tokens = tokens
        $0[session].isTaken = false
      }
      return try tokens.encoded(as: .native)
    }
  }

  func read(_ client: RPCClient) async throws {
    let token = sessions.withLock { $0[0].tokens.accessToken }
    _ = try await accounts(client).getMe(Identity.GetMeRequest(), options: options(token))
  }

  // MARK: Afterwards

  func check(
    _ answered: [(request: Request, answer: [UInt8])], _ client: RPCClient
  ) async throws -> ChaosFindings {
    var findings = ChaosFindings()
    for (session, tokens) in sessions.withLock({ $0 }).enumerated() {
      var expected: Set<String> = []
      for case (.found(let message, _, session), _) in answered { expected.insert(message.id) }
      let found = try await companies(tokens.tokens.accessToken, client)
      findings.lost += expected.subtracting(found).count
      findings.duplicated += found.count - Set(found).count
      findings.duplicated += Set(found).subtracting(expected).count
    }
    // What was answered once is answered by the same bytes.
    for (request, answer) in answered.shuffled().prefix(100) {
      if case .refresh = request { continue }
      let again = try await send(request, client, CallOptions(timeout: .seconds(10)))
      if again != answer { findings.faults.append("another answer for \(request)") }
    }
    findings.faults += try await Integrity.faults(
      of: service, client, options: options(try await operatorsToken(client)))
    findings.faults += try await replay(client)
    return findings
  }

  private func companies(_ token: String, _ client: RPCClient) async throws -> [String] {
    var found: [String] = []
    var page = SaraiType.PageRequest(size: 500)
    while true {
      let answer = try await Identity.OrganisationServiceClient(client).listMyOrganisations(
        Identity.ListMyOrganisationsRequest(page: page), options: options(token))
      found += answer.organisations.map(\.id)
      page.cursor = answer.page?.nextCursor ?? ""
      if page.cursor.isEmpty { return found }
    }
  }

  /// A token that was traded long ago opens nothing any more, and ends the session of the newest.
  private func replay(_ client: RPCClient) async throws -> [String] {
    var faults: [String] = []
    for (number, session) in sessions.withLock({ $0 }).enumerated()
    where session.firstToken != session.tokens.refreshToken {
      for token in [session.firstToken, session.tokens.refreshToken] {
        do {
          _ = try await signIns(client).refresh(
            Identity.RefreshRequest(id: newID(SystemRandom()), refreshToken: token),
            options: options())
          faults.append("a stolen refresh token of session \(number) opened it")
        } catch {
          if RPCError(reporting: error).code != .unauthenticated {
            faults.append("a stolen refresh token was answered \(error)")
          }
        }
      }
    }
    return faults
  }

  private func operatorsToken(_ client: RPCClient) async throws -> String {
    let random = SystemRandom()
    let id = newID(random)
    let begun = try await signIns(client).signIn(
      Identity.SignInRequest(
        id: id, contactAddress: Self.demo.contact, password: Self.demo.password),
      options: options())
    let step = OneTimeCode.step(at: SystemTime().sinceEpoch())
    let outcome = try await signIns(client).completeSignIn(
      Identity.CompleteSignInRequest(
        id: id, continuationToken: begun.continuationToken, kind: .totp,
        code: OneTimeCode.code(
          secret: Base32.bytes(Self.demo.factor) ?? [], counter: UInt64(step))),
      options: options())
    return try await signIns(client).refresh(
      Identity.RefreshRequest(
        id: newID(random), refreshToken: outcome.tokens?.refreshToken ?? "",
        organisationId: Self.demo.organisation), options: options()
    ).accessToken
  }
}
