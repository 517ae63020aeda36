internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import WellKnownTypes

/// Changing and resetting the password.
extension AccountHandler {
  func changePassword(
    _ request: Identity.ChangePasswordRequest, _ context: CallContext
  ) async throws -> Identity.ChangePasswordResponse {
    let id = try context.person()
    let present = context.caller.sessionID
    var faults = FieldFaults()
    faults.password(request.oldPassword, "old_password")
    faults.password(request.newPassword, "new_password")
    try faults.check()
    if let answer = try await environment.keyedAnswer(
      to: request, context, as: Identity.ChangePasswordResponse.self)
    {
      return answer
    }
    let (person, hasFactor, known) = try await environment.database.read { session in
      let person = try PersonStore.get(id, session)
      let addresses = try ContactStore.all(of: id, session).map(\.address)
      return (
        person, try FactorStore.hasFactor(id, session), [person.displayName] + addresses
      )
    }
    guard
      try await environment.passwords.check(request.oldPassword, against: person.password)
        != .wrong
    else { throw IdentityError.refused(.passwordWrong) }
    guard
      PasswordRule.accepts(request.newPassword, hasSecondFactor: hasFactor, known: known)
    else { throw IdentityError.refused(.passwordWeak) }
    let password = try await environment.passwords.hash(request.newPassword)
    let origin = environment.origin(context)
    let name = try environment.keyName(context)
    let ended = try await environment.database.write { session in
      var person = try PersonStore.get(id, session)
      person.password = password
      person.stamp?.change(by: origin)
      try PersonStore.update(person, session)
      let ended = try SessionStore.endAll(
        of: id, but: present, at: origin.occurredAt, newID: environment.newID, session)
      try environment.send(.passwordChanged, to: person, at: origin.occurredAt, session)
      if let name {
        _ = try environment.records.once(request, name, at: origin.occurredAt, session) {
          Identity.ChangePasswordResponse()
        }
      }
      try AuditLog.add(
        "person.change_password", to: "person", id, changes: ["password": "changed"], by: origin,
        session: session)
      return ended
    }
    environment.refuse(ended)
    return Identity.ChangePasswordResponse()
  }

  // MARK: Reset

  func startPasswordReset(
    _ request: Identity.StartPasswordResetRequest, _ context: CallContext
  ) async throws -> Identity.StartPasswordResetResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let address = faults.contact(request.contactAddress, "contact_address")
    try faults.check()
    guard let address else { throw IdentityError.notFound("Contact") }
    return try await environment.once(request, id: id, context) { session, origin in
      let now = origin.occurredAt
      try ContactCode.checkSpacing(
        sent: try ContactCodeStore.sent(to: address.text, at: now, session), at: now)
      let owner = try ContactStore.owner(of: address.text, session)
        .flatMap { try PersonStore.find($0, session) }
      let person = owner.flatMap { $0.maySignIn ? $0 : nil }
      let code = ContactCode.make(environment.random)
      // For a stranger's address a code is kept, too, which nobody knows.
      let record = ContactCodeRecord(
        id: id, purpose: .reset, address: address.text, personID: person?.id, createdAt: now,
        code: ContactCode.Stored(
          digest: person == nil ? environment.random.bytes(32) : digest(code, id),
          expiresAt: now + ContactCode.Purpose.reset.lifetime, triesLeft: ContactCode.triesMax))
      try ContactCodeStore.insert(record, session)
      if let person {
        try environment.send(.reset(code: code), to: address.text, of: person, at: now, session)
      }
      // Audited for strangers, too: the answer must take as long for them.
      try AuditLog.add(
        "password_reset.start", to: "password_reset", id, by: origin, session: session)
      return Identity.StartPasswordResetResponse(
        expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: record.code.expiresAt))
    }
  }

  func completePasswordReset(
    _ request: Identity.CompletePasswordResetRequest, _ context: CallContext
  ) async throws -> Identity.CompletePasswordResetResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.code(request.code, "code")
    faults.password(request.newPassword, "new_password")
    try faults.check()
    // What holds for everybody is judged at once; the rest only once the code was right.
    guard PasswordRule.accepts(request.newPassword, hasSecondFactor: true, known: []) else {
      throw IdentityError.refused(.passwordWeak)
    }
    if let answer = try await environment.keyedAnswer(
      to: request, context, as: Identity.CompletePasswordResetResponse.self)
    {
      return answer
    }
    let password = try await environment.passwords.hash(request.newPassword)
    let origin = environment.origin(context)
    let name = try environment.keyName(context)
    let result: Result<[UUID], IdentityError> = try await environment.database.write { session in
      let result = try complete(request, id, password, origin, session)
      if case .success = result, let name {
        _ = try environment.records.once(request, name, at: origin.occurredAt, session) {
          Identity.CompletePasswordResetResponse()
        }
      }
      return result
    }
    environment.refuse(try result.get())
    return Identity.CompletePasswordResetResponse()
  }

  private func complete(
    _ request: Identity.CompletePasswordResetRequest, _ id: UUID, _ password: String,
    _ origin: Origin, _ session: any SQLSession
  ) throws -> Result<[UUID], IdentityError> {
    guard let stored = try ContactCodeStore.find(id, .reset, session) else {
      throw IdentityError.notFound("PasswordReset")
    }
    let now = origin.occurredAt
    switch ContactCode.judge(stored.code, digest: digest(request.code, id), at: now) {
    case .refused(let error, let spendsTry):
      if spendsTry { try ContactCodeStore.spendTry(id, session) }
      return .failure(error)
    case .rightAgain: return .failure(.refused(.codeExpired))
    case .right: break
    }
    guard var person = try stored.personID.flatMap({ try PersonStore.find($0, session) }),
      person.maySignIn
    else { return .failure(.refused(.codeExpired)) }
    let hasFactor = try FactorStore.hasFactor(person.id, session)
    if hasFactor {
      guard !request.factorCode.isEmpty else { return .failure(.refused(.factorNeeded)) }
      let kind: Identity.AuthenticatorKind =
        request.factorCode.utf8.count == 6 ? .totp : .recoveryCode
      guard
        try FactorStore.take(
          request.factorCode, kind, of: person.id, at: now, environment.vault, session)
      else {
        try ContactCodeStore.spendTry(id, session)
        return .failure(.refused(.factorWrong))
      }
    }
    guard
      PasswordRule.accepts(
        request.newPassword, hasSecondFactor: hasFactor,
        known: [person.displayName, stored.address])
    else { return .failure(.refused(.passwordWeak)) }
    try ContactCodeStore.use(id, at: now, session)
    let origin = origin.made(by: person.id)
    person.password = password
    person.stamp?.change(by: origin)
    try PersonStore.update(person, session)
    try LockoutStore.clear(LockoutStore.account(person.id, environment.vault), session)
    try SignInStore.endAll(of: person.id, at: now, session)
    let ended = try SessionStore.endAll(
      of: person.id, at: now, newID: environment.newID, session)
    try environment.send(.passwordChanged, to: person, at: now, session)
    try AuditLog.add(
      "person.reset_password", to: "person", person.id, changes: ["password": "changed"],
      by: origin, session: session)
    return .success(ended)
  }
}
