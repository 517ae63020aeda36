import Access
import AccessTesting
import IdentityContracts
import Platform
import RPC
import Storage
import TypeContracts

@testable import IdentityService

extension TestIdentity {
  /// A company and a person with all that methods name by an id, and tokens for who sits in the
  /// company and in others.
  func accessScene() async throws -> AccessMatrix.Scene {
    let (person, own) = try await personScene()
    let (seats, company) = try await companyScene()
    let owner = seats[AccessMatrix.Seat(role: .owner, isOwner: true)] ?? ""
    let organisation = company["company"] ?? ""
    let service = "/sarai.identity.v1."
    return AccessMatrix.Scene(
      names: own.merging(company) { $1 }, person: person, seats: seats, newID: { newID() },
      views: [
        (person, service + "AccountService/GetMe", "{}"),
        (person, service + "AccountService/GetErasure", #"{"id":"\#(own["erasure"] ?? "")"}"#),
        (person, service + "AuthenticatorService/ListAuthenticators", "{}"),
        (person, service + "SessionService/ListSessions", "{}"),
        (owner, service + "OrganisationService/GetOrganisation", #"{"id":"\#(organisation)"}"#),
        (
          owner, service + "OrganisationService/ListInvitations",
          #"{"organisationId":"\#(organisation)"}"#
        ),
        (
          owner, service + "OrganisationService/ListMemberships",
          #"{"organisationId":"\#(organisation)"}"#
        ),
        (
          owner, service + "CredentialService/ListApiKeys",
          #"{"organisationId":"\#(organisation)"}"#
        ),
        (owner, service + "VerificationService/GetCase", #"{"id":"\#(company["case"] ?? "")"}"#),
      ])
  }

  /// Who owns nothing but what is a person's own, leaves, and has changed their mind about nothing yet.
  private func personScene() async throws -> (token: String, names: [String: String]) {
    let someone = try await someone("\(newID())@example.pk")
    let token = try await environment.database.read { session in
      try steppedUp(UUID(someone.id), session: UUID(someone.sessionID), in: session)
    }
    let by = by(token)
    let names = ["factor": newID(), "erasure": newID(), "session": someone.sessionID]
    _ = try await factors.beginTotp(
      Identity.BeginTotpRequest(id: names["factor"] ?? "", label: "phone"), options: by)
    _ = try await accounts.requestErasure(
      Identity.RequestErasureRequest(id: names["erasure"] ?? ""), options: by)
    let contact = try await accounts.addContact(
      Identity.AddContactRequest(id: newID(), address: "\(newID())@example.pk"), options: by)
    return (token, names.merging(["contact": contact.id]) { $1 })
  }

  private func companyScene() async throws -> (
    seats: [AccessMatrix.Seat: String], names: [String: String]
  ) {
    let owner = try await someone("\(newID())@example.pk")
    let company = environment.newID()
    let seats = try await seats(of: owner, company: company)
    let by = by(seats[AccessMatrix.Seat(role: .owner, isOwner: true)] ?? "")
    let organisations = Identity.OrganisationServiceClient(transport)
    _ = try await organisations.createOrganisation(
      Identity.CreateOrganisationRequest(
        id: "\(company)",
        organisation: Identity.Organisation(
          kind: .company, name: SaraiType.LocalizedText(en: "Ali Sports"),
          timeZone: "Asia/Karachi")), options: by)
    var names = ["company": "\(company)"]
    for name in ["invitation", "apiKey", "case", "document"] { names[name] = newID() }
    _ = try await organisations.createInvitation(
      Identity.CreateInvitationRequest(
        id: names["invitation"] ?? "", organisationId: "\(company)",
        contactAddress: "staff@example.pk", roles: [.viewer]), options: by)
    let members = try await organisations.listMemberships(
      Identity.ListMembershipsRequest(organisationId: "\(company)"), options: by)
    names["membership"] = members.memberships.first?.id
    _ = try await Identity.CredentialServiceClient(transport).createApiKey(
      Identity.CreateApiKeyRequest(
        id: names["apiKey"] ?? "", organisationId: "\(company)", label: "shop",
        permissions: ["catalog.stock.read"]), options: by)
    let cases = Identity.VerificationServiceClient(transport)
    _ = try await cases.createCase(
      Identity.CreateCaseRequest(id: names["case"] ?? "", organisationId: "\(company)"),
      options: by)
    let upload = Identity.UploadCaseDocumentRequest(
      id: names["document"] ?? "", caseId: names["case"] ?? "", kind: .taxCertificate,
      fileName: "ntn.pdf", chunk: Array("%PDF-1.4\n%%EOF\n".utf8))
    _ = try await cases.uploadCaseDocument(options: by) { requests in
      try await requests.send(upload)
    }
    return (seats, names)
  }

  /// Tokens, stepped up, of the owner and of strangers.
  private func seats(of owner: Someone, company: UUID) async throws -> [AccessMatrix.Seat: String] {
    try await environment.database.read { session in
      var tokens: [AccessMatrix.Seat: String] = [:]
      for role in [nil] + Role.allCases {
        tokens[AccessMatrix.Seat(role: role, isOwner: true)] = try steppedUp(
          UUID(owner.id), session: UUID(owner.sessionID), organisation: company, role, in: session)
        tokens[AccessMatrix.Seat(role: role, isOwner: false)] = try steppedUp(
          environment.newID(), session: environment.newID(), organisation: environment.newID(),
          role, in: session)
      }
      return tokens
    }
  }

  private func steppedUp(
    _ person: UUID?, session: UUID?, organisation: UUID? = nil, _ role: Role? = nil,
    in sql: any SQLSession
  ) throws -> String {
    let now = time.sinceEpoch()
    let token = AccessToken(
      .person(
        person ?? .null, session: session ?? .null, assurance: .twoFactors, signedInAt: now),
      organisation: organisation, roles: Set([role].compactMap(\.self)), steppedUpAt: now,
      id: environment.newID(), at: now)
    return try environment.tokens.sign(token, sql)
  }
}
