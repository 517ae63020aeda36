import Access
import IdentityContracts
import Platform
import RPC
import Storage
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes

@testable import IdentityService

@Suite struct OrganisationHandlerTests {
  @Test(arguments: Engine.allCases)
  func `who creates a company owns it, and all of that is told at once`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let company = try await identity.company()
      #expect(company.organisation.state == .active)
      #expect(company.organisation.verificationState == .unverified)
      let members = try await identity.organisations.listMemberships(
        Identity.ListMembershipsRequest(organisationId: company.id),
        options: identity.by(company.token))
      #expect(members.memberships.map(\.personId) == [company.owner.id])
      #expect(members.memberships.first?.roles == [.owner])
      #expect(members.memberships.first?.displayName == "Ayesha Khan")
      let kinds = try await identity.events().map(\.kind)
      // Events of different things at one instant come in no particular order.
      #expect(Set(kinds).isSuperset(of: [.organisationCreated, .membershipChanged]))
      let check = try await identity.relations.checkRelation(
        Identity.CheckRelationRequest(
          tuple: RelationFact.role(
            "member", of: UUID(company.owner.id) ?? .null, in: UUID(company.id) ?? .null
          ).message), options: identity.by(try await identity.token(.platformOperator)))
      #expect(check.allowed)
      let actions = try await identity.auditActions()
      #expect(actions.suffix(2) == ["organisation.create", "membership.begin"])
    }
  }

  @Test func `the same creation answers the same, and another under its id is refused`()
    async throws
  {
    try await TestIdentity.run { identity in
      let owner = try await identity.someone()
      var request = Identity.CreateOrganisationRequest(
        id: identity.newID(), organisation: .test("Kasur Leather"))
      let first = try await identity.organisations.createOrganisation(
        request, options: identity.by(owner.token))
      let again = try await identity.organisations.createOrganisation(
        request, options: identity.by(owner.token))
      #expect(first == again)
      request.organisation?.legalName = "Another"
      let changed = request
      let refusal = await identity.refusal {
        try await identity.organisations.createOrganisation(
          changed, options: identity.by(owner.token))
      }
      #expect(refusal == "ID_REUSED")
    }
  }

  @Test func `only a platform operator makes an authority`() async throws {
    try await TestIdentity.run { identity in
      let owner = try await identity.someone()
      var authority = Identity.Organisation.test("Trade Authority")
      authority.kind = .authority
      let request = Identity.CreateOrganisationRequest(
        id: identity.newID(), organisation: authority)
      let refusal = await identity.refusal {
        try await identity.organisations.createOrganisation(
          request, options: identity.by(owner.token))
      }
      #expect(refusal == "PERMISSION_MISSING")
      let token = try await identity.token(
        of: owner.id, in: identity.newID(), .platformOperator)
      let made = try await identity.organisations.createOrganisation(
        request, options: identity.by(token))
      #expect(made.kind == .authority)
    }
  }

  @Test func `another company's organisation is not there`() async throws {
    try await TestIdentity.run { identity in
      let mine = try await identity.company("Mine")
      let theirs = try await identity.company("Theirs", owner: "bilal@example.pk")
      for id in [theirs.id, identity.newID()] {
        let refusal = await identity.refusal {
          try await identity.organisations.getOrganisation(
            Identity.GetOrganisationRequest(id: id), options: identity.by(mine.token))
        }
        #expect(refusal == "notFound")
      }
      let officer = try await identity.token(.officer)
      let seen = try await identity.organisations.getOrganisation(
        Identity.GetOrganisationRequest(id: theirs.id), options: identity.by(officer))
      #expect(seen.id == theirs.id)
    }
  }

  @Test func `an update changes what its mask names, from the version it was based on`()
    async throws
  {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      var request = Identity.UpdateOrganisationRequest(
        id: company.id, expectedVersion: 1,
        organisation: Identity.Organisation(legalName: "", employeeCount: 40),
        updateMask: GoogleProtobuf.FieldMask(paths: ["employee_count"]))
      let updated = try await identity.organisations.updateOrganisation(
        request, options: identity.by(company.token))
      #expect(updated.employeeCount == 40)
      #expect(updated.legalName == company.organisation.legalName)
      #expect(updated.stamp?.version == 2)
      let stale = request
      #expect(
        await identity.refusal {
          try await identity.organisations.updateOrganisation(
            stale, options: identity.by(company.token))
        } == "VERSION_MISMATCH")
      request.expectedVersion = 0
      for path in ["id", "state", "verification_state", "nonsense"] {
        request.updateMask = GoogleProtobuf.FieldMask(paths: [path])
        let wrong = request
        #expect(
          await identity.refusal {
            try await identity.organisations.updateOrganisation(
              wrong, options: identity.by(company.token))
          } == "FIELD_INVALID")
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `a search finds beginnings of words, sectors and provinces, in the order of names`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let owner = try await identity.someone()
      for name in ["Zahra Balls", "Ball House", "Café Multan", "Ballistic"] {
        _ = try await identity.company(name, of: owner)
      }
      let officer = try await identity.token(.officer)
      func search(_ query: String, sector: String = "") async throws -> [String] {
        var names: [String] = []
        var request = Identity.SearchOrganisationsRequest(
          page: SaraiType.PageRequest(size: 1), query: query, sectorCode: sector)
        repeat {
          let answer = try await identity.organisations.searchOrganisations(
            request, options: identity.by(officer))
          names += answer.organisations.map { $0.name?.en ?? "" }
          request.page?.cursor = answer.page?.nextCursor ?? ""
        } while request.page?.cursor != ""
        return names
      }
      #expect(try await search("ball") == ["Ball House", "Ballistic", "Zahra Balls"])
      #expect(try await search("cafe mul") == ["Café Multan"])
      #expect(try await search("ball hou") == ["Ball House"])
      #expect(try await search("all").isEmpty)
      #expect(try await search("", sector: "sports-goods").count == 4)
      #expect(try await search("", sector: "sports").isEmpty)
      let mine = try await identity.organisations.listMyOrganisations(
        Identity.ListMyOrganisationsRequest(page: SaraiType.PageRequest(countTotal: true)),
        options: identity.by(owner.token))
      #expect(mine.page?.totalCount == 4)
    }
  }

  @Test func `a suspended organisation is read and not changed, a closed one never opens`()
    async throws
  {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      let officer = identity.by(try await identity.token(.officer))
      let suspend = Identity.SuspendOrganisationRequest(id: company.id, reason: "false papers")
      let suspended = try await identity.organisations.suspendOrganisation(
        suspend, options: officer)
      #expect(suspended.state == .suspended)
      let again = try await identity.organisations.suspendOrganisation(suspend, options: officer)
      #expect(again == suspended)
      let update = Identity.UpdateOrganisationRequest(
        id: company.id, organisation: .test("New"),
        updateMask: GoogleProtobuf.FieldMask(paths: ["name"]))
      #expect(
        await identity.refusal {
          try await identity.organisations.updateOrganisation(
            update, options: identity.by(company.token))
        } == "ORGANISATION_SUSPENDED")
      let reinstate = Identity.ReinstateOrganisationRequest(id: company.id, reason: "cleared")
      _ = try await identity.organisations.reinstateOrganisation(reinstate, options: officer)
      let closed = try await identity.organisations.closeOrganisation(
        Identity.CloseOrganisationRequest(id: company.id), options: identity.by(company.token))
      #expect(closed.state == .closed)
      #expect(
        await identity.refusal {
          try await identity.organisations.reinstateOrganisation(reinstate, options: officer)
        } == "ORGANISATION_SUSPENDED")
    }
  }

  // MARK: Members

  @Test(arguments: Engine.allCases)
  func `an invitation is accepted once, by its token, and makes a member`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let company = try await identity.company()
      let guest = try await identity.someone("bilal@example.pk")
      let membership = try await identity.join(guest, company, .seller, .warehouse)
      #expect(membership.roles == [.seller, .warehouse])
      let token = try await identity.invitationToken(for: guest.address)
      let list = try await identity.organisations.listInvitations(
        Identity.ListInvitationsRequest(organisationId: company.id),
        options: identity.by(company.token))
      let invitation = try #require(list.invitations.first)
      #expect(invitation.state == .accepted)
      let accept = Identity.AcceptInvitationRequest(id: invitation.id, token: token)
      let again = try await identity.organisations.acceptInvitation(
        accept, options: identity.by(guest.token))
      #expect(again == membership)
      let thief = try await identity.someone("thief@example.pk")
      #expect(
        await identity.refusal {
          try await identity.organisations.acceptInvitation(
            accept, options: identity.by(thief.token))
        } == "TOKEN_SPENT")
      let stored = try await identity.environment.database.read { session in
        try InvitationStore.get(UUID(invitation.id) ?? .null, session)
      }
      #expect(!String(describing: stored).contains(token))
    }
  }

  @Test func `an invitation ends by being declined, revoked or left alone for 14 days`()
    async throws
  {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      func invite() async throws -> (Identity.Invitation, String) {
        let invitation = try await identity.organisations.createInvitation(
          Identity.CreateInvitationRequest(
            id: identity.newID(), organisationId: company.id,
            contactAddress: "guest@example.pk", roles: [.viewer]),
          options: identity.by(company.token))
        return (invitation, try await identity.invitationToken(for: "guest@example.pk"))
      }
      let (first, token) = try await invite()
      #expect(
        await identity.refusal {
          try await identity.organisations.declineInvitation(
            Identity.DeclineInvitationRequest(id: first.id, token: "guess"),
            options: identity.by())
        } == "notFound")
      let declined = try await identity.organisations.declineInvitation(
        Identity.DeclineInvitationRequest(id: first.id, token: token), options: identity.by())
      #expect(declined.state == .declined)
      #expect(
        await identity.refusal {
          try await identity.organisations.revokeInvitation(
            Identity.RevokeInvitationRequest(id: first.id), options: identity.by(company.token))
        } == "INVITATION_CLOSED")
      identity.time.advance(by: .seconds(1))
      let (second, secondToken) = try await invite()
      identity.time.advance(by: .seconds(14 * 86_400))
      #expect(
        await identity.refusal {
          try await identity.organisations.declineInvitation(
            Identity.DeclineInvitationRequest(id: second.id, token: secondToken),
            options: identity.by())
        } == "INVITATION_CLOSED")
      let token2 = try await identity.token(of: company.owner.id, in: company.id, .owner)
      let expired = try await identity.organisations.listInvitations(
        Identity.ListInvitationsRequest(organisationId: company.id, state: .expired),
        options: identity.by(token2))
      #expect(expired.invitations.map(\.id) == [second.id])
    }
  }

  @Test func `nobody gives more than they have, and a company keeps an owner`() async throws {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      let admin = try await identity.someone("admin@example.pk")
      let membership = try await identity.join(admin, company, .administrator)
      let token = try await identity.token(of: admin.id, in: company.id, .administrator)
      func invite(_ role: Identity.Role, _ token: String) async -> String? {
        await identity.refusal {
          try await identity.organisations.createInvitation(
            Identity.CreateInvitationRequest(
              id: identity.newID(), organisationId: company.id,
              contactAddress: "new@example.pk", roles: [role]), options: identity.by(token))
        }
      }
      #expect(await invite(.seller, token) == nil)
      #expect(await invite(.owner, token) == "ROLE_TOO_HIGH")
      #expect(await invite(.officer, company.token) == "ROLE_TOO_HIGH")
      let members = try await identity.organisations.listMemberships(
        Identity.ListMembershipsRequest(organisationId: company.id, role: .owner),
        options: identity.by(token))
      let owner = try #require(members.memberships.first)
      for call in [token, company.token] {
        let refusal = await identity.refusal {
          try await identity.organisations.removeMembership(
            Identity.RemoveMembershipRequest(id: owner.id), options: identity.by(call))
        }
        #expect(refusal == (call == token ? "ROLE_TOO_HIGH" : "OWNER_LAST"))
      }
      #expect(
        await identity.refusal {
          try await identity.organisations.leaveOrganisation(
            Identity.LeaveOrganisationRequest(organisationId: company.id),
            options: identity.by(company.token))
        } == "OWNER_LAST")
      let remove = Identity.RemoveMembershipRequest(id: membership.id)
      for _ in 0..<2 {
        _ = try await identity.organisations.removeMembership(
          remove, options: identity.by(company.token))
      }
      // The administrator's token still says what it said; the roles of the moment count.
      #expect(await invite(.seller, token) == "ROLE_TOO_HIGH")
      #expect(try await identity.events().last?.kind == .membershipEnded)
    }
  }

  @Test func `ownership goes to a member with a second factor`() async throws {
    try await TestIdentity.run { identity in
      let company = try await identity.company()
      let heir = try await identity.someone("heir@example.pk")
      let request = Identity.TransferOwnershipRequest(id: company.id, newOwnerId: heir.id)
      func transfer() async -> String? {
        await identity.refusal {
          try await identity.organisations.transferOwnership(
            request, options: identity.by(company.token))
        }
      }
      #expect(await transfer() == "MEMBER_MISSING")
      _ = try await identity.join(heir, company, .seller)
      #expect(await transfer() == "FACTOR_NEEDED")
      _ = try await identity.addFactor(heir)
      #expect(await transfer() == nil)
      let (old, new) = try await identity.environment.database.read { session in
        let id = UUID(company.id) ?? .null
        return (
          try MembershipStore.roles(of: UUID(company.owner.id) ?? .null, in: id, session),
          try MembershipStore.roles(of: UUID(heir.id) ?? .null, in: id, session)
        )
      }
      #expect(old == [.administrator])
      #expect(new == [.owner])
    }
  }
}
