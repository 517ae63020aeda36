internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import WellKnownTypes

/// Signing in. Tokens, devices and keys stand in the extensions.
struct SessionHandler: Identity.SessionService {
  let environment: IdentityEnvironment

  /// How long the record of a sign-in outlives it: longer than any session's row.
  static let recordsKept: Duration = .seconds(200 * 86_400)

  // MARK: The password

  func signIn(
    _ request: Identity.SignInRequest, _ context: CallContext
  ) async throws -> Identity.SignInOutcome {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let address = faults.contact(request.contactAddress, "contact_address")
    faults.password(request.password, "password")
    faults.text(request.deviceLabel, "device_label", lengthMax: 60)
    try faults.check()
    guard let address else { throw IdentityError.notFound("Contact") }
    let origin = environment.origin(context)
    let name = environment.name(id, context, keptFor: Self.recordsKept)
    let guarding = SignInGuard(environment, origin)
    let (before, account) = try await environment.database.read { session in
      let before = try environment.records.answer(
        to: request, name, as: Identity.SignInOutcome.self, session)
      let account = try Account(address, session)
      if before == nil { try guarding.check(account.subject(environment.vault), session) }
      return (before, account)
    }
    if let before { return before.answer }

    // For an account that does not exist a hash is computed all the same.
    let verdict = try await environment.passwords.check(
      request.password, against: account.person?.password)
    let newHash =
      verdict == .right(needsRehash: true)
      ? try await environment.passwords.hash(request.password) : nil

    let device = Device(request.deviceLabel, context, origin)
    let result: Result<Identity.SignInOutcome, IdentityError> =
      try await environment.database.write { session in
        let account = try Account(address, session)
        let subject = account.subject(environment.vault)
        // Others may have failed while this one was hashing.
        do throws(IdentityError) {
          try guarding.check(subject, session)
        } catch {
          return .failure(error)
        }
        guard verdict != .wrong, let person = account.person else {
          try guarding.fail(subject, account.person, session)
          return .failure(.refused(.credentialsWrong))
        }
        if account.contact?.verifiedAt == nil { return .failure(.refused(.contactUnverified)) }
        // That an account is barred is not told here: its owner has been told.
        guard person.maySignIn else { return .failure(.refused(.credentialsWrong)) }
        return .success(
          try environment.records.once(request, name, at: origin.occurredAt, session) {
            if let newHash {
              var rehashed = person
              rehashed.password = newHash
              try PersonStore.update(rehashed, session)
            }
            return try passwordGiven(id, by: person, device, origin, session)
          })
      }
    return try result.get()
  }

  private func passwordGiven(
    _ id: UUID, by person: PersonRecord, _ device: Device, _ origin: Origin,
    _ session: any SQLSession
  ) throws -> Identity.SignInOutcome {
    guard try FactorStore.hasFactor(person.id, session) else {
      let roles = try MembershipStore.allRoles(of: person.id, session)
      let isEnrolment = FactorDemand.isMade(by: roles)
      let tokens = try open(
        id, of: person, device, isEnrolment ? .enrolment : .password, origin, session)
      return Identity.SignInOutcome(
        id: id.description, state: isEnrolment ? .enrolmentNeeded : .complete, tokens: tokens)
    }
    let token = Base64URL.text(environment.random.bytes(32))
    try SignInStore.insert(
      SignInRecord(
        id: id, personID: person.id, tokenDigest: SHA256.digest(token),
        deviceLabel: device.label, expiresAt: origin.occurredAt + SessionLife.signIn,
        triesLeft: SessionLife.signInTriesMax), session)
    var kinds: [Identity.AuthenticatorKind] = [.totp]
    if try FactorStore.recoveryCodeCount(of: person.id, session) > 0 { kinds.append(.recoveryCode) }
    return Identity.SignInOutcome(
      id: id.description, state: .factorNeeded, continuationToken: token, kinds: kinds)
  }

  // MARK: The second factor

  func completeSignIn(
    _ request: Identity.CompleteSignInRequest, _ context: CallContext
  ) async throws -> Identity.SignInOutcome {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.secret(request.continuationToken, "continuation_token")
    faults.secret(request.code, "code", bytesMax: 32)
    if request.kind != .totp, request.kind != .recoveryCode {
      faults.add("kind", "NOT_A_FACTOR", "give TOTP or RECOVERY_CODE")
    }
    try faults.check()
    if let answer = try await environment.keyedAnswer(
      to: request, context, as: Identity.SignInOutcome.self)
    {
      return answer
    }
    let origin = environment.origin(context)
    let name = try environment.keyName(context)
    let result: Result<Identity.SignInOutcome, IdentityError> =
      try await environment.database.write { session in
        let result = try factorGiven(request, id, context, origin, session)
        if let name, case .success(let answer) = result {
          return .success(
            try environment.records.once(request, name, at: origin.occurredAt, session) {
              answer
            })
        }
        return result
      }
    return try result.get()
  }

