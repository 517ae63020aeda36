import Access
import IdentityContracts
import Platform
import RPC
import RPCContracts
import Testing
import TypeContracts
import Wire

@Suite struct AccessInterceptorTests {
  private typealias Accounts = Identity.AccountServiceMethods
  private typealias Sessions = Identity.SessionServiceMethods
  private let samples = TokenSamples()
  private let time: ManualTime
  private let verifier: TokenVerifier
  private let router: Router

  init() throws {
    time = ManualTime(sinceEpoch: samples.now)
    let keys = samples.keys
    verifier = TokenVerifier(realm: samples.realm, time: time) { keys }
    let policy = try AccessPolicy([IdentityDescriptors.fileDescriptorSet])
    var router = Router(interceptors: [
      AccessInterceptor(policy, verifier, naming: .insecure, time: time)
    ])
    router.unary(Accounts.getMe) { _, context in
      let id = context[Caller.self]?.personID
      return Identity.GetMeResponse(person: Identity.Person(id: id?.description ?? ""))
    }
    router.unary(Accounts.getPerson) { _, _ in Identity.Person() }
    router.unary(Accounts.batchGetPeople) { _, context in
      _ = try #require(context[Caller.self])
      return Identity.BatchGetPeopleResponse()
    }
    router.unary(Sessions.getKeySet) { _, _ in Identity.GetKeySetResponse() }
    router.unary(Sessions.signOut) { _, _ in Identity.SignOutResponse() }
    router.unary(Identity.AuthenticatorServiceMethods.beginTotp) { _, _ in
      Identity.BeginTotpResponse()
    }
    router.unary(Identity.CredentialServiceMethods.listApiKeys) { request, context in
      try context.checkOrganisation(request.organisationId)
      return Identity.ListApiKeysResponse()
    }
    router.unary(Identity.CredentialServiceMethods.createApiKey) { request, context in
      try context.checkOrganisation(request.organisationId)
      return Identity.CreateApiKeyResponse()
    }
    router.unary(Identity.OrganisationServiceMethods.getOrganisation) { request, context in
      try context.checkOrganisation(request.id)
      return Identity.Organisation()
    }
    try policy.check(router)
    self.router = router
  }

  /// `ok`, or the code and the reason of the refusal.
  private func outcome<Request: Message, Response: Message>(
    _ method: Method<Request, Response>, _ request: Request = Request(),
    by caller: String? = "gateway", token authorization: String? = nil
  ) async -> String {
    var metadata = Metadata()
    if let caller { metadata.add(CallerNaming.metadataName, caller) }
    if let authorization { metadata.add("authorization", authorization) }
    do throws(RPCError) {
      _ = try await InProcessTransport(to: router, time: time)
        .unary(method, request, options: CallOptions(metadata: metadata))
      return "ok"
    } catch {
      let reason = error.details.first.flatMap {
        try? SaraiRPC.ErrorInfo(decoding: $0.value, as: .protobuf).reason
      }
      return reason.map { "\(error.code) \($0)" } ?? "\(error.code)"
    }
  }

  private func bearer(_ token: AccessToken) -> String { "Bearer " + samples.text(token) }

  @Test(arguments: [
    ("gateway", "ok"), ("operator", "ok"), ("payments", "ok"),
    ("identity", "permissionDenied CALLER_NOT_ALLOWED"),
    ("mallory", "permissionDenied CALLER_NOT_ALLOWED"),
    ("", "permissionDenied CALLER_NOT_ALLOWED"), (nil, "permissionDenied CALLER_NOT_ALLOWED"),
  ])
  func `only the callers of the list get in`(_ name: String?, _ expected: String) async {
    #expect(await outcome(Sessions.getKeySet, by: name) == expected)
  }

  @Test(arguments: [
    ("payments", "ok"), ("gateway", "ok"), ("operator", "permissionDenied CALLER_NOT_ALLOWED"),
  ])
  func `a method for services looks at the list alone`(_ name: String, _ expected: String) async {
    #expect(await outcome(Accounts.batchGetPeople, by: name) == expected)
    #expect(await outcome(Accounts.batchGetPeople, by: name, token: "Bearer junk") == expected)
  }

