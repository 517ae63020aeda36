internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import WellKnownTypes

/// Contacts, and the codes that prove them.
extension AccountHandler {
  // MARK: Codes

  /// Stores a code and sends it, or, for an address that is another's, stores one that nobody knows
  /// and tells the owner.
  ///
  /// - Parameter provesContact: the contact that the code proves; nil for none.
  func sendCode(
    _ purpose: ContactCode.Purpose, to address: ContactAddress, id: UUID,
    provesContact contact: ContactRecord?, takenBy owner: UUID?, _ origin: Origin,
    _ session: any SQLSession
  ) throws -> ContactCodeRecord {
    let now = origin.occurredAt
    try ContactCode.checkSpacing(
      sent: try ContactCodeStore.sent(to: address.text, at: now, session), at: now)
    if let contact { try ContactCodeStore.end(ofContact: contact.id, at: now, session) }
    let code = ContactCode.make(environment.random)
    let isKnown = contact != nil && owner == nil
    let record = ContactCodeRecord(
      id: id, purpose: purpose, address: address.text, contactID: contact?.id, createdAt: now,
      code: ContactCode.Stored(
        digest: isKnown ? digest(code, id) : environment.random.bytes(32),
        expiresAt: now + purpose.lifetime, triesLeft: ContactCode.triesMax))
    try ContactCodeStore.insert(record, session)
    if let owner {
      let person = try PersonStore.find(owner, session)
      try environment.send(.contactTaken, to: address.text, of: person, at: now, session)
    } else if let contact {
      let person = try PersonStore.find(contact.personID, session)
      try environment.send(
        .verification(code: code), to: address.text, of: person, at: now, session)
    }
    return record
  }

  /// What is stored of a code: bound to its own row.
  func digest(_ code: String, _ id: UUID) -> [UInt8] {
    environment.vault.digest("contact-code", id.description, code)
  }

  func verifyContact(
    _ request: Identity.VerifyContactRequest, _ context: CallContext
  ) async throws -> Identity.Contact {
    var faults = FieldFaults()
    let id = faults.id(request.verificationId, "verification_id")
    faults.code(request.code, "code")
    try faults.check()
    let origin = environment.origin(context)
    // A refusal is an answer that is kept, not an error that takes back what the try has cost.
    let result: Result<Identity.Contact, IdentityError> = try await environment.database.write {
      session in
      guard let stored = try ContactCodeStore.find(id, .verification, session) else {
        throw IdentityError.notFound("Verification")
      }
      switch ContactCode.judge(
        stored.code, digest: digest(request.code, id), at: origin.occurredAt)
      {
      case .refused(let error, let spendsTry):
        if spendsTry { try ContactCodeStore.spendTry(id, session) }
        return .failure(error)
      case .right:
        try ContactCodeStore.use(id, at: origin.occurredAt, session)
        return try verified(stored, origin, session)
      case .rightAgain:
        guard let contact = try stored.contactID.flatMap({ try ContactStore.find($0, session) })
        else { return .failure(.refused(.codeExpired)) }
        return .success(contact.message)
      }
    }
    return try result.get()
  }

  private func verified(
    _ code: ContactCodeRecord, _ origin: Origin, _ session: any SQLSession
  ) throws -> Result<Identity.Contact, IdentityError> {
    guard var contact = try code.contactID.flatMap({ try ContactStore.find($0, session) }),
      var person = try PersonStore.find(contact.personID, session)
    else { return .failure(.refused(.codeExpired)) }
    // Somebody else may have proved the address since the code was sent.
    if let owner = try ContactStore.owner(of: contact.address, session), owner != person.id {
      return .failure(.refused(.codeExpired))
    }
    if contact.verifiedAt == nil {
      contact.isPrimary = try ContactStore.primary(of: person.id, session) == nil
      contact.verifiedAt = origin.occurredAt
      try ContactStore.verify(
        contact.id, at: origin.occurredAt, isPrimary: contact.isPrimary, session)
    }
    let origin = origin.made(by: person.id)
    if person.state == .unverified {
      person.state = .active
      person.stamp?.change(by: origin)
      try PersonStore.update(person, session)
      try environment.feed.add(
        .personRegistered, of: person.id, by: origin, session: session
      ) { $0.person = person.name }
    }
    try AuditLog.add(
      "contact.verify", to: "contact", contact.id, by: origin, session: session)
    return .success(contact.message)
  }

