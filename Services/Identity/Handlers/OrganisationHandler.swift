internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes

/// Organisations: what they are and how they stand. Members and invitations stand in the extensions.
struct OrganisationHandler: Identity.OrganisationService {
  let environment: IdentityEnvironment

  static let batchMax = 500

  func changes(_ origin: Origin, _ session: any SQLSession) -> MembershipChanges {
    MembershipChanges(
      feed: environment.feed, newID: environment.newID, origin: origin, session: session)
  }

  // MARK: Creating and reading

  func createOrganisation(
    _ request: Identity.CreateOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    guard let wanted = request.organisation else {
      throw FieldFaults.error("organisation", "REQUIRED", "give the organisation")
    }
    if !(1...4 ~= wanted.kind.rawValue) {
      faults.add("organisation.kind", "REQUIRED", "say what it is in the programme")
    }
    try faults.check()
    try OrganisationProfile.check(wanted)
    if wanted.kind != .company { try context.caller.require("identity.person.admin", in: nil) }
    return try await environment.once(request, id: id, context) { session, origin in
      var organisation = wanted
      organisation.id = id.description
      return try changes(origin, session).found(organisation, owner: person)
    }
  }

  func getOrganisation(
    _ request: Identity.GetOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    let id = try ownID(request.id, context)
    return try await environment.database.read { try OrganisationStore.get(id, $0) }
  }

  func listMyOrganisations(
    _ request: Identity.ListMyOrganisationsRequest, _ context: CallContext
  ) async throws -> Identity.ListMyOrganisationsResponse {
    let person = try context.person()
    let page = try context.page(\.page, of: request)
    let (items, answer) = try await list(OrganisationStore.Filter(member: person), page)
    return Identity.ListMyOrganisationsResponse(organisations: items, page: answer)
  }

  func searchOrganisations(
    _ request: Identity.SearchOrganisationsRequest, _ context: CallContext
  ) async throws -> Identity.SearchOrganisationsResponse {
    let page = try context.page(\.page, of: request)
    var faults = FieldFaults()
    faults.text(request.query, "query", lengthMax: 200)
    faults.text(request.sectorCode, "sector_code", lengthMax: 64)
    try faults.check()
    let (items, answer) = try await list(
      OrganisationStore.Filter(
        words: OrganisationStore.words(request.query), kind: request.kind,
        verificationState: request.verificationState, province: request.province,
        sectorCode: request.sectorCode), page)
    return Identity.SearchOrganisationsResponse(organisations: items, page: answer)
  }

  private func list(
    _ filter: OrganisationStore.Filter, _ page: Page
  ) async throws -> ([Identity.Organisation], SaraiType.PageResponse) {
    let (found, total) = try await environment.database.read { session in
      (
        try OrganisationStore.list(
          filter, after: page.after, countMax: page.size + 1, session),
        page.countsTotal ? try OrganisationStore.count(filter, session) : nil
      )
    }
    let (items, answer) = page.cut(found, total: total) { [OrganisationStore.nameKey($0), $0.id] }
    return (items, answer)
  }

  // MARK: Supplier cards

  func getSupplierCard(
    _ request: Identity.GetSupplierCardRequest, _ context: CallContext
  ) async throws -> Identity.SupplierCard {
    var faults = FieldFaults()
    let id = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    let card = try await environment.database.read { try VerificationStore.card(of: id, $0) }
    guard let card else { throw IdentityError.notFound("SupplierCard") }
    return card
  }

  func batchGetSupplierCards(
    _ request: Identity.BatchGetSupplierCardsRequest, _ context: CallContext
  ) async throws -> Identity.BatchGetSupplierCardsResponse {
    var faults = FieldFaults()
    faults.range(request.organisationIds.count, "organisation_ids", 1...Self.batchMax)
    try faults.check()
    let ids = request.organisationIds.compactMap { UUID($0) }
    return try await environment.database.read { session in
      Identity.BatchGetSupplierCardsResponse(
        suppliers: try ids.compactMap { try VerificationStore.card(of: $0, session) })
    }
  }

  // MARK: Changing

  func updateOrganisation(
    _ request: Identity.UpdateOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    let id = try ownID(request.id, context)
    return try await environment.keyed(request, context) { session, origin in
      let old = try OrganisationStore.get(id, session)
      try old.stamp.check(expected: request.expectedVersion)
      guard old.state == .active else { throw IdentityError.refused(.organisationSuspended) }
      var organisation = old
      let changed = try OrganisationProfile.update(
        &organisation, to: request.organisation ?? Identity.Organisation(),
        request.updateMask?.paths ?? [])
      if changed.isEmpty { return old }
      try changes(origin, session).save(
        &organisation, from: old, "organisation.update",
        changes: Dictionary(uniqueKeysWithValues: changed.map { ($0, "changed") }))
      return organisation
    }
  }

  func suspendOrganisation(
    _ request: Identity.SuspendOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    try await setState(
      .suspended, from: .active, of: request.id, "organisation.suspend", request.reason, context)
  }

  func reinstateOrganisation(
    _ request: Identity.ReinstateOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    try await setState(
      .active, from: .suspended, of: request.id, "organisation.reinstate", request.reason, context)
  }

  /// Suspends or reinstates. A closed organisation stays closed.
  private func setState(
    _ state: Identity.OrganisationState, from before: Identity.OrganisationState,
    of text: String, _ action: String, _ reason: String, _ context: CallContext
  ) async throws -> Identity.Organisation {
    var faults = FieldFaults()
    let id = faults.id(text, "id")
    faults.reason(reason)
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let old = try OrganisationStore.get(id, session)
      if old.state == state { return old }
      guard old.state == before else { throw IdentityError.refused(.organisationSuspended) }
      var organisation = old
      organisation.state = state
      try changes(origin, session).save(
        &organisation, from: old, action, reason: reason,
        changes: ["state": "\(old.state.name) -> \(state.name)"])
      return organisation
    }
  }

  func closeOrganisation(
    _ request: Identity.CloseOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    let id = try ownID(request.id, context)
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let old = try OrganisationStore.get(id, session)
      if old.state == .closed { return old }
      guard old.state == .active else { throw IdentityError.refused(.organisationSuspended) }
      // What identity itself knows to be under way; the other services hear of the closing by its
      // event and let nothing new begin.
      guard try CaseStore.findOpen(of: id, session) == nil else {
        throw IdentityError.refused(.organisationBusy)
      }
      var organisation = old
      organisation.state = .closed
      try changes(origin, session).save(
        &organisation, from: old, "organisation.close",
        changes: ["state": "ACTIVE -> CLOSED"])
      return organisation
    }
  }

  /// The id of an organisation that must be the caller's to see.
  func ownID(
    _ text: String, _ field: String = "id", _ context: CallContext
  ) throws(RPCError) -> UUID {
    var faults = FieldFaults()
    let id = faults.id(text, field)
    try faults.check()
    try context.caller.requireOwner(of: id)
    return id
  }

  private func ownID(_ text: String, _ context: CallContext) throws(RPCError) -> UUID {
    try ownID(text, "id", context)
  }
}