  @Test func `a person's method wants a person`() async {
    #expect(await outcome(Accounts.getMe) == "unauthenticated TOKEN_INVALID")
    #expect(await outcome(Accounts.getMe, by: "operator") == "unauthenticated TOKEN_INVALID")
    #expect(await outcome(Accounts.getMe, token: bearer(samples.token())) == "ok")
    #expect(
      await outcome(Accounts.getMe, token: bearer(samples.keyToken(["catalog.stock.read"])))
        == "permissionDenied PERMISSION_MISSING")
  }

  @Test(arguments: [
    "Basic abc", "Bearer", "Bearer junk", "bearer a.b.c", "Token x",
  ])
  func `what is no good token is refused, even where none is needed`(_ value: String) async {
    #expect(await outcome(Accounts.getMe, token: value) == "unauthenticated TOKEN_INVALID")
    #expect(await outcome(Sessions.getKeySet, token: value) == "unauthenticated TOKEN_INVALID")
  }

  @Test func `the scheme is read in any case, and an old token told apart`() async {
    let text = samples.text(samples.token())
    #expect(await outcome(Accounts.getMe, token: "bearer " + text) == "ok")
    time.advance(by: .seconds(605))
    #expect(
      await outcome(Accounts.getMe, token: "Bearer " + text) == "unauthenticated TOKEN_EXPIRED")
  }

  @Test func `two tokens are none`() async throws {
    let text = bearer(samples.token())
    var metadata: Metadata = [CallerNaming.metadataName: "gateway", "authorization": text]
    metadata.add("authorization", text)
    let context = CallContext(Accounts.getMe.descriptor, metadata: metadata, time: time)
    let error = await #expect(throws: RPCError.self) {
      try await router.interceptors[0].callReceived(context)
    }
    #expect(error?.code == .unauthenticated)
  }

  @Test func `a right is demanded`() async {
    #expect(
      await outcome(Accounts.getPerson, token: bearer(samples.token(.owner)))
        == "permissionDenied PERMISSION_MISSING")
    #expect(
      await outcome(Accounts.getPerson, token: bearer(samples.token(.platformOperator))) == "ok")
  }

  @Test func `the organisation that a request names must be the caller's`() async {
    let method = Identity.CredentialServiceMethods.listApiKeys
    let owner = bearer(samples.token(.owner))
    let ours = Identity.ListApiKeysRequest(organisationId: "\(samples.organisation)")
    let theirs = Identity.ListApiKeysRequest(organisationId: "\(samples.apiKey)")
    #expect(await outcome(method, ours, token: owner) == "ok")
    #expect(await outcome(method, theirs, token: owner) == "notFound")
    #expect(await outcome(method, token: owner) == "invalidArgument FIELD_INVALID")
    let viewer = bearer(samples.token(.viewer))
    #expect(await outcome(method, ours, token: viewer) == "permissionDenied PERMISSION_MISSING")
    let read = Identity.OrganisationServiceMethods.getOrganisation
    let named = Identity.GetOrganisationRequest(id: "\(samples.apiKey)")
    #expect(await outcome(read, named, token: bearer(samples.token(.officer))) == "ok")
    #expect(await outcome(read, named, token: viewer) == "notFound")
  }

  @Test func `a step-up lasts five minutes`() async {
    let method = Identity.CredentialServiceMethods.createApiKey
    let request = Identity.CreateApiKeyRequest(organisationId: "\(samples.organisation)")
    let plain = bearer(samples.token(.owner))
    let stepped = bearer(samples.token(.owner, steppedUpAt: samples.now))
    #expect(await outcome(method, request, token: plain) == "unauthenticated STEP_UP_REQUIRED")
    #expect(await outcome(method, request, token: stepped) == "ok")
    time.advance(by: .seconds(300))
    #expect(await outcome(method, request, token: stepped) == "ok")
    time.advance(by: .seconds(1))
    #expect(await outcome(method, request, token: stepped) == "unauthenticated STEP_UP_REQUIRED")
    let program = bearer(samples.keyToken(["identity.api_key.write"]))
    #expect(await outcome(method, request, token: program) == "permissionDenied PERMISSION_MISSING")
  }

  @Test func `a session that waits for its second factor is good for nothing else`() async {
    let waiting = bearer(
      samples.token(.platformOperator, assurance: .enrolment, steppedUpAt: samples.now))
    #expect(
      await outcome(Accounts.getPerson, token: waiting) == "failedPrecondition FACTOR_NEEDED")
    #expect(await outcome(Accounts.getMe, token: waiting) == "ok")
    #expect(await outcome(Sessions.signOut, token: waiting) == "ok")
    #expect(await outcome(Identity.AuthenticatorServiceMethods.beginTotp, token: waiting) == "ok")
  }

  // MARK: Who the peer is

  @Test func `names in metadata count only where that was asked for, and never from afar`() async {
    func names(_ naming: CallerNaming, _ peer: Peer) async -> RPCCode? {
      let interceptor: AccessInterceptor
      do {
        interceptor = AccessInterceptor(
          try AccessPolicy([IdentityDescriptors.fileDescriptorSet]), verifier, naming: naming,
          time: time)
      } catch {
        return nil
      }
      let context = CallContext(
        Sessions.getKeySet.descriptor, metadata: [CallerNaming.metadataName: "gateway"],
        peer: peer, time: time)
      do throws(RPCError) {
        try await interceptor.callReceived(context)
        return .ok
      } catch {
        return error.code
      }
    }
    #expect(await names(.insecure, Peer(address: "127.0.0.1:40000")) == .ok)
    #expect(await names(.insecure, Peer(address: "[::1]:40000")) == .ok)
    #expect(await names(.insecure, Peer(address: "192.0.2.1:40000")) == .permissionDenied)
    #expect(await names(.certificates, Peer(address: "127.0.0.1:40000")) == .permissionDenied)
    let certified = Peer(address: "192.0.2.1:40000", certificateNames: ["host", "payments"])
    #expect(await names(.certificates, certified) == .ok)
    // A certificate speaks for its bearer, whatever the metadata say.
    let other = Peer(address: "127.0.0.1:40000", certificateNames: ["mallory"])
    #expect(await names(.insecure, other) == .permissionDenied)
  }
}
