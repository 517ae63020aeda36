internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage

/// What operators do to accounts, and how the first of them comes to be.
extension AccountHandler {
  func suspendPerson(
    _ request: Identity.SuspendPersonRequest, _ context: CallContext
  ) async throws -> Identity.Person {
    let id = try checked(request.id, request.reason)
    let origin = environment.origin(context)
    let (person, ended) = try await environment.database.write { session in
      var person = try PersonStore.get(id, session)
      var ended: [UUID] = []
      if person.state != .suspended && person.state != .erased {
        try change(&person, to: .suspended, origin, session)
        try SignInStore.endAll(of: id, at: origin.occurredAt, session)
        ended = try SessionStore.endAll(
          of: id, at: origin.occurredAt, newID: environment.newID, session)
        try ApiKeyStore.revokeAll(of: id, by: origin, newID: environment.newID, session)
        try AuditLog.add(
          "person.suspend", to: "person", id, reason: request.reason, by: origin,
          session: session)
      }
      return (try message(person, origin, session), ended)
    }
    environment.refuse(ended)
    return person
  }

  func reinstatePerson(
    _ request: Identity.ReinstatePersonRequest, _ context: CallContext
  ) async throws -> Identity.Person {
    let id = try checked(request.id, request.reason)
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var person = try PersonStore.get(id, session)
      if person.state == .suspended {
        let isVerified = try ContactStore.primary(of: id, session) != nil
        let isErasing = try ErasureStore.all(of: id, session).contains {
          $0.message.state == .waiting
        }
        let state: Identity.PersonState =
          isErasing ? .erasing : isVerified ? .active : .unverified
        try change(&person, to: state, origin, session)
        try AuditLog.add(
          "person.reinstate", to: "person", id, reason: request.reason, by: origin,
          session: session)
      }
      return try message(person, origin, session)
    }
  }

  func unlockPerson(
    _ request: Identity.UnlockPersonRequest, _ context: CallContext
  ) async throws -> Identity.Person {
    let id = try checked(request.id, request.reason)
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let person = try PersonStore.get(id, session)
      let subject = LockoutStore.account(id, environment.vault)
      if try LockoutStore.find(subject, session) != Lockout() {
        try LockoutStore.clear(subject, session)
        try AuditLog.add(
          "person.unlock", to: "person", id, reason: request.reason, by: origin, session: session)
      }
      return try message(person, origin, session)
    }
  }

  private func checked(_ id: String, _ reason: String) throws -> UUID {
    var faults = FieldFaults()
    let id = faults.id(id, "id")
    faults.reason(reason)
    try faults.check()
    return id
  }

  private func message(
    _ person: PersonRecord, _ origin: Origin, _ session: any SQLSession
  ) throws -> Identity.Person {
    try PersonStore.message(person, at: origin.occurredAt, environment.vault, session)
  }

  /// Gives a person another state, and tells the other services.
  func change(
    _ person: inout PersonRecord, to state: Identity.PersonState, _ origin: Origin,
    _ session: any SQLSession
  ) throws {
    person.state = state
    person.stamp?.change(by: origin)
    try PersonStore.update(person, session)
    try tellChange(of: person, origin, session)
  }

  // MARK: The first administrator

  func claimFirstAdministrator(
    _ request: Identity.ClaimFirstAdministratorRequest, _ context: CallContext
  ) async throws -> Identity.Person {
    var faults = FieldFaults()
    faults.secret(request.token, "token")
    let address = faults.contact(request.contactAddress, "contact_address")
    faults.password(request.password, "password")
    try faults.check()
    guard let address else { throw IdentityError.notFound("Contact") }
    if let answer = try await environment.keyedAnswer(
      to: request, context, as: Identity.Person.self)
    {
      return answer
    }
    let (isRight, person) = try await environment.database.read { session in
      let token = try FirstAdministrator.token(environment.vault, session)
      let isRight = token.map { Array($0.utf8).equalsInConstantTime(Array(request.token.utf8)) }
      let person = try ContactStore.owner(of: address.text, session)
        .flatMap { try PersonStore.find($0, session) }
      return (isRight ?? false, person)
    }
    guard isRight else { throw IdentityError.refused(.tokenSpent) }
    let verdict = try await environment.passwords.check(
      request.password, against: person?.password)
    guard verdict != .wrong, let id = person?.id, person?.maySignIn == true else {
      throw IdentityError.refused(.credentialsWrong)
    }
    return try await environment.keyed(request, context) { session, origin in
      let origin = origin.made(by: id)
      guard try FirstAdministrator.use(at: origin.occurredAt, session) else {
        throw IdentityError.refused(.tokenSpent)
      }
      let person = try PersonStore.get(id, session)
      try OperatorOrganisation.addPlatformOperator(
        id, newID: environment.newID, by: origin, feed: environment.feed, session)
      try AuditLog.add(
        "person.claim_first_administrator", to: "person", id, by: origin, session: session)
      return try message(person, origin, session)
    }
  }
}
