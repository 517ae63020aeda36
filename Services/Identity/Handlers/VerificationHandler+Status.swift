internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// Whether companies are verified, and what decisions make of that.
extension VerificationHandler {
  private static var batchMax: Int { 500 }

  func getVerificationStatus(
    _ request: Identity.GetVerificationStatusRequest, _ context: CallContext
  ) async throws -> Identity.VerificationStatus {
    var faults = FieldFaults()
    let id = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    let found = try await environment.database.read { try VerificationStore.find(id, $0) }
    guard let found else { throw IdentityError.notFound("Organisation") }
    return found.status
  }

  func batchGetVerificationStatus(
    _ request: Identity.BatchGetVerificationStatusRequest, _ context: CallContext
  ) async throws -> Identity.BatchGetVerificationStatusResponse {
    var faults = FieldFaults()
    faults.range(request.organisationIds.count, "organisation_ids", 1...Self.batchMax)
    try faults.check()
    let ids = request.organisationIds.compactMap { UUID($0) }
    return try await environment.database.read { session in
      Identity.BatchGetVerificationStatusResponse(
        statuses: try ids.compactMap { try VerificationStore.find($0, session)?.status })
    }
  }

  func revokeVerification(
    _ request: Identity.RevokeVerificationRequest, _ context: CallContext
  ) async throws -> Identity.VerificationStatus {
    var faults = FieldFaults()
    let id = faults.id(request.organisationId, "organisation_id")
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 2_000, isParagraph: true)
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      try setVerification(of: id, reason: request.reason, origin, session) { found in
        switch found.status.state {
        case .verified:
          found.status.state = .revoked
          found.status.verifiedAt = nil
          found.status.lapsesAt = nil
          found.card = Identity.SupplierCard()
        case .revoked: break
        default: throw IdentityError.refused(.caseState)
        }
      }
    }
  }

  /// Makes a decided case count: the company is verified, and bears what was verified; or it is not.
  func apply(
    _ record: Identity.VerificationCase, _ origin: Origin, _ session: any SQLSession
  ) throws {
    let id = UUID(record.organisationId) ?? .null
    try setVerification(
      of: id, origin, session, facts: record.state == .approved ? record.facts : nil
    ) { found in
      if record.state == .approved {
        found.status.state = .verified
        found.status.verifiedAt = GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt)
        found.status.caseId = record.id
        found.card = Identity.SupplierCard(
          womenLed: record.facts?.womenLed ?? false, youthLed: record.facts?.youthLed ?? false,
          proofs: Set(record.documents.filter(\.confirmed).map(\.kind)).sorted {
            $0.rawValue < $1.rawValue
          })
      } else if found.status.state != .verified {
        // What a verified company asked to change was refused; it stays what it is.
        found.status.state = .rejected
        found.status.caseId = record.id
      }
    }
  }

  /// Changes whether a company is verified, on its profile as well, with event and audit entry.
  @discardableResult
  func setVerification(
    of id: UUID, reason: String = "", _ origin: Origin, _ session: any SQLSession,
    facts: Identity.CompanyFacts? = nil,
    _ change: (inout VerificationStore.Found) throws -> Void
  ) throws -> Identity.VerificationStatus {
    guard let old = try VerificationStore.find(id, session) else {
      throw IdentityError.notFound("Organisation")
    }
    var found = old
    try change(&found)
    if found.status == old.status, facts == nil { return old.status }
    try VerificationStore.write(found, session)
    let before = try OrganisationStore.get(id, session)
    var organisation = before
    organisation.verificationState = found.status.state
    if let facts {
      organisation.legalName = facts.legalName
      organisation.legalForm = facts.legalForm
      organisation.registrationNumber = facts.registrationNumber
      organisation.nationalTaxNumber = facts.nationalTaxNumber
      organisation.womenLed = facts.womenLed
      organisation.youthLed = facts.youthLed
    }
    let states = "\(old.status.state.name) -> \(found.status.state.name)"
    try MembershipChanges(
      feed: environment.feed, newID: environment.newID, origin: origin, session: session
    ).save(
      &organisation, from: before, "verification.change", reason: reason,
      changes: ["verification_state": states])
    try environment.feed.add(.verificationChanged, of: id, by: origin, session: session) {
      [status = found.status] in $0.verificationStatus = status
    }
    return found.status
  }
}
