import Access
import IdentityContracts
import Platform
import RPC
import Storage
import TypeContracts

@testable import IdentityService

extension TestIdentity {
  /// A token for somebody who acts for an organisation in these roles, stepped up just now.
  func token(
    of person: String, in organisation: String, _ roles: Role...
  ) async throws -> String {
    let now = time.sinceEpoch()
    let token = AccessToken(
      .person(
        UUID(person) ?? .null, session: environment.newID(), assurance: .twoFactors,
        signedInAt: now),
      organisation: UUID(organisation), roles: Set(roles), steppedUpAt: now,
      id: environment.newID(), at: now)
    return try await environment.database.read { session in
      try environment.tokens.sign(token, session)
    }
  }

  /// A company and who owns it.
  struct Company: Sendable {
    var owner: Someone
    var organisation: Identity.Organisation
    /// The owner's token for it.
    var token: String

    var id: String { organisation.id }
  }

  /// Founds a company.
  func company(
    _ name: String = "Sialkot Sports", owner address: String = "ayesha@example.pk"
  ) async throws -> Company {
    let owner = try await someone(address)
    return try await company(name, of: owner)
  }

  /// Founds a company of somebody.
  func company(_ name: String, of owner: Someone) async throws -> Company {
    let organisation = try await organisations.createOrganisation(
      Identity.CreateOrganisationRequest(id: newID(), organisation: .test(name)),
      options: by(owner.token))
    return Company(
      owner: owner, organisation: organisation,
      token: try await token(of: owner.id, in: organisation.id, .owner))
  }

  /// Makes somebody a member, by invitation.
  func join(
    _ someone: Someone, _ company: Company, _ roles: Identity.Role...
  ) async throws -> Identity.Membership {
    // Messages of one millisecond have no order.
    time.advance(by: .milliseconds(2))
    let invitation = try await organisations.createInvitation(
      Identity.CreateInvitationRequest(
        id: newID(), organisationId: company.id, contactAddress: someone.address, roles: roles),
      options: by(company.token))
    return try await organisations.acceptInvitation(
      Identity.AcceptInvitationRequest(
        id: invitation.id, token: try await invitationToken(for: someone.address)),
      options: by(someone.token))
  }

  /// The token of the newest invitation to an address.
  func invitationToken(for address: String) async throws -> String {
    let text = try await mail(to: address).first?.text ?? ""
    let words = text.split(separator: " ").map { $0.trimmed(".") }
    return words.drop { $0 != "token" }.dropFirst().first ?? ""
  }
}

extension Substring {
  fileprivate func trimmed(_ character: Character) -> String {
    hasSuffix(String(character)) ? String(dropLast()) : String(self)
  }
}

extension Identity.Organisation {
  /// A company as its owner fills it in.
  static func test(_ name: String) -> Identity.Organisation {
    Identity.Organisation(
      kind: .company, name: SaraiType.LocalizedText(en: name), legalName: "\(name) (Pvt) Ltd",
      legalForm: .privateLimited, address: .test, province: .punjab,
      sectorCodes: ["sports-goods"], timeZone: "Asia/Karachi")
  }
}

extension SaraiType.PostalAddress {
  static let test = SaraiType.PostalAddress(
    countryCode: "PK", subdivisionCode: "PK-PB", locality: "Sialkot", lines: ["12 Paris Road"])
}
