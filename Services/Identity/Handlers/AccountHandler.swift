internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes

/// People: registration, and what they tell of themselves. Contacts, passwords, administration and
/// personal data stand in the extensions.
struct AccountHandler: Identity.AccountService {
  let environment: IdentityEnvironment

  // MARK: Registration

  func register(
    _ request: Identity.RegisterRequest, _ context: CallContext
  ) async throws -> Identity.RegisterResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.text(request.displayName, "display_name", lengthMin: 1, lengthMax: 120)
    let address = faults.contact(request.contactAddress, "contact_address")
    faults.password(request.password, "password")
    try faults.check()
    guard let address else { throw IdentityError.notFound("Contact") }
    guard
      PasswordRule.accepts(
        request.password, hasSecondFactor: false, known: [request.displayName, address.text])
    else { throw IdentityError.refused(.passwordWeak) }
    let name = environment.name(id, context)
    let before = try await environment.database.read { session in
      try environment.records.answer(
        to: request, name, as: Identity.RegisterResponse.self, session)
    }
    if let before { return before.answer }
    // Hashed for a contact that is taken as well: the time must tell nothing.
    let password = try await environment.passwords.hash(request.password)
    return try await environment.once(request, id: id, context) { session, origin in
      try register(request, at: address, password, origin, session)
    }
  }

  private func register(
    _ request: Identity.RegisterRequest, at address: ContactAddress, _ password: String,
    _ origin: Origin, _ session: any SQLSession
  ) throws -> Identity.RegisterResponse {
    let owner = try ContactStore.owner(of: address.text, session)
    guard owner == nil else {
      let code = try sendCode(
        .verification, to: address, id: environment.newID(), provesContact: nil,
        takenBy: owner, origin, session)
      return response(code)
    }
    let person = PersonRecord(
      id: environment.newID(), state: .unverified, displayName: request.displayName,
      language: request.language == .unspecified ? .en : request.language, password: password,
      stamp: SaraiType.AuditStamp(created: origin))
    try PersonStore.insert(person, session)
    let contact = ContactRecord(
      id: environment.newID(), personID: person.id, kind: address.kind, address: address.text,
      createdAt: origin.occurredAt)
    try ContactStore.insert(contact, session)
    let code = try sendCode(
      .verification, to: address, id: environment.newID(), provesContact: contact, takenBy: nil,
      origin, session)
    try AuditLog.add("person.register", to: "person", person.id, by: origin, session: session)
    return response(code)
  }

  private func response(_ code: ContactCodeRecord) -> Identity.RegisterResponse {
    Identity.RegisterResponse(
      verificationId: code.id.description,
      expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: code.code.expiresAt))
  }

  // MARK: Reading

  func getMe(
    _ request: Identity.GetMeRequest, _ context: CallContext
  ) async throws -> Identity.GetMeResponse {
    let id = try context.person()
    let present = context.caller.sessionID
    let now = environment.time.sinceEpoch()
    return try await environment.database.read { session in
      let person = try PersonStore.get(id, session)
      return Identity.GetMeResponse(
        person: try PersonStore.message(person, at: now, environment.vault, session),
        memberships: try MembershipStore.all(of: id, session).map(\.message),
        session: try present.flatMap { try SessionStore.find($0, session) }?
          .message(isPresent: true, at: now))
    }
  }

  func getPerson(
    _ request: Identity.GetPersonRequest, _ context: CallContext
  ) async throws -> Identity.Person {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let now = environment.time.sinceEpoch()
    return try await environment.database.read { session in
      try PersonStore.message(
        try PersonStore.get(id, session), at: now, environment.vault, session)
    }
  }

  func listPeople(
    _ request: Identity.ListPeopleRequest, _ context: CallContext
  ) async throws -> Identity.ListPeopleResponse {
    let page = try context.page(\.page, of: request)
    var faults = FieldFaults()
    var filter = PersonStore.Filter(state: request.state)
    if !request.contactAddress.isEmpty {
      filter.address = faults.contact(request.contactAddress, "contact_address")?.text
    }
    if !request.namePrefix.isEmpty {
      faults.text(request.namePrefix, "name_prefix", lengthMin: 2, lengthMax: 120)
      filter.namePrefix = request.namePrefix
    }
    try faults.check()
    let now = environment.time.sinceEpoch()
    let people = try await environment.database.read { [filter] session in
      try PersonStore.list(
        filter, before: page.after?.first, countMax: page.size + 1, session
      ).map { try PersonStore.message($0, at: now, environment.vault, session) }
    }
    let (items, response) = page.cut(people) { [$0.id] }
    return Identity.ListPeopleResponse(people: items, page: response)
  }

  func batchGetPeople(
    _ request: Identity.BatchGetPeopleRequest, _ context: CallContext
  ) async throws -> Identity.BatchGetPeopleResponse {
    var faults = FieldFaults()
    faults.range(request.ids.count, "ids", 1...500)
    try faults.check()
    let ids = request.ids.compactMap { UUID($0) }
    return try await environment.database.read { session in
      Identity.BatchGetPeopleResponse(
        people: try ids.compactMap { try PersonStore.find($0, session)?.name })
    }
  }

  // MARK: Changing

  func updateMe(
    _ request: Identity.UpdateMeRequest, _ context: CallContext
  ) async throws -> Identity.Person {
    let id = try context.person()
    let new = request.person ?? Identity.Person()
    let paths = request.updateMask?.paths ?? []
    var faults = FieldFaults()
    if paths.isEmpty { faults.add("update_mask", "REQUIRED", "name what to change") }
    for path in paths {
      switch path {
      case "display_name":
        faults.text(new.displayName, "person.display_name", lengthMin: 1, lengthMax: 120)
      case "language":
        if ![.en, .ur, .zh].contains(new.language) {
          faults.add("person.language", "UNKNOWN", "give English, Urdu or Chinese")
        }
      case "time_zone":
        faults.text(new.timeZone, "person.time_zone", lengthMax: 64)
      default:
        faults.add(
          "update_mask", "PATH_UNKNOWN", "only display_name, language and time_zone can change")
      }
    }
    try faults.check()
    return try await environment.keyed(request, context) { session, origin in
      var person = try PersonStore.get(id, session)
      try person.stamp.check(expected: request.expectedVersion)
      var changes: [String: String] = [:]
      if paths.contains("display_name"), person.displayName != new.displayName {
        changes["display_name"] = "changed"
        person.displayName = new.displayName
      }
      if paths.contains("language"), person.language != new.language {
        changes["language"] = "\(person.language.rawValue) -> \(new.language.rawValue)"
        person.language = new.language
      }
      if paths.contains("time_zone"), person.timeZone != new.timeZone {
        changes["time_zone"] = "\(person.timeZone) -> \(new.timeZone)"
        person.timeZone = new.timeZone
      }
      if !changes.isEmpty {
        person.stamp?.change(by: origin)
        try PersonStore.update(person, session)
        try tellChange(of: person, origin, session)
        try AuditLog.add(
          "person.update", to: "person", id, changes: changes, by: origin, session: session)
      }
      return try PersonStore.message(
        person, at: origin.occurredAt, environment.vault, session)
    }
  }

  /// Tells the other services that a person's name, language or state has changed.
  func tellChange(
    of person: PersonRecord, _ origin: Origin, _ session: any SQLSession
  ) throws {
    try environment.feed.add(.personChanged, of: person.id, by: origin, session: session) {
      $0.person = person.name
    }
  }
}
