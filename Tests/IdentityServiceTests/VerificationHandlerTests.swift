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

@Suite struct VerificationHandlerTests {
  private static let party = "0192f5d4-7c1e-7a3b-9f00-2b1c3d4e5f60"
  private static let pdf = Array("%PDF-1.7\n".utf8) + [UInt8](repeating: 7, count: 100_000)

  private func facts() -> Identity.CompanyFacts {
    Identity.CompanyFacts(
      legalName: "Sialkot Sports (Pvt) Ltd", legalForm: .privateLimited,
      registrationNumber: "0012345",
      registeredOn: SaraiType.CalendarDate(year: 2012, month: 2, day: 29),
      nationalTaxNumber: "12345678", address: .test,
      parties: [
        Identity.CompanyParty(
          id: Self.party, role: .ownerDirector, fullName: "Ayesha Khan", cnic: "3520212345671",
          nationalityCode: "PK", bornOn: SaraiType.CalendarDate(year: 1990, month: 5, day: 1),
          shareBasisPoints: 10_000)
      ], womenLed: true)
  }

  /// A case with its company, and the calls of three officers.
  private struct Desk {
    let identity: TestIdentity
    let company: TestIdentity.Company
    var record: Identity.VerificationCase
    let officers: [CallOptions]

    var owner: CallOptions { identity.by(company.token) }
  }

  private func desk(_ identity: TestIdentity) async throws -> Desk {
    let company = try await identity.company()
    let record = try await identity.cases.createCase(
      Identity.CreateCaseRequest(
        id: identity.newID(), organisationId: company.id, facts: facts()),
      options: identity.by(company.token))
    var officers: [CallOptions] = []
    for _ in 0..<3 { officers.append(identity.by(try await identity.token(.officer))) }
    return Desk(identity: identity, company: company, record: record, officers: officers)
  }

  @discardableResult
  private func upload(
    _ desk: Desk, _ kind: Identity.DocumentKind, id: String? = nil,
    bytes: [UInt8] = Self.pdf
  ) async throws -> Identity.CaseDocument {
    let first = Identity.UploadCaseDocumentRequest(
      id: id ?? desk.identity.newID(), caseId: desk.record.id, kind: kind,
      partyId: kind == .identityCard ? Self.party : "", fileName: "../../etc/scan.pdf")
    return try await desk.identity.cases.uploadCaseDocument(options: desk.owner) { requests in
      try await requests.send(first)
      var rest = bytes[...]
      while !rest.isEmpty {
        try await requests.send(
          Identity.UploadCaseDocumentRequest(chunk: Array(rest.prefix(60_000))))
        rest = rest.dropFirst(60_000)
      }
    }
  }

  private func submitted(_ identity: TestIdentity) async throws -> Desk {
    var desk = try await desk(identity)
    for kind in [
      .addressProof, .registrationCertificate, .taxCertificate, .memorandum, .identityCard,
    ] as [Identity.DocumentKind] {
      try await upload(desk, kind)
    }
    desk.record = try await identity.cases.submitCase(
      Identity.SubmitCaseRequest(id: desk.record.id), options: desk.owner)
    return desk
  }

  private func review(_ desk: Desk, by officer: Int) async throws {
    for document in desk.record.documents {
      _ = try await desk.identity.cases.reviewCaseDocument(
        Identity.ReviewCaseDocumentRequest(id: document.id, finding: .accepted),
        options: desk.officers[officer])
    }
  }

