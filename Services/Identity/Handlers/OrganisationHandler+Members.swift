internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage

/// Members of organisations, and who owns them.
extension OrganisationHandler {
  func listMemberships(
    _ request: Identity.ListMembershipsRequest, _ context: CallContext
  ) async throws -> Identity.ListMembershipsResponse {
    let id = try ownID(request.organisationId, "organisation_id", context)
    let page = try context.page(\.page, of: request)
    let role = Role(rawValue: request.role.rawValue)
    if request.role != .unspecified, role == nil {
      throw FieldFaults.error("role", "UNKNOWN", "give a role of the list")
    }
    let (found, total) = try await environment.database.read { session in
      (
        try MembershipStore.list(
          in: id, role: role, after: page.after, countMax: page.size + 1, session),
        page.countsTotal ? try MembershipStore.count(in: id, role: role, session) : nil
      )
    }
    let keys = Dictionary(
      found.map { ($0.id.description, $0.nameKey) }, uniquingKeysWith: { first, _ in first })
    let (items, answer) = page.cut(found.map(\.message), total: total) {
      [keys[$0.id] ?? "", $0.id]
    }
    return Identity.ListMembershipsResponse(memberships: items, page: answer)
  }

  func setMembershipRoles(
    _ request: Identity.SetMembershipRolesRequest, _ context: CallContext
  ) async throws -> Identity.Membership {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let roles = faults.roles(request.roles)
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let (membership, organisation) = try member(id, caller, session)
      guard membership.endedAt == nil else { throw IdentityError.notFound("Membership") }
      try membership.stamp.check(expected: request.expectedVersion)
      if membership.roles == roles { return membership.message }
      try checkActive(organisation)
      try checkMayGive(roles.union(membership.roles), caller, organisation, session)
      return try changes(origin, session).setRoles(of: membership, to: roles).message
    }
  }

  func removeMembership(
    _ request: Identity.RemoveMembershipRequest, _ context: CallContext
  ) async throws -> Identity.RemoveMembershipResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    let ended = try await environment.database.write { session in
      let (membership, organisation) = try member(id, caller, session)
      if membership.endedAt != nil { return [UUID]() }
      try checkMayGive(membership.roles, caller, organisation, session)
      return try changes(origin, session).end(membership)
    }
    environment.refuse(ended)
    return Identity.RemoveMembershipResponse()
  }

  func leaveOrganisation(
    _ request: Identity.LeaveOrganisationRequest, _ context: CallContext
  ) async throws -> Identity.LeaveOrganisationResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    let origin = environment.origin(context)
    let ended = try await environment.database.write { session in
      guard let membership = try MembershipStore.find(of: person, in: id, session) else {
        guard try MembershipStore.hasEnded(of: person, in: id, session) else {
          throw IdentityError.notFound("Organisation")
        }
        return [UUID]()
      }
      return try changes(origin, session).end(membership)
    }
    environment.refuse(ended)
    return Identity.LeaveOrganisationResponse()
  }

  func transferOwnership(
    _ request: Identity.TransferOwnershipRequest, _ context: CallContext
  ) async throws -> Identity.Organisation {
    let person = try context.person()
    let id = try ownID(request.id, "id", context)
    var faults = FieldFaults()
    let newOwner = faults.id(request.newOwnerId, "new_owner_id")
    if newOwner == person {
      faults.add("new_owner_id", "SAME_PERSON", "name another member")
    }
    try faults.check()
    return try await environment.keyed(request, context) { session, origin in
      let organisation = try OrganisationStore.get(id, session)
      try checkActive(organisation)
      guard let old = try MembershipStore.find(of: person, in: id, session),
        old.roles.contains(.owner)
      else { throw IdentityError.notFound("Organisation") }
      guard let new = try MembershipStore.find(of: newOwner, in: id, session) else {
        throw IdentityError.refused(.memberMissing)
      }
      guard try FactorStore.hasFactor(newOwner, session) else {
        throw IdentityError.refused(.factorNeeded)
      }
      let changes = changes(origin, session)
      _ = try changes.setRoles(of: new, to: RoleRules.onBecomingOwner(new.roles))
      _ = try changes.setRoles(of: old, to: RoleRules.onHandingOver(old.roles))
      return organisation
    }
  }

  // MARK: Rules that need the store

  /// A membership that the caller may see, with its organisation.
  private func member(
    _ id: UUID, _ caller: Caller, _ session: any SQLSession
  ) throws -> (MembershipRecord, Identity.Organisation) {
    guard let membership = try MembershipStore.find(id, session) else {
      throw IdentityError.notFound("Membership")
    }
    try caller.requireOwner(of: membership.organisationID)
    return (membership, try OrganisationStore.get(membership.organisationID, session))
  }

  func checkActive(_ organisation: Identity.Organisation) throws(IdentityError) {
    guard organisation.state == .active else { throw .refused(.organisationSuspended) }
  }

  /// The caller's roles are those of the moment, not those that the token was made with.
  func checkMayGive(
    _ roles: Set<Role>, _ caller: Caller, _ organisation: Identity.Organisation,
    _ session: any SQLSession
  ) throws {
    let giver: Set<Role>
    if let person = caller.personID {
      giver = try MembershipStore.roles(
        of: person, in: UUID(organisation.id) ?? .null, session)
    } else {
      // A key that was given `identity.member.write` does what an administrator does.
      giver = [.administrator]
    }
    guard RoleRules.mayGive(roles, as: giver, in: organisation.kind) else {
      throw IdentityError.refused(.roleTooHigh)
    }
  }
}

extension FieldFaults {
  /// Roles for a member.
  mutating func roles(_ roles: [Identity.Role]) -> Set<Role> {
    range(roles.count, "roles", 1...RoleRules.countMax)
    guard let known = RoleRules.roles(roles) else {
      add("roles", "UNKNOWN", "give roles of the list")
      return []
    }
    return known
  }
}
