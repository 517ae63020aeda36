internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import WellKnownTypes
internal import Wire

/// Second factors: TOTP and recovery codes. Passkeys have their place and are yet to come.
struct AuthenticatorHandler: Identity.AuthenticatorService {
  let environment: IdentityEnvironment

  /// As authenticator programs show it.
  private static let issuer = "Sarai"

  func listAuthenticators(
    _ request: Identity.ListAuthenticatorsRequest, _ context: CallContext
  ) async throws -> Identity.ListAuthenticatorsResponse {
    let person = try context.person()
    return try await environment.database.read { session in
      Identity.ListAuthenticatorsResponse(
        authenticators: try FactorStore.all(of: person, session).map(\.message),
        recoveryCodeCount: Int32(try FactorStore.recoveryCodeCount(of: person, session)))
    }
  }

  // MARK: TOTP

  func beginTotp(
    _ request: Identity.BeginTotpRequest, _ context: CallContext
  ) async throws -> Identity.BeginTotpResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.text(request.label, "label", lengthMax: 60)
    try faults.check()
    return try await environment.once(request, id: id, context) { session, origin in
      let now = origin.occurredAt
      var present = 0
      for factor in try FactorStore.all(of: person, session) {
        // Those that were begun and never confirmed make room.
        if factor.confirmedAt == nil, factor.begunAt + FactorRecord.confirmWithin <= now {
          try FactorStore.remove(factor.id, session)
        } else {
          present += 1
        }
      }
      if present >= FactorStore.countMax {
        var faults = FieldFaults()
        faults.add(
          "id", "TOO_MANY", "you have \(FactorStore.countMax) factors: remove one first")
        try faults.check()
      }
      var secret = OneTimeCode.newSecret(environment.random)
      defer { secret.wipe() }
      try FactorStore.insert(
        FactorRecord(
          id: id, personID: person, label: request.label,
          sealedSecret: environment.vault.seal(secret, at: FactorStore.place(id)), begunAt: now),
        session)
      let account = try ContactStore.primary(of: person, session)?.address ?? "\(person)"
      try AuditLog.add("factor.begin", to: "authenticator", id, by: origin, session: session)
      return Identity.BeginTotpResponse(
        secret: Base32.text(secret),
        uri: OneTimeCode.uri(secret: secret, issuer: Self.issuer, account: account),
        expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: now + FactorRecord.confirmWithin))
    }
  }

  func confirmTotp(
    _ request: Identity.ConfirmTotpRequest, _ context: CallContext
  ) async throws -> Identity.ConfirmTotpResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.code(request.code, "code")
    try faults.check()
    if let answer = try await environment.keyedAnswer(
      to: request, context, as: Identity.ConfirmTotpResponse.self)
    {
      return answer
    }
    let origin = environment.origin(context)
    let name = try environment.keyName(context)
    let result: Result<Identity.ConfirmTotpResponse, IdentityError> =
      try await environment.database.write { session in
        let result = try confirm(id, request.code, of: person, origin, session)
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

  private func confirm(
    _ id: UUID, _ code: String, of person: UUID, _ origin: Origin, _ session: any SQLSession
  ) throws -> Result<Identity.ConfirmTotpResponse, IdentityError> {
    let now = origin.occurredAt
    guard var factor = try FactorStore.find(id, session), factor.personID == person else {
      throw IdentityError.notFound("Authenticator")
    }
    guard factor.confirmedAt == nil, factor.begunAt + FactorRecord.confirmWithin > now,
      factor.triesLeft > 0
    else { return .failure(.refused(.codeExpired)) }
    var secret = try environment.vault.open(factor.sealedSecret, at: FactorStore.place(id))
    defer { secret.wipe() }
    guard let step = OneTimeCode.step(ofCode: code, secret: secret, at: now) else {
      factor.triesLeft -= 1
      try FactorStore.update(factor, session)
      return .failure(.refused(.codeWrong, facts: ["tries_left": "\(factor.triesLeft)"]))
    }
    factor.confirmedAt = now
    factor.lastStep = step
    factor.lastUsedAt = now
    try FactorStore.update(factor, session)
    var codes: [String] = []
    if try FactorStore.recoveryCodeCount(of: person, session) == 0 {
      codes = try newRecoveryCodes(of: person, session)
    }
    try AuditLog.add("factor.confirm", to: "authenticator", id, by: origin, session: session)
    return .success(
      Identity.ConfirmTotpResponse(authenticator: factor.message, recoveryCodes: codes))
  }

  // MARK: Recovery codes

  func regenerateRecoveryCodes(
    _ request: Identity.RegenerateRecoveryCodesRequest, _ context: CallContext
  ) async throws -> Identity.RegenerateRecoveryCodesResponse {
    let person = try context.person()
    return try await environment.keyed(request, context) { session, origin in
      guard try FactorStore.hasFactor(person, session) else {
        throw IdentityError.refused(.factorNeeded)
      }
      let codes = try newRecoveryCodes(of: person, session)
      try AuditLog.add(
        "factor.regenerate_recovery_codes", to: "person", person, by: origin, session: session)
      return Identity.RegenerateRecoveryCodesResponse(recoveryCodes: codes)
    }
  }

  private func newRecoveryCodes(
    of person: UUID, _ session: any SQLSession
  ) throws(StorageError) -> [String] {
    let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode.make(environment.random) }
    try FactorStore.replaceRecoveryCodes(of: person, by: codes, environment.vault, session)
    return codes
  }

  // MARK: Removing

  func removeAuthenticator(
    _ request: Identity.RemoveAuthenticatorRequest, _ context: CallContext
  ) async throws -> Identity.RemoveAuthenticatorResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let all = try FactorStore.all(of: person, session)
      guard let factor = all.first(where: { $0.id == id }) else {
        return Identity.RemoveAuthenticatorResponse()
      }
      let isLast = !all.contains { $0.id != id && $0.confirmedAt != nil }
      if isLast, factor.confirmedAt != nil {
        guard try !FactorDemand.isMade(by: MembershipStore.allRoles(of: person, session)) else {
          throw IdentityError.refused(.factorNeeded)
        }
        try FactorStore.removeAll(of: person, session)
      } else {
        try FactorStore.remove(id, session)
      }
      try AuditLog.add("factor.remove", to: "authenticator", id, by: origin, session: session)
      return Identity.RemoveAuthenticatorResponse()
    }
  }

  // MARK: Passkeys

  func beginPasskeyRegistration(
    _ request: Identity.BeginPasskeyRegistrationRequest, _ context: CallContext
  ) async throws -> Identity.BeginPasskeyRegistrationResponse {
    throw IdentityError.featureAbsent
  }

  func finishPasskeyRegistration(
    _ request: Identity.FinishPasskeyRegistrationRequest, _ context: CallContext
  ) async throws -> Identity.Authenticator { throw IdentityError.featureAbsent }
}
