import Access
import AccessTesting
import IdentityContracts
import Platform
import RPC
import Storage
import Testing
import TypeContracts

@testable import IdentityService

/// Nobody reaches another company's things, nor another person's, by any method.
@Suite struct AccessTests {
  private static let package = "sarai.identity.v1"

  @Test func `every method declares what it reaches`() throws {
    let undeclared = AccessMatrix.undeclared(
      .ofIdentity, package: Self.package, try ContractRules())
    #expect(undeclared == [])
  }

  @Test func `a method that declares nothing would be found`() throws {
    var some = [String: Reach].ofIdentity
    some["VerificationService.GetCase"] = nil
    some["SessionService.SignOut"] = .programme
    #expect(
      AccessMatrix.undeclared(some, package: Self.package, try ContractRules()) == [
        "SessionService.SignOut is declared as programme, which its access rule is not",
        "VerificationService.GetCase does not declare what it reaches",
      ])
  }

  @Test func `no role of another company reaches anything by any method`() async throws {
    try await TestIdentity.run { identity in
      let company = try await Company(identity)
      let contracts = try ContractRules()
      let matrix = AccessMatrix(
        AccessProbe(identity.transport, contracts), contracts, .ofIdentity, names: company.names,
        tokens: company.tokens)
      let (faults, calls) = await matrix.run(package: Self.package)
      #expect(faults == [], "\(faults.joined(separator: "\n"))")
      #expect(calls > 500)
    }
  }

  /// A company with all that methods name by an id, and tokens for who sits in it and in another.
  private struct Company {
    let names: [String: String]
    let tokens: @Sendable (AccessMatrix.Seat) -> String

    init(_ identity: TestIdentity) async throws {
      let owner = try await identity.someone()
      let now = identity.time.sinceEpoch()
      let company = identity.environment.newID()
      let signing = try await identity.environment.database.read { session in
        try Self.seats().map { seat in
          let token = AccessToken(
            .person(
              seat.isOwner ? UUID(owner.id) ?? .null : identity.environment.newID(),
              session: seat.isOwner
                ? UUID(owner.sessionID) ?? .null : identity.environment.newID(),
              assurance: .twoFactors, signedInAt: now),
            organisation: seat.isOwner ? company : identity.environment.newID(),
            roles: Set([seat.role].compactMap(\.self)), steppedUpAt: now,
            id: identity.environment.newID(), at: now)
          return (seat, try identity.environment.tokens.sign(token, session))
        }
      }
      let texts = Dictionary(uniqueKeysWithValues: signing)
      tokens = { texts[$0] ?? "" }
      let token = texts[AccessMatrix.Seat(role: .owner, isOwner: true)] ?? ""

      let transport = identity.transport
      let organisations = Identity.OrganisationServiceClient(transport)
      _ = try await organisations.createOrganisation(
        Identity.CreateOrganisationRequest(
          id: "\(company)",
          organisation: Identity.Organisation(
            kind: .company, name: SaraiType.LocalizedText(en: "Ali Sports"),
            timeZone: "Asia/Karachi")), options: identity.by(token))
      var names = ["company": "\(company)", "new": identity.newID(), "session": owner.sessionID]
      for name in ["invitation", "apiKey", "case", "document", "factor", "erasure"] {
        names[name] = identity.newID()
      }
      _ = try await organisations.createInvitation(
        Identity.CreateInvitationRequest(
          id: names["invitation"] ?? "", organisationId: "\(company)",
          contactAddress: "staff@example.pk", roles: [.viewer]), options: identity.by(token))
      let members = try await organisations.listMemberships(
        Identity.ListMembershipsRequest(organisationId: "\(company)"),
        options: identity.by(token))
      names["membership"] = members.memberships.first?.id
      _ = try await Identity.CredentialServiceClient(transport).createApiKey(
        Identity.CreateApiKeyRequest(
          id: names["apiKey"] ?? "", organisationId: "\(company)", label: "shop",
          permissions: ["catalog.stock.read"]), options: identity.by(token))
      let cases = Identity.VerificationServiceClient(transport)
      _ = try await cases.createCase(
        Identity.CreateCaseRequest(id: names["case"] ?? "", organisationId: "\(company)"),
        options: identity.by(token))
      let upload = Identity.UploadCaseDocumentRequest(
        id: names["document"] ?? "", caseId: names["case"] ?? "", kind: .taxCertificate,
        fileName: "ntn.pdf", chunk: Array("%PDF-1.4\n%%EOF\n".utf8))
      _ = try await cases.uploadCaseDocument(options: identity.by(token)) { requests in
        try await requests.send(upload)
      }
      let me = try await identity.accounts.getMe(
        Identity.GetMeRequest(), options: identity.by(token))
      names["contact"] = me.person?.contacts.first?.id
      _ = try await identity.factors.beginTotp(
        Identity.BeginTotpRequest(id: names["factor"] ?? "", label: "phone"),
        options: identity.by(token))
      // Who owns a company cannot leave.
      let leaver = try await identity.someone("bilal@example.pk")
      _ = try await identity.accounts.requestErasure(
        Identity.RequestErasureRequest(id: names["erasure"] ?? ""),
        options: identity.by(leaver.token))
      self.names = names
    }

    private static func seats() -> [AccessMatrix.Seat] {
      [true, false].flatMap { isOwner in
        ([nil] + Role.allCases).map { AccessMatrix.Seat(role: $0, isOwner: isOwner) }
      }
    }
  }
}