  @Test(arguments: Engine.allCases)
  func `a company is verified by two officers, and buyers see what they confirmed`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let desk = try await submitted(identity)
      #expect(desk.record.state == .submitted && desk.record.missing.isEmpty)
      let cases = identity.cases
      let id = desk.record.id
      let status = try await cases.getVerificationStatus(
        Identity.GetVerificationStatusRequest(organisationId: desk.company.id),
        options: identity.by())
      #expect(status.state == .pending)
      let taken = try await cases.assignCase(
        Identity.AssignCaseRequest(id: id), options: desk.officers[0])
      #expect(taken.state == .underReview)
      let propose = Identity.ProposeCaseDecisionRequest(
        id: id, verdict: .approve, reason: "all in order")
      #expect(
        await identity.refusal {
          try await cases.proposeCaseDecision(propose, options: desk.officers[0])
        } == "DOCUMENT_UNREVIEWED")
      try await review(desk, by: 0)
      let proposed = try await cases.proposeCaseDecision(propose, options: desk.officers[0])
      #expect(proposed.state == .proposed)
      let seen = try await cases.getCase(Identity.GetCaseRequest(id: id), options: desk.owner)
      #expect(seen.proposal == nil)
      let confirm = Identity.ConfirmCaseDecisionRequest(id: id, agreed: true)
      #expect(
        await identity.refusal {
          try await cases.confirmCaseDecision(confirm, options: desk.officers[0])
        } == "SAME_PERSON")
      try await review(desk, by: 1)
      let decided = try await cases.confirmCaseDecision(confirm, options: desk.officers[1])
      #expect(decided.state == .approved)
      let again = try await cases.confirmCaseDecision(confirm, options: desk.officers[1])
      #expect(again == decided)
      let card = try await identity.organisations.getSupplierCard(
        Identity.GetSupplierCardRequest(organisationId: desk.company.id), options: identity.by())
      #expect(card.womenLed && card.proofs.count == 5 && card.locality == "Sialkot")
      let kinds = try await identity.events().map(\.kind)
      #expect(Set(kinds).isSuperset(of: [.verificationChanged, .caseChanged]))
      // What was verified changes through a new case only.
      #expect(
        await identity.refusal {
          try await identity.organisations.updateOrganisation(
            Identity.UpdateOrganisationRequest(
              id: desk.company.id, organisation: .test("Other"),
              updateMask: GoogleProtobuf.FieldMask(paths: ["legal_name"])), options: desk.owner)
        } == "PROFILE_LOCKED")
      let revoked = try await cases.revokeVerification(
        Identity.RevokeVerificationRequest(organisationId: desk.company.id, reason: "forged"),
        options: desk.officers[2])
      #expect(revoked.state == .revoked && revoked.verifiedAt == nil)
      #expect(
        await identity.refusal {
          try await identity.organisations.getSupplierCard(
            Identity.GetSupplierCardRequest(organisationId: desk.company.id),
            options: identity.by())
        } == "notFound")
    }
  }

  @Test func `an overturned proposal returns to review, and changes go back to the company`()
    async throws
  {
    try await TestIdentity.run { identity in
      let desk = try await submitted(identity)
      let cases = identity.cases
      let id = desk.record.id
      _ = try await cases.assignCase(Identity.AssignCaseRequest(id: id), options: desk.officers[0])
      try await review(desk, by: 0)
      _ = try await cases.proposeCaseDecision(
        Identity.ProposeCaseDecisionRequest(id: id, verdict: .reject, reason: "blurred"),
        options: desk.officers[0])
      let overturned = try await cases.confirmCaseDecision(
        Identity.ConfirmCaseDecisionRequest(id: id, agreed: false, note: "readable to me"),
        options: desk.officers[1])
      #expect(overturned.state == .underReview && overturned.proposal == nil)
      _ = try await cases.reviewCaseDocument(
        Identity.ReviewCaseDocumentRequest(
          id: desk.record.documents[0].id, finding: .refused, note: "expired"),
        options: desk.officers[1])
      let back = try await cases.requestCaseChanges(
        Identity.RequestCaseChangesRequest(id: id, note: "send a newer bill"),
        options: desk.officers[1])
      #expect(back.state == .changesRequested && back.missing == ["documents.ADDRESS_PROOF"])
      #expect(
        await identity.refusal {
          try await cases.submitCase(Identity.SubmitCaseRequest(id: id), options: desk.owner)
        } == "CASE_INCOMPLETE")
      _ = try await cases.removeCaseDocument(
        Identity.RemoveCaseDocumentRequest(id: desk.record.documents[0].id), options: desk.owner)
      try await upload(desk, .addressProof)
      let again = try await cases.submitCase(
        Identity.SubmitCaseRequest(id: id), options: desk.owner)
      #expect(again.state == .submitted)
    }
  }

  @Test func `nobody decides on their own company`() async throws {
    try await TestIdentity.run { identity in
      let desk = try await submitted(identity)
      let insider = identity.by(
        try await identity.token(of: desk.company.owner.id, in: identity.newID(), .officer))
      #expect(
        await identity.refusal {
          try await identity.cases.assignCase(
            Identity.AssignCaseRequest(id: desk.record.id), options: insider)
        } == "SAME_PERSON")
    }
  }

  @Test func `a company has one open case, and others see none of it`() async throws {
    try await TestIdentity.run { identity in
      let desk = try await desk(identity)
      let cases = identity.cases
      let second = Identity.CreateCaseRequest(id: identity.newID(), organisationId: desk.company.id)
      #expect(
        await identity.refusal { try await cases.createCase(second, options: desk.owner) }
          == "CASE_OPEN")
      let other = try await identity.company("Other", owner: "other@example.pk")
      let stranger = identity.by(other.token)
      #expect(
        await identity.refusal {
          try await cases.getCase(Identity.GetCaseRequest(id: desk.record.id), options: stranger)
        } == "notFound")
      #expect(
        await identity.refusal {
          try await cases.listCases(
            Identity.ListCasesRequest(organisationId: desk.company.id), options: stranger)
        } == "notFound")
      let queue = try await cases.listCases(
        Identity.ListCasesRequest(state: .draft), options: desk.officers[0])
      #expect(queue.cases.map(\.id) == [desk.record.id])
      _ = try await cases.withdrawCase(
        Identity.WithdrawCaseRequest(id: desk.record.id), options: desk.owner)
      #expect(
        await identity.refusal { try await cases.createCase(second, options: desk.owner) } == nil)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a document comes back byte for byte under a safe name, and each download is audited`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      let desk = try await desk(identity)
      let id = identity.newID()
      let document = try await upload(desk, .taxCertificate, id: id)
      #expect(document.blob?.mediaType == "application/pdf")
      #expect(document.blob?.fileName.contains("/") == false)
      #expect(document.blob?.sizeBytes == Int64(Self.pdf.count))
      let again = try await upload(desk, .taxCertificate, id: id)
      #expect(again == document)
      #expect(
        await identity.refusal {
          try await upload(desk, .taxCertificate, id: id, bytes: Self.pdf + [1])
        } == "ID_REUSED")
      let bytes = try await identity.cases.downloadCaseDocument(
        Identity.DownloadCaseDocumentRequest(id: id), options: desk.officers[0]
      ) { chunks in
        var bytes: [UInt8] = []
        for try await chunk in chunks { bytes += chunk.chunk }
        return bytes
      }
      #expect(bytes == Self.pdf)
      #expect(try await identity.auditActions().last == "case.download_document")
      let remove = Identity.RemoveCaseDocumentRequest(id: id)
      for _ in 0..<2 {
        _ = try await identity.cases.removeCaseDocument(remove, options: desk.owner)
      }
      #expect(
        await identity.refusal {
          try await identity.cases.downloadCaseDocument(
            Identity.DownloadCaseDocumentRequest(id: id), options: desk.owner
          ) { chunks in for try await _ in chunks {} }
        } == "notFound")
    }
  }

  @Test(arguments: [
    ("GIF89a\u{1}\u{2}\u{3}", 0), ("<html>....", 0), ("", 0), ("%PDF-", 10 << 20),
  ])
  func `what is no document, or too large, is refused`(
    _ start: String, _ zeroCount: Int
  ) async throws {
    try await TestIdentity.run { identity in
      let desk = try await desk(identity)
      let bytes = Array(start.utf8) + [UInt8](repeating: 0, count: zeroCount)
      #expect(
        await identity.refusal { try await upload(desk, .otherProof, bytes: bytes) }
          == "DOCUMENT_REFUSED")
    }
  }
}