  func sendContactCode(
    _ request: Identity.SendContactCodeRequest, _ context: CallContext
  ) async throws -> Identity.SendContactCodeResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let contactID = faults.id(request.contactId, "contact_id")
    try faults.check()
    return try await environment.once(request, id: id, context) { session, origin in
      let contact = try ContactStore.get(contactID, of: person, session)
      guard contact.verifiedAt == nil, let address = ContactAddress(contact.address) else {
        throw IdentityError.notFound("Contact")
      }
      let owner = try ContactStore.owner(of: contact.address, session)
      let code = try sendCode(
        .verification, to: address, id: id, provesContact: contact, takenBy: owner, origin,
        session)
      try AuditLog.add(
        "contact.send_code", to: "contact", contact.id, by: origin, session: session)
      return Identity.SendContactCodeResponse(
        verificationId: id.description,
        expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: code.code.expiresAt))
    }
  }

  // MARK: Contacts

  /// The verification that begins bears the contact's own id.
  func addContact(
    _ request: Identity.AddContactRequest, _ context: CallContext
  ) async throws -> Identity.Contact {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let address = faults.contact(request.address, "address")
    try faults.check()
    guard let address else { throw IdentityError.notFound("Contact") }
    return try await environment.once(request, id: id, context) { session, origin in
      let present = try ContactStore.all(of: person, session)
      var faults = FieldFaults()
      if present.contains(where: { $0.address == address.text }) {
        faults.add("address", "PRESENT", "it is one of yours already")
      } else if present.count >= ContactStore.countMax {
        faults.add(
          "address", "TOO_MANY", "you have \(ContactStore.countMax) contacts: remove one first")
      }
      try faults.check()
      let contact = ContactRecord(
        id: id, personID: person, kind: address.kind, address: address.text,
        createdAt: origin.occurredAt)
      try ContactStore.insert(contact, session)
      let owner = try ContactStore.owner(of: address.text, session)
      _ = try sendCode(
        .verification, to: address, id: id, provesContact: contact, takenBy: owner, origin,
        session)
      try AuditLog.add("contact.add", to: "contact", id, by: origin, session: session)
      return contact.message
    }
  }

  func removeContact(
    _ request: Identity.RemoveContactRequest, _ context: CallContext
  ) async throws -> Identity.RemoveContactResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let all = try ContactStore.all(of: person, session)
      guard let contact = all.first(where: { $0.id == id }) else {
        // Gone already, or never there: what was asked for holds.
        return Identity.RemoveContactResponse()
      }
      let rest = all.filter { $0.id != id && $0.verifiedAt != nil }
      if contact.verifiedAt != nil {
        guard let next = rest.first else { throw IdentityError.refused(.contactLast) }
        if contact.isPrimary { try ContactStore.makePrimary(next.id, of: person, session) }
        try environment.send(
          .contactRemoved, to: contact.address, of: try PersonStore.find(person, session),
          at: origin.occurredAt, session)
      }
      try ContactCodeStore.end(ofContact: id, at: origin.occurredAt, session)
      try ContactStore.remove(id, session)
      try AuditLog.add("contact.remove", to: "contact", id, by: origin, session: session)
      return Identity.RemoveContactResponse()
    }
  }

  func setPrimaryContact(
    _ request: Identity.SetPrimaryContactRequest, _ context: CallContext
  ) async throws -> Identity.Contact {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var contact = try ContactStore.get(id, of: person, session)
      guard contact.verifiedAt != nil else { throw IdentityError.refused(.contactUnverified) }
      if contact.isPrimary { return contact.message }
      try ContactStore.makePrimary(id, of: person, session)
      contact.isPrimary = true
      try AuditLog.add("contact.make_primary", to: "contact", id, by: origin, session: session)
      return contact.message
    }
  }

  func getPrimaryContact(
    _ request: Identity.GetPrimaryContactRequest, _ context: CallContext
  ) async throws -> Identity.Contact {
    var faults = FieldFaults()
    let id = faults.id(request.personId, "person_id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let contact = try ContactStore.all(of: id, session).first {
        $0.verifiedAt != nil && (request.kind == .unspecified || $0.kind == request.kind)
      }
      guard let contact, request.kind != .unspecified || contact.isPrimary else {
        throw IdentityError.notFound("Contact")
      }
      try AuditLog.add("contact.read", to: "contact", contact.id, by: origin, session: session)
      return contact.message
    }
  }

  // MARK: The demo's mailbox

  func listMailbox(
    _ request: Identity.ListMailboxRequest, _ context: CallContext
  ) async throws -> Identity.ListMailboxResponse {
    guard environment.isDemo else { throw IdentityError.featureAbsent }
    let page = try context.page(\.page, of: request)
    var faults = FieldFaults()
    let address =
      request.contactAddress.isEmpty
      ? nil : faults.contact(request.contactAddress, "contact_address")
    try faults.check()
    let found = try await environment.database.read { session in
      try Mailbox.list(
        to: address?.text, before: page.after?.first, countMax: page.size + 1, session)
    }
    let (items, response) = page.cut(found) { [$0.id] }
    return Identity.ListMailboxResponse(entries: items, page: response)
  }
}
