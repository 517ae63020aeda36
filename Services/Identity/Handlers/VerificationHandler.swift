internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes

/// Verification of companies: their cases. Documents, the officers' steps and what comes of them stand
/// in the extensions.
struct VerificationHandler: Identity.VerificationService {
  let environment: IdentityEnvironment

  // MARK: The company's steps

  func createCase(
    _ request: Identity.CreateCaseRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let organisationID = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    try context.caller.requireOwner(of: organisationID)
    let facts = request.facts ?? Identity.CompanyFacts()
    try CompanyRules.check(facts)
    return try await environment.once(request, id: id, context) { session, origin in
      let organisation = try OrganisationStore.get(organisationID, session)
      guard organisation.state == .active else {
        throw IdentityError.refused(.organisationSuspended)
      }
      guard organisation.kind == .company else {
        throw FieldFaults.error("organisation_id", "NOT_A_COMPANY", "companies alone are verified")
      }
      guard try CaseStore.findOpen(of: organisationID, session) == nil else {
        throw IdentityError.refused(.caseOpen)
      }
      var machine = CaseMachine(
        Identity.VerificationCase(
          id: id.description, stamp: SaraiType.AuditStamp(created: origin),
          organisationId: organisation.id, state: .draft))
      try machine.setFacts(facts)
      try CaseStore.insert(machine.record, session)
      try announce(machine.record, "case.create", origin, session)
      return machine.record
    }
  }

  func getCase(
    _ request: Identity.GetCaseRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let caller = context.caller
    return try await environment.database.read { session in
      view(try get(id, caller, session), caller)
    }
  }

  func listCases(
    _ request: Identity.ListCasesRequest, _ context: CallContext
  ) async throws -> Identity.ListCasesResponse {
    let page = try context.page(\.page, of: request)
    var faults = FieldFaults()
    let organisation = faults.optionalID(request.organisationId, "organisation_id")
    _ = faults.optionalID(request.assigneeId, "assignee_id")
    try faults.check()
    let caller = context.caller
    if let organisation {
      try caller.requireOwner(of: organisation)
    } else {
      try caller.require("identity.case.read", in: nil)
    }
    let filter = CaseStore.Filter(
      organisationID: request.organisationId, state: request.state,
      assigneeID: request.assigneeId)
    let found = try await environment.database.read { session in
      try CaseStore.list(filter, after: page.after, countMax: page.size + 1, session)
    }
    let (items, answer) = page.cut(found) { [String(CaseStore.waitingSince($0)), $0.id] }
    return Identity.ListCasesResponse(cases: items.map { view($0, caller) }, page: answer)
  }

  func updateCase(
    _ request: Identity.UpdateCaseRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let caller = context.caller
    return try await environment.keyed(request, context) { session, origin in
      let old = try get(id, caller, session)
      try old.stamp.check(expected: request.expectedVersion)
      let paths = request.updateMask?.paths ?? []
      var machine = CaseMachine(old)
      try machine.setFacts(
        try CompanyRules.update(
          old.facts ?? Identity.CompanyFacts(), to: request.facts ?? Identity.CompanyFacts(),
          paths))
      return try save(
        machine, "case.update",
        changes: Dictionary(
          paths.map { ("facts.\($0)", "changed") }, uniquingKeysWith: { first, _ in first }),
        origin, session)
    }
  }

  func submitCase(
    _ request: Identity.SubmitCaseRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    try await step(request.id, "case.submit", "", context) { machine, origin, session in
      guard try machine.submit(at: origin.occurredAt) else { return false }
      let id = UUID(machine.record.organisationId) ?? .null
      try setVerification(of: id, origin, session) { found in
        guard found.status.state == .unverified || found.status.state == .rejected else { return }
        found.status.state = .pending
        found.status.caseId = machine.record.id
      }
      return true
    }
  }

  func withdrawCase(
    _ request: Identity.WithdrawCaseRequest, _ context: CallContext
  ) async throws -> Identity.VerificationCase {
    try await step(request.id, "case.withdraw", "", context) { machine, origin, session in
      guard try machine.withdraw() else { return false }
      let id = UUID(machine.record.organisationId) ?? .null
      try setVerification(of: id, origin, session) { found in
        guard found.status.state == .pending else { return }
        found.status.state = .unverified
        found.status.caseId = ""
      }
      return true
    }
  }

  // MARK: What all steps do

  /// A case that the caller may see.
  func get(
    _ id: UUID, _ caller: Caller, _ session: any SQLSession
  ) throws -> Identity.VerificationCase {
    let record = try CaseStore.get(id, session)
    try caller.requireOwner(of: UUID(record.organisationId))
    return record
  }

  /// A case as the caller may see it.
  func view(_ record: Identity.VerificationCase, _ caller: Caller) -> Identity.VerificationCase {
    caller.holdsEverywhere("identity.case.review") ? record : CaseMachine.companyView(record)
  }

  /// Leads a case one step on; a step that finds itself done changes nothing.
  func step(
    _ text: String, _ action: String, _ reason: String, _ context: CallContext,
    _ change:
      @escaping @Sendable (inout CaseMachine, Origin, any SQLSession) throws -> Bool
  ) async throws -> Identity.VerificationCase {
    var faults = FieldFaults()
    let id = faults.id(text, "id")
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      let old = try get(id, caller, session)
      var machine = CaseMachine(old)
      guard try change(&machine, origin, session) else { return view(old, caller) }
      let saved = try save(
        machine, action, reason: reason,
        changes: ["state": "\(old.state.name) -> \(machine.record.state.name)"], origin, session)
      return view(saved, caller)
    }
  }

  /// Writes a case that has changed.
  func save(
    _ machine: CaseMachine, _ action: String, reason: String = "", changes: [String: String] = [:],
    _ origin: Origin, _ session: any SQLSession
  ) throws -> Identity.VerificationCase {
    var record = machine.record
    record.stamp?.change(by: origin)
    try CaseStore.update(record, session)
    try announce(record, action, reason: reason, changes: changes, origin, session)
    return record
  }

  private func announce(
    _ record: Identity.VerificationCase, _ action: String, reason: String = "",
    changes: [String: String] = [:], _ origin: Origin, _ session: any SQLSession
  ) throws {
    let id = UUID(record.id) ?? .null
    try environment.feed.add(.caseChanged, of: id, by: origin, session: session) {
      $0.verificationCase = CaseMachine.eventView(record)
    }
    try AuditLog.add(
      action, to: "case", id, in: UUID(record.organisationId), reason: reason, changes: changes,
      by: origin, session: session)
  }
}
