internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage

/// Refreshing and stepping up.
extension SessionHandler {
  // MARK: Refresh

  /// What a Refresh comes to, besides success.
  private enum RefreshRefusal: Error {
    case plain(IdentityError)
    /// The session was ended by it.
    case theft(UUID)
  }

  func refresh(
    _ request: Identity.RefreshRequest, _ context: CallContext
  ) async throws -> Identity.TokenPair {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let organisation = faults.optionalID(request.organisationId, "organisation_id")
    faults.secret(request.refreshToken, "refresh_token")
    try faults.check()
    let origin = environment.origin(context)
    let name = environment.name(id, context, keptFor: Self.recordsKept)
    let result: Result<Identity.TokenPair, RefreshRefusal> =
      try await environment.database.write { session in
        try refresh(request, id, organisation, name, origin, session)
      }
    switch result {
    case .success(let pair): return pair
    case .failure(.plain(let error)): throw error
    case .failure(.theft(let sessionID)):
      environment.refuse([sessionID])
      throw IdentityError.refused(.refreshReused)
    }
  }

  private func refresh(
    _ request: Identity.RefreshRequest, _ id: UUID, _ organisation: UUID?,
    _ name: SealedRecords.Name, _ origin: Origin, _ session: any SQLSession
  ) throws -> Result<Identity.TokenPair, RefreshRefusal> {
    let now = origin.occurredAt
    guard let token = try RefreshTokenStore.find(request.refreshToken, session),
      var one = try SessionStore.find(token.sessionID, session), !one.isOver(at: now),
      let person = try PersonStore.find(one.personID, session), person.maySignIn
    else { return .failure(.plain(.refused(.sessionEnded))) }
    // A lost answer is given again, for a while.
    if let before = try environment.records.answer(
      to: request, name, as: Identity.TokenPair.self, session)
    {
      return now - before.at <= SessionLife.refreshRepeat
        ? .success(before.answer) : .failure(.plain(.refused(.refreshReused)))
    }
    guard token.spentAt == nil else {
      try theft(of: one, person, origin, session)
      return .failure(.theft(one.id))
    }
    var roles: Set<Role> = []
    if let organisation {
      roles = try MembershipStore.roles(of: person.id, in: organisation, session)
      if roles.isEmpty { return .failure(.plain(.notFound("Organisation"))) }
      if FactorDemand.isMade(by: roles), one.assurance != .twoFactors {
        return .failure(.plain(.refused(.factorNeeded)))
      }
    }
    one.organisationID = organisation
    one.lastSeenAt = now
    one.address = origin.address
    one.idleEndsAt = SessionLife.idleEnd(
      deviceLabel: one.deviceLabel, at: now, absoluteEnd: one.absoluteEndsAt)
    return .success(
      try environment.records.once(request, name, at: now, session) {
        guard try RefreshTokenStore.spend(request.refreshToken, by: id, at: now, session) else {
          throw StorageError(.conflict, "two refreshes with one token at once")
        }
        let new = RefreshTokenStore.make(environment.random)
        try RefreshTokenStore.insert(new, of: one.id, at: now, session)
        try SessionStore.update(one, session)
        return try environment.tokens.pair(
          for: one, roles: roles, refreshToken: new, at: now, session)
      })
  }

  /// A token that was spent comes again: somebody has a copy, and nobody knows who is the thief.
  private func theft(
    of one: SessionRecord, _ person: PersonRecord, _ origin: Origin, _ session: any SQLSession
  ) throws {
    _ = try SessionStore.end(
      one.id, at: origin.occurredAt, newID: environment.newID, session)
    try environment.send(.theftDetected, to: person, at: origin.occurredAt, session)
    try environment.feed.add(
      .refreshTheftDetected, of: person.id, by: origin, session: session
    ) { $0.person = person.name }
    try AuditLog.add(
      "session.theft", to: "session", one.id, by: origin, session: session)
  }

  // MARK: Step-up

  /// The access token of the answer is stepped up; the refresh token that the client has stays good,
  /// and stands empty here.
  func stepUp(
    _ request: Identity.StepUpRequest, _ context: CallContext
  ) async throws -> Identity.TokenPair {
    let person = try context.person()
    guard let present = context.caller.sessionID else {
      throw IdentityError.refused(.sessionEnded)
    }
    if request.kind == .passkey { throw IdentityError.featureAbsent }
    var faults = FieldFaults()
    faults.secret(request.code, "code", bytesMax: PasswordRule.byteCountMax)
    if ![.password, .totp, .recoveryCode].contains(request.kind) {
      faults.add("kind", "NOT_A_FACTOR", "give PASSWORD, TOTP or RECOVERY_CODE")
    }
    try faults.check()
    if let answer = try await environment.keyedAnswer(
      to: request, context, as: Identity.TokenPair.self)
    {
      return answer
    }
    let origin = environment.origin(context)
    let guarding = SignInGuard(environment, origin)
    let subject = LockoutStore.account(person, environment.vault)
    var isRight: Bool?
    if request.kind == .password {
      let stored = try await environment.database.read { session in
        guard try !FactorStore.hasFactor(person, session) else {
          throw IdentityError.refused(.factorNeeded)
        }
        try guarding.check(subject, session)
        return try PersonStore.get(person, session).password
      }
      isRight =
        try await environment.passwords.check(request.code, against: stored) != .wrong
    }
    let name = try environment.keyName(context)
    let result: Result<Identity.TokenPair, IdentityError> =
      try await environment.database.write { [isRight] session in
        do throws(IdentityError) {
          try guarding.check(subject, session)
        } catch {
          return .failure(error)
        }
        guard var one = try SessionStore.find(present, session),
          !one.isOver(at: origin.occurredAt)
        else { return .failure(.refused(.sessionEnded)) }
        let isRight =
          try isRight
          ?? FactorStore.take(
            request.code, request.kind, of: person, at: origin.occurredAt, environment.vault,
            session)
        guard isRight else {
          guard try request.kind == .password || FactorStore.hasFactor(person, session) else {
            return .failure(.refused(.factorNeeded))
          }
          try guarding.fail(subject, try PersonStore.find(person, session), session)
          return .failure(.refused(.factorWrong))
        }
        one.steppedUpAt = origin.occurredAt
        one.lastSeenAt = origin.occurredAt
        if request.kind != .password { one.assurance = .twoFactors }
        try SessionStore.update(one, session)
        let roles = try one.organisationID.map {
          try MembershipStore.roles(of: person, in: $0, session)
        }
        let pair = try environment.tokens.pair(
          for: one, roles: roles ?? [], refreshToken: "", at: origin.occurredAt, session)
        try AuditLog.add("session.step_up", to: "session", present, by: origin, session: session)
        guard let name else { return .success(pair) }
        return .success(
          try environment.records.once(request, name, at: origin.occurredAt, session) { pair })
      }
    return try result.get()
  }
}
