internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage

/// What officers do with cases: take, review, propose; and a second one confirms.
extension VerificationHandler {
  func assignCase(
    _ request: Identity.AssignCaseRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    let caller = try context.person()
    var faults = FieldFaults()
    let officer = faults.optionalID(request.assigneeId, "assignee_id") ?? caller
    try faults.check()
    return try await step(request.id, "case.assign", "", context) { machine, _, session in
      if officer != caller {
        guard try MembershipStore.isOfficer(officer, session) else {
          throw FieldFaults.error("assignee_id", "NOT_AN_OFFICER", "name an officer")
        }
      }
      try keepApart(officer, machine, session)
      return try machine.assign(to: officer)
    }
  }

  func reviewCaseDocument(
    _ request: Identity.ReviewCaseDocumentRequest, _ context: CallContext
  ) async throws -> Identity.CaseDocument {
    let officer = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.range(request.finding.rawValue, "finding", 1...3)
    faults.text(
      request.note, "note", lengthMin: request.finding == .refused ? 1 : 0, lengthMax: 1_000,
      isParagraph: true)
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let (caseID, blob) = try CaseStore.place(of: id, session)
      guard blob != nil else { throw IdentityError.notFound("CaseDocument") }
      var machine = CaseMachine(try get(caseID, caller, session))
      try keepApart(officer, machine, session)
      if try machine.review(
        id.description, request.finding, request.note, by: officer, at: origin.occurredAt)
      {
        _ = try save(
          machine, "case.review_document", reason: request.note,
          changes: ["documents.\(id)": "\(request.finding.name)"], origin, session)
      }
      guard let document = machine.record.documents.first(where: { $0.id == id.description })
      else { throw IdentityError.notFound("CaseDocument") }
      return document
    }
  }

  func requestCaseChanges(
    _ request: Identity.RequestCaseChangesRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    let officer = try context.person()
    try checkWords(request.note, "note")
    return try await step(request.id, "case.request_changes", request.note, context) {
      machine, _, session in
      try keepApart(officer, machine, session)
      return try machine.requestChanges(request.note)
    }
  }

  func proposeCaseDecision(
    _ request: Identity.ProposeCaseDecisionRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    let officer = try context.person()
    guard request.verdict == .approve || request.verdict == .reject else {
      throw FieldFaults.error("verdict", "REQUIRED", "approve or reject")
    }
    try checkWords(request.reason, "reason")
    return try await step(request.id, "case.propose", request.reason, context) {
      machine, origin, session in
      try keepApart(officer, machine, session)
      return try machine.propose(
        request.verdict, request.reason, by: officer, at: origin.occurredAt)
    }
  }

  func confirmCaseDecision(
    _ request: Identity.ConfirmCaseDecisionRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    let officer = try context.person()
    try checkWords(request.note, "note", lengthMin: request.agreed ? 0 : 1)
    return try await step(request.id, "case.confirm", request.note, context) {
      machine, origin, session in
      try keepApart(officer, machine, session)
      guard
        try machine.confirm(request.agreed, request.note, by: officer, at: origin.occurredAt)
      else { return false }
      if machine.isDecided { try apply(machine.record, origin, session) }
      return true
    }
  }

  /// Nobody decides on a company that they belong to.
  private func keepApart(
    _ officer: UUID, _ machine: CaseMachine, _ session: any SQLSession
  ) throws {
    let company = UUID(machine.record.organisationId) ?? .null
    guard try MembershipStore.find(of: officer, in: company, session) == nil else {
      throw IdentityError.refused(.samePerson)
    }
  }

  private func checkWords(_ text: String, _ field: String, lengthMin: Int = 1) throws(RPCError) {
    var faults = FieldFaults()
    faults.text(text, field, lengthMin: lengthMin, lengthMax: 2_000, isParagraph: true)
    try faults.check()
  }
}
