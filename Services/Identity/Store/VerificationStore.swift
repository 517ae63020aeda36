internal import IdentityContracts
internal import Platform
internal import Storage
internal import TypeContracts
internal import Wire

/// Whether companies are verified, and what buyers may see of those that are.
enum VerificationStore {
  /// What is known of a company.
  struct Found: Sendable {
    var status: Identity.VerificationStatus
    /// What was verified: proofs, and who leads it.
    var card = Identity.SupplierCard()
  }

  /// That of a company; nil for an unknown one.
  static func find(_ id: UUID, _ session: any SQLSession) throws -> Found? {
    let row = try session.first(
      """
      SELECT o.state, v.status, v.card FROM organisation o
      LEFT JOIN verification v ON v.organisation_id = o.id WHERE o.id = $1
      """, .id(id)
    ) { (row) throws(StorageError) in
      (
        state: try row.integer(0), status: try row.optionalBytes(1),
        card: try row.optionalBytes(2)
      )
    }
    guard let row else { return nil }
    var found = Found(
      status: Identity.VerificationStatus(organisationId: id.description, state: .unverified))
    if let status = row.status, let card = row.card {
      found.status = try Identity.VerificationStatus(decoding: status, as: .native)
      found.card = try Identity.SupplierCard(decoding: card, as: .native)
    }
    found.status.organisationState = Identity.OrganisationState(rawValue: Int32(row.state))
    return found
  }

  static func write(_ found: Found, _ session: any SQLSession) throws {
    var status = found.status
    status.organisationState = .unspecified
    try session.execute(
      """
      INSERT INTO verification (organisation_id, status, card) VALUES ($1, $2, $3)
      ON CONFLICT (organisation_id) DO UPDATE SET status = excluded.status, card = excluded.card
      """, .text(status.organisationId), .bytes(try status.encoded(as: .native)),
      .bytes(try found.card.encoded(as: .native)))
  }

  /// What buyers see of a company; nil while it is not verified, or barred.
  static func card(of id: UUID, _ session: any SQLSession) throws -> Identity.SupplierCard? {
    guard let found = try find(id, session), found.status.state == .verified,
      found.status.organisationState == .active
    else { return nil }
    let organisation = try OrganisationStore.get(id, session)
    var card = found.card
    card.organisationId = organisation.id
    card.name = organisation.name
    card.legalName = organisation.legalName
    card.locality = organisation.address?.locality ?? ""
    card.province = organisation.province
    card.countryCode = organisation.address?.countryCode ?? ""
    card.clusterCode = organisation.clusterCode
    card.sectorCodes = organisation.sectorCodes
    card.foundedYear = organisation.foundedYear
    card.employeeCount = organisation.employeeCount
    card.about = organisation.about
    card.websiteUrl = organisation.websiteUrl
    card.verifiedAt = found.status.verifiedAt
    card.memberSinceAt = organisation.stamp?.createdAt
    return card
  }
}
