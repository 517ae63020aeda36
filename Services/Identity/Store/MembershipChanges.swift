internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import Storage
internal import TypeContracts

/// Changes of organisations and memberships, each with its relation tuples, audit entry and event in
/// one transaction.
struct MembershipChanges {
  let feed: EventFeed
  let newID: () -> UUID
  let origin: Origin
  let session: any SQLSession

  init(feed: EventFeed, newID: @escaping () -> UUID, origin: Origin, session: any SQLSession) {
    self.feed = feed
    self.newID = newID
    self.origin = origin
    self.session = session
  }

  // MARK: Organisations

  /// Founds an organisation.
  func found(_ organisation: Identity.Organisation, owner: UUID) throws -> Identity.Organisation {
    var organisation = organisation
    organisation.stamp = SaraiType.AuditStamp(created: origin)
    organisation.state = .active
    organisation.verificationState = .unverified
    try OrganisationStore.insert(organisation, session)
    let id = UUID(organisation.id) ?? .null
    try feed.add(.organisationCreated, of: id, by: origin, session: session) {
      $0.organisation = organisation
    }
    try AuditLog.add(
      "organisation.create", to: "organisation", id, in: id, by: origin, session: session)
    _ = try join(owner, id, [.owner])
    return organisation
  }

  /// Writes an organisation that has changed.
  func save(
    _ organisation: inout Identity.Organisation, from old: Identity.Organisation,
    _ action: String, reason: String = "", changes: [String: String] = [:]
  ) throws {
    organisation.stamp?.change(by: origin)
    try OrganisationStore.update(organisation, from: old, session)
    let id = UUID(organisation.id) ?? .null
    try feed.add(.organisationChanged, of: id, by: origin, session: session) {
      [organisation] in $0.organisation = organisation
    }
    try AuditLog.add(
      action, to: "organisation", id, in: id, reason: reason, changes: changes, by: origin,
      session: session)
  }

  // MARK: Memberships

  /// Makes a person a member; one who is a member keeps the roles and gets the new ones as well.
  func join(
    _ person: UUID, _ organisation: UUID, _ roles: Set<Role>
  ) throws -> MembershipRecord {
    if let present = try MembershipStore.find(of: person, in: organisation, session) {
      return try setRoles(of: present, to: present.roles.union(roles))
    }
    let name = try PersonStore.get(person, session).displayName
    let one = MembershipRecord(
      id: newID(), organisationID: organisation, personID: person, roles: roles,
      joinedAt: origin.occurredAt, stamp: SaraiType.AuditStamp(created: origin), displayName: name)
    try MembershipStore.insert(one, session)
    try finish(one, .membershipChanged, "membership.begin", was: [])
    return one
  }

  /// Gives a member other roles.
  func setRoles(
    of membership: MembershipRecord, to roles: Set<Role>
  ) throws -> MembershipRecord {
    if membership.roles == roles { return membership }
    try keepOwner(membership, without: !roles.contains(.owner))
    var one = membership
    one.roles = roles
    one.stamp?.change(by: origin)
    try MembershipStore.update(one, session)
    try finish(one, .membershipChanged, "membership.set_roles", was: membership.roles)
    return one
  }

  /// Ends a membership and the person's sessions for the organisation.
  ///
  /// - Returns: those sessions, whose tokens are to be refused.
  func end(_ membership: MembershipRecord, keepsOwner: Bool = true) throws -> [UUID] {
    if keepsOwner { try keepOwner(membership, without: true) }
    var one = membership
    one.endedAt = origin.occurredAt
    one.stamp?.change(by: origin)
    try MembershipStore.update(one, session)
    let sessions = try SessionStore.endAll(
      of: one.personID, actingFor: one.organisationID, at: origin.occurredAt,
      newID: newID, session)
    one.roles = []
    try finish(one, .membershipEnded, "membership.end", was: membership.roles)
    return sessions
  }

  /// - Throws: `ownerLast` when nobody else would own the organisation.
  private func keepOwner(_ membership: MembershipRecord, without isLost: Bool) throws {
    guard isLost, membership.roles.contains(.owner) else { return }
    let owners = try MembershipStore.count(
      in: membership.organisationID, role: .owner, session)
    if owners <= 1 { throw IdentityError.refused(.ownerLast) }
  }

  private func finish(
    _ one: MembershipRecord, _ event: Identity.EventKind, _ action: String, was: Set<Role>
  ) throws {
    func facts(_ roles: Set<Role>) -> [RelationFact] {
      roles.map(\.name).sorted().map { .role($0, of: one.personID, in: one.organisationID) }
    }
    try RelationStore.write(
      adding: facts(one.roles.subtracting(was)), removing: facts(was.subtracting(one.roles)),
      at: origin.occurredAt, session)
    var message = one.message
    if event == .membershipEnded { message.roles = was.messages }
    try feed.add(event, of: one.id, by: origin, session: session) {
      $0.membership = message
    }
    try AuditLog.add(
      action, to: "membership", one.id, in: one.organisationID,
      changes: ["roles": "\(was.names) -> \(one.roles.names)"], by: origin, session: session)
  }
}
