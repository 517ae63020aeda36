public import Platform
public import RPC

/// Stands before every handler: lets pass whom the schema's access rules allow, and leaves the
/// `Caller` in the call's context.
public struct AccessInterceptor: ServerInterceptor {
  private let policy: AccessPolicy
  private let verifier: TokenVerifier
  private let naming: CallerNaming
  private let time: any TimeSource

  /// Services that may call without a user's token: then they act for themselves.
  private static let trustedServices: Set = ["identity", "catalog", "payments", "onboarding"]
  /// What a session is good for that waits for its second factor.
  private static let enrolmentServices: Set = ["sarai.identity.v1.AuthenticatorService"]
  private static let enrolmentMethods: Set = [
    "/sarai.identity.v1.AccountService/GetMe", "/sarai.identity.v1.SessionService/SignOut",
  ]
  private static let stepUpLasts: Duration = .seconds(300)

  /// - Parameters:
  ///   - policy: the rules of all methods that the router has.
  ///   - verifier: the service's one verifier.
  ///   - naming: how peers are known.
  ///   - time: the clock that step-ups end by.
  public init(
    _ policy: AccessPolicy, _ verifier: TokenVerifier, naming: CallerNaming, time: any TimeSource
  ) {
    self.policy = policy
    self.verifier = verifier
    self.naming = naming
    self.time = time
  }

  /// Finds out who calls, and refuses who may not.
  public func callReceived(_ context: CallContext) async throws(RPCError) {
    do throws(AccessError) {
      let caller = try await admitted(context)
      context[Caller.self] = caller
    } catch {
      throw error.rpcError
    }
  }

  private func admitted(_ context: CallContext) async throws(AccessError) -> Caller {
    let names = naming.names(of: context)
    guard let rule = policy[context.method] else { throw .callerNotAllowed(names.first) }
    if rule.isOpen { return .anonymous(via: names.first) }
    guard let name = names.first(where: rule.callers.contains) else {
      throw .callerNotAllowed(names.first)
    }
    if rule.audience == .service {
      return Self.trustedServices.contains(name) ? .service(name) : .certificate(name)
    }
    guard let token = try await token(context) else {
      if Self.trustedServices.contains(name) { return .service(name) }
      if rule.audience == .anyone { return .anonymous(via: name) }
      throw .tokenMissing
    }
    if case .person(_, _, assurance: .enrolment, _) = token.token.subject {
      try checkEnrolment(context.method, rule)
    }
    return try check(token.caller.through(name), rule, context)
  }

  private func token(
    _ context: CallContext
  ) async throws(AccessError) -> TokenVerifier.Verified? {
    let values = context.metadata.entries.filter { $0.name == "authorization" }
    guard let value = values.first?.value else { return nil }
    // The scheme's name is in any case (RFC 9110 section 11.1).
    guard values.count == 1, value.prefix(7).lowercased() == "bearer " else { throw .tokenInvalid }
    do throws(TokenFault) {
      return try await verifier.verified(String(value.dropFirst(7)))
    } catch {
      throw error.accessError
    }
  }

  private func checkEnrolment(
    _ method: MethodDescriptor, _ rule: AccessPolicy.Rule
  ) throws(AccessError) {
    guard
      rule.audience == .anyone || Self.enrolmentServices.contains(method.service)
        || Self.enrolmentMethods.contains(method.path)
    else { throw .factorNeeded }
  }

  private func check(
    _ caller: Caller, _ rule: AccessPolicy.Rule, _ context: CallContext
  ) throws(AccessError) -> Caller {
    var demanded: Permission?
    switch rule.audience {
    case .anyone, .service: break
    case .person: guard caller.kind == .person else { throw .personNeeded }
    case .permission(let permission):
      guard caller.holds(permission) || rule.isForOwnToo && caller.kind == .person else {
        throw .permissionMissing(permission)
      }
      demanded = permission
    }
    if rule.needsStepUp {
      guard caller.kind == .person else { throw .personNeeded }
      guard let at = caller.steppedUpAt, time.sinceEpoch() - at <= Self.stepUpLasts else {
        throw .stepUpRequired
      }
    }
    if let demanded, rule.organisationField != nil {
      context[OrganisationCheck.self] = OrganisationCheck { (id) throws(RPCError) in
        if rule.isForOwnToo, id.isEmpty, caller.kind == .person { return }
        try Self.check(caller, demanded, organisation: id)
      }
    }
    return caller.demanding(demanded)
  }

  /// Whoever holds the permission over the whole programme may name any organisation, or none where
  /// the method takes that for all of them; others only the one that they act for.
  private static func check(
    _ caller: Caller, _ permission: Permission, organisation text: String
  ) throws(RPCError) {
    if caller.holdsEverywhere(permission) { return }
    guard let organisation = UUID(text) else { throw AccessError.organisationInvalid.rpcError }
    try caller.demanding(permission).requireOwner(of: organisation)
  }
}