  private func factorGiven(
    _ request: Identity.CompleteSignInRequest, _ id: UUID, _ context: CallContext,
    _ origin: Origin, _ session: any SQLSession
  ) throws -> Result<Identity.SignInOutcome, IdentityError> {
    let now = origin.occurredAt
    guard let signIn = try SignInStore.find(id, session),
      signIn.tokenDigest.equalsInConstantTime(SHA256.digest(request.continuationToken)),
      signIn.endedAt == nil, now < signIn.expiresAt, signIn.triesLeft > 0,
      let person = try PersonStore.find(signIn.personID, session), person.maySignIn
    else { return .failure(.refused(.challengeExpired)) }
    let guarding = SignInGuard(environment, origin)
    let subject = LockoutStore.account(person.id, environment.vault)
    do throws(IdentityError) {
      try guarding.check(subject, session)
    } catch {
      return .failure(error)
    }
    guard
      try FactorStore.take(
        request.code, request.kind, of: person.id, at: now, environment.vault, session)
    else {
      try SignInStore.spendTry(id, session)
      try guarding.fail(subject, person, session)
      return .failure(.refused(.factorWrong))
    }
    try SignInStore.end(id, at: now, session)
    let tokens = try open(
      id, of: person, Device(signIn.deviceLabel, context, origin), .twoFactors, origin, session)
    return .success(
      Identity.SignInOutcome(id: id.description, state: .complete, tokens: tokens))
  }

  // MARK: Opening a session

  /// Opens a session, once all that is demanded has been given.
  private func open(
    _ id: UUID, of person: PersonRecord, _ device: Device, _ assurance: AccessToken.Assurance,
    _ origin: Origin, _ session: any SQLSession
  ) throws -> Identity.TokenPair {
    let now = origin.occurredAt
    let span = SessionLife.span(deviceLabel: device.label)
    let one = SessionRecord(
      id: id, personID: person.id, deviceLabel: device.label, userAgent: device.userAgent,
      address: device.address, createdAt: now, lastSeenAt: now, idleEndsAt: now + span.idle,
      absoluteEndsAt: now + span.absolute,
      // Where there is no second factor the password counts; where there is, it is to be given again.
      steppedUpAt: assurance == .twoFactors ? nil : now, assurance: assurance)
    try SessionStore.insert(one, session)
    let token = RefreshTokenStore.make(environment.random)
    try RefreshTokenStore.insert(token, of: id, at: now, session)
    try LockoutStore.clear(LockoutStore.account(person.id, environment.vault), session)
    try PersonStore.noteSignIn(person.id, at: now, session)
    let pair = try environment.tokens.pair(
      for: one, roles: [], refreshToken: token, at: now, session)
    try AuditLog.add(
      "session.open", to: "session", id, by: origin.made(by: person.id), session: session)
    return pair
  }

  // MARK: Passkeys

  func beginPasskeySignIn(
    _ request: Identity.BeginPasskeySignInRequest, _ context: CallContext
  ) async throws -> Identity.BeginPasskeySignInResponse { throw IdentityError.featureAbsent }

  func finishPasskeySignIn(
    _ request: Identity.FinishPasskeySignInRequest, _ context: CallContext
  ) async throws -> Identity.SignInOutcome { throw IdentityError.featureAbsent }
}

/// Whose account an address stands for, as far as anybody's.
struct Account: Sendable {
  let contact: ContactRecord?
  let person: PersonRecord?
  private let address: ContactAddress

  init(_ address: ContactAddress, _ session: any SQLSession) throws {
    self.address = address
    contact = try ContactStore.likelyOwner(of: address.text, session)
    person = try contact.flatMap { try PersonStore.find($0.personID, session) }
  }

  /// What failures are counted for.
  func subject(_ vault: Vault) -> [UInt8] {
    person.map { LockoutStore.account($0.id, vault) }
      ?? LockoutStore.unknown(address.text, vault)
  }
}

/// The device that signs in.
struct Device: Sendable {
  let label: String
  let userAgent: String
  let address: String

  private static let userAgentMax = 300

  init(_ label: String, _ context: CallContext, _ origin: Origin) {
    self.label = label
    userAgent = String((context.metadata["user-agent"] ?? "").prefix(Self.userAgentMax))
    address = origin.address
  }
}
