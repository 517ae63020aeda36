internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes

/// Invitations to join an organisation. The token goes to the invited contact alone; the database has
/// its digest.
extension OrganisationHandler {
  /// How long an invitation stays open.
  private static var lifetime: Duration { .seconds(14 * 86_400) }
  private static var tokenByteCount: Int { 24 }

  func createInvitation(
    _ request: Identity.CreateInvitationRequest, _ context: CallContext
  ) async throws -> Identity.Invitation {
    let organisationID = try ownID(request.organisationId, "organisation_id", context)
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let address = faults.contact(request.contactAddress, "contact_address")
    let roles = faults.roles(request.roles)
    faults.text(request.note, "note", lengthMax: 500, isParagraph: true)
    try faults.check()
    let caller = context.caller
    return try await environment.once(request, id: id, context) { session, origin in
      let organisation = try OrganisationStore.get(organisationID, session)
      try checkActive(organisation)
      try checkMayGive(roles, caller, organisation, session)
      let token = Base64URL.text(environment.random.bytes(Self.tokenByteCount))
      let invitation = Identity.Invitation(
        id: id.description, stamp: SaraiType.AuditStamp(created: origin),
        organisationId: organisation.id, contactAddress: address?.text ?? "",
        roles: roles.messages, note: request.note, state: .open,
        expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt + Self.lifetime))
      try InvitationStore.insert(
        InvitationRecord(message: invitation, tokenDigest: SHA256.digest(token)), session)
      try environment.send(
        .invitation(organisation: organisation.name?.shown ?? "", id: id, token: token),
        to: invitation.contactAddress, of: nil, at: origin.occurredAt, session)
      try AuditLog.add(
        "invitation.create", to: "invitation", id, in: organisationID,
        changes: ["roles": roles.names, "contact_address": "changed"], by: origin,
        session: session)
      return invitation
    }
  }

  func listInvitations(
    _ request: Identity.ListInvitationsRequest, _ context: CallContext
  ) async throws -> Identity.ListInvitationsResponse {
    let id = try ownID(request.organisationId, "organisation_id", context)
    let page = try context.page(\.page, of: request)
    let now = environment.time.sinceEpoch()
    let found = try await environment.database.read { session in
      try InvitationStore.list(
        of: id, request.state, before: page.after, at: now, countMax: page.size + 1, session)
    }
    let (items, answer) = page.cut(found.map { $0.message(at: now) }) {
      [String($0.stamp?.createdAt?.sinceEpoch.wholeMicroseconds ?? 0), $0.id]
    }
    return Identity.ListInvitationsResponse(invitations: items, page: answer)
  }

  func revokeInvitation(
    _ request: Identity.RevokeInvitationRequest, _ context: CallContext
  ) async throws -> Identity.Invitation {
    let caller = context.caller
    return try await answer(request.id, .revoked, "invitation.revoke", context) { record, session in
      try caller.requireOwner(of: UUID(record.message.organisationId))
    }
  }

  func declineInvitation(
    _ request: Identity.DeclineInvitationRequest, _ context: CallContext
  ) async throws -> Identity.Invitation {
    let digest = SHA256.digest(request.token)
    return try await answer(request.id, .declined, "invitation.decline", context) { record, _ in
      // Who has no token is told nothing, not even that there is an invitation.
      guard digest.equalsInConstantTime(record.tokenDigest) else {
        throw IdentityError.notFound("Invitation")
      }
    }
  }

  func acceptInvitation(
    _ request: Identity.AcceptInvitationRequest, _ context: CallContext
  ) async throws -> Identity.Membership {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.secret(request.token, "token")
    try faults.check()
    let digest = SHA256.digest(request.token)
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var record = try InvitationStore.get(id, session)
      guard digest.equalsInConstantTime(record.tokenDigest) else {
        throw IdentityError.notFound("Invitation")
      }
      let organisationID = UUID(record.message.organisationId) ?? .null
      switch record.state(at: origin.occurredAt) {
      case .open: break
      case .accepted:
        // The token proves a contact once; for who accepted it nothing changes.
        guard record.answeredBy == person else { throw IdentityError.refused(.tokenSpent) }
        guard let present = try MembershipStore.find(of: person, in: organisationID, session) else {
          throw IdentityError.refused(.invitationClosed)
        }
        return present.message
      default: throw IdentityError.refused(.invitationClosed)
      }
      try checkActive(try OrganisationStore.get(organisationID, session))
      record.message.state = .accepted
      record.message.stamp?.change(by: origin)
      record.answeredBy = person
      try InvitationStore.update(record, session)
      let roles = RoleRules.roles(record.message.roles) ?? []
      try AuditLog.add(
        "invitation.accept", to: "invitation", id, in: organisationID, by: origin,
        session: session)
      return try changes(origin, session).join(person, organisationID, roles).message
    }
  }

  /// Closes an open invitation without a membership.
  private func answer(
    _ text: String, _ state: Identity.InvitationState, _ action: String, _ context: CallContext,
    _ allow: @escaping @Sendable (InvitationRecord, any SQLSession) throws -> Void
  ) async throws -> Identity.Invitation {
    var faults = FieldFaults()
    let id = faults.id(text, "id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var record = try InvitationStore.get(id, session)
      try allow(record, session)
      let present = record.state(at: origin.occurredAt)
      if present == state { return record.message }
      guard present == .open else { throw IdentityError.refused(.invitationClosed) }
      record.message.state = state
      record.message.stamp?.change(by: origin)
      try InvitationStore.update(record, session)
      try AuditLog.add(
        action, to: "invitation", id, in: UUID(record.message.organisationId), by: origin,
        session: session)
      return record.message
    }
  }
}
