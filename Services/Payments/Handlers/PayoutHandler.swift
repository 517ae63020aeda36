import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes

/// `sarai.payments.v1.PayoutService`; beneficiaries and batches stand in files of their own.
struct PayoutHandler: Payments.PayoutService {
  let context: TradeContext

  var book: PayoutBook { PayoutBook(context: context) }
  var batches: BatchBook { BatchBook(context: context) }

  func createPayout(
    _ request: Payments.CreatePayoutRequest, _ call: CallContext
  ) async throws -> Payments.Payout {
    if let answer: Payments.Payout = try await context.answered(
      request, request.id, of: Payments.PayoutServiceMethods.createPayout, call)
    {
      return answer
    }
    try call.caller.requireOwner(of: UUID(request.organisationId))
    let draft = Payments.PayoutDraft(
      id: request.id, organisationId: request.organisationId, accountId: request.accountId,
      beneficiaryId: request.beneficiaryId, amount: request.amount,
      statementText: request.statementText)
    let order = try Self.order(draft, by: call.caller)
    try await context.parties.requireVerified(order.organisation)
    return try await context.base.once(
      request, request.id, of: Payments.PayoutServiceMethods.createPayout, call
    ) { session in
      try book.open(order, in: session)
    }
  }

  /// A draft, checked field by field.
  static func order(
    _ draft: Payments.PayoutDraft, by caller: Caller, batch: String = ""
  ) throws -> PayoutBook.Order {
    var faults = FieldFaults()
    let amount = draft.amount ?? SaraiType.Money()
    _ = faults.id(draft.id, "id")
    _ = faults.id(draft.organisationId, "organisation_id")
    _ = faults.id(draft.accountId, "account_id")
    _ = faults.id(draft.beneficiaryId, "beneficiary_id")
    faults.range(amount.minorUnits, "amount.minor_units", 1...Int64.max)
    faults.text(draft.statementText, "statement_text", lengthMax: 35)
    try faults.check()
    return PayoutBook.Order(
      id: draft.id, organisation: draft.organisationId, account: draft.accountId,
      beneficiary: draft.beneficiaryId, amount: amount, statementText: draft.statementText,
      batch: batch, makerID: caller.actorID, actor: caller.actor)
  }

  func getPayout(
    _ request: Payments.GetPayoutRequest, _ call: CallContext
  ) async throws -> Payments.Payout {
    let payout = try await context.database.read { session in
      try book.find(request.id, in: session)
    }
    try call.caller.requireOwner(of: UUID(payout.organisationId))
    return payout
  }

  func listPayouts(
    _ request: Payments.ListPayoutsRequest, _ call: CallContext
  ) async throws -> Payments.ListPayoutsResponse {
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    var conditions: [RecordTable<Payments.Payout>.Condition] = []
    if let scope = try call.caller.scope(request.organisationId) {
      conditions.append(.init("organisation_id = ?", .text(scope)))
    }
    if !request.batchId.isEmpty {
      conditions.append(.init("batch_id = ?", .text(request.batchId)))
    }
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    let (payouts, next) = try await context.database.read { [conditions] session in
      try TradeTables.payouts.page(page, conditions, in: session)
    }
    return Payments.ListPayoutsResponse(payouts: payouts, page: next)
  }

  func approvePayout(
    _ request: Payments.ApprovePayoutRequest, _ call: CallContext
  ) async throws -> Payments.Payout {
    let caller = call.caller
    return try await context.database.write { session in
      let payout = try book.find(request.id, in: session)
      guard payout.state != .reserved || payout.makerId != caller.actorID else {
        throw PaymentsError.refused(
          .samePerson, "another than who asked for it must approve: ask a colleague")
      }
      try requireSingle(payout)
      return try book.apply(.approved, to: request.id, by: caller.actor, in: session) {
        $0.checkerId = caller.actorID
      }
    }
  }

  func rejectPayout(
    _ request: Payments.RejectPayoutRequest, _ call: CallContext
  ) async throws -> Payments.Payout {
    var faults = FieldFaults()
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 1_000, isParagraph: true)
    try faults.check()
    let caller = call.caller
    return try await context.database.write { session in
      try requireSingle(try book.find(request.id, in: session))
      return try book.apply(.rejected, to: request.id, by: caller.actor, in: session) {
        $0.checkerId = caller.actorID
        $0.failure = request.reason
      }
    }
  }

  /// What was looked at as one is decided as one.
  private func requireSingle(_ payout: Payments.Payout) throws {
    guard payout.state != .reserved || payout.batchId.isEmpty else {
      throw PaymentsError.refused(.payoutState, "the payout belongs to a batch: decide on that")
    }
  }

  func cancelPayout(
    _ request: Payments.CancelPayoutRequest, _ call: CallContext
  ) async throws -> Payments.Payout {
    _ = try await getPayout(Payments.GetPayoutRequest(id: request.id), call)
    let actor = call.caller.actor
    return try await context.database.write { session in
      try book.apply(.cancelled, to: request.id, by: actor, in: session) {
        $0.failure = "taken back"
      }
    }
  }
}
