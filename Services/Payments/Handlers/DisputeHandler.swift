import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// `sarai.payments.v1.DisputeService`; evidence and refunds stand in files of their own.
struct DisputeHandler: Payments.DisputeService {
  let context: TradeContext

  var book: DisputeBook { DisputeBook(context: context) }
  var orders: OrderBook { OrderBook(context: context) }

  func openDispute(
    _ request: Payments.OpenDisputeRequest, _ call: CallContext
  ) async throws -> Payments.Dispute {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.text(request.account, "account", lengthMin: 1, lengthMax: 4_000, isParagraph: true)
    if request.reason == .unspecified
      || Payments.DisputeReason.layout.name(of: request.reason.rawValue) == nil
    {
      faults.add("reason", "REQUIRED", "say what is wrong")
    }
    try faults.check()
    let caller = call.caller
    return try await context.base.once(
      request, request.id, of: Payments.DisputeServiceMethods.openDispute, call
    ) { session in
      let entry = try orders.entry(request.orderId, in: session)
      try caller.requireOwner(of: UUID(entry.order.buyerOrganisationId))
      let claimed = try money(request.claimed, of: entry, from: 1)
      let now = context.now
      try orders.apply(
        .disputeOpened, to: request.orderId,
        .init(actor: caller.actor, step: .disputeOpened), in: session
      ) { $0.disputeId = request.id }
      let answerDue = now + context.settings.answerWithin
      let dispute = Payments.Dispute(
        id: request.id, stamp: .made(by: caller.actor, at: now), orderId: request.orderId,
        state: .open, reason: request.reason, claimed: claimed, buyerAccount: request.account,
        answerDueAt: GoogleProtobuf.Timestamp(sinceEpoch: answerDue),
        evidenceDueAt: GoogleProtobuf.Timestamp(
          sinceEpoch: now + context.settings.evidenceWithin))
      try TradeTables.disputes.insert(
        dispute.id, state: dispute.state.rawValue,
        sort: DisputeBook.due(dispute).wholeMicroseconds, dispute, .text(dispute.orderId),
        .text(entry.order.buyerOrganisationId), .text(entry.order.sellerOrganisationId),
        in: session)
      try WorkQueue.add(.answerDue, dispute.id, at: answerDue, in: session)
      try book.tell(dispute, by: caller.actor, in: session)
      return dispute
    }
  }

  /// An amount of an order's currency, at most its total.
  func money(
    _ money: SaraiType.Money?, of entry: OrderBook.Entry, from least: Int64
  ) throws -> SaraiType.Money {
    let money = money ?? SaraiType.Money(minorUnits: 0, currencyCode: entry.currency)
    guard money.currencyCode == entry.currency else {
      throw PaymentsError.refused(.currencyDiffers, "the amount must be in \(entry.currency)")
    }
    let total = entry.order.total?.minorUnits ?? 0
    guard money.minorUnits >= least, money.minorUnits <= total else {
      throw PaymentsError.refused(
        .amountWrong, "the amount must be from \(least) to \(total) minor units")
    }
    return money
  }

  func getDispute(
    _ request: Payments.GetDisputeRequest, _ call: CallContext
  ) async throws -> Payments.Dispute {
    let (dispute, sides) = try await context.database.read { session in
      (try book.find(request.id, in: session), try book.sides(of: request.id, in: session))
    }
    try call.caller.requireEither(sides.buyer, sides.seller)
    return dispute
  }

  func listDisputes(
    _ request: Payments.ListDisputesRequest, _ call: CallContext
  ) async throws -> Payments.ListDisputesResponse {
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    var conditions: [RecordTable<Payments.Dispute>.Condition] = []
    if let scope = try call.caller.scope(request.organisationId) {
      conditions.append(.init("(buyer_id = ? OR seller_id = ?)", .text(scope)))
    }
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    let (disputes, next) = try await context.database.read { [conditions] session in
      try TradeTables.disputes.page(page, conditions, in: session)
    }
    return Payments.ListDisputesResponse(disputes: disputes, page: next)
  }

  func answerDispute(
    _ request: Payments.AnswerDisputeRequest, _ call: CallContext
  ) async throws -> Payments.Dispute {
    var faults = FieldFaults()
    faults.text(request.account, "account", lengthMin: 1, lengthMax: 4_000, isParagraph: true)
    try faults.check()
    let caller = call.caller
    return try await context.database.write { session in
      let sides = try book.sides(of: request.id, in: session)
      try caller.requireOwner(of: UUID(sides.seller))
      let dispute = try book.find(request.id, in: session)
      // The same word again, whatever it has led to.
      if dispute.sellerAccount == request.account { return dispute }
      let entry = try orders.entry(dispute.orderId, in: session)
      let agreed =
        request.contested ? nil : try money(request.agreed, of: entry, from: 0).minorUnits
      return try book.apply(
        .answered(agreed: agreed), to: request.id, by: caller.actor, in: session
      ) { $0.sellerAccount = request.account }
    }
  }

  func withdrawDispute(
    _ request: Payments.WithdrawDisputeRequest, _ call: CallContext
  ) async throws -> Payments.Dispute {
    let caller = call.caller
    let dispute = try await context.database.write { session in
      let sides = try book.sides(of: request.id, in: session)
      try caller.requireOwner(of: UUID(sides.buyer))
      let dispute = try book.find(request.id, in: session)
      if dispute.state == .withdrawn { return dispute }
      return try book.apply(.withdrawn, to: request.id, by: caller.actor, in: session)
    }
    await Settlement(context: context).tryRelease(dispute.orderId)
    return dispute
  }

  func proposeDisputeOutcome(
    _ request: Payments.ProposeDisputeOutcomeRequest, _ call: CallContext
  ) async throws -> Payments.Dispute {
    var faults = FieldFaults()
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 4_000, isParagraph: true)
    try faults.check()
    let caller = call.caller
    return try await context.database.write { session in
      let dispute = try book.find(request.id, in: session)
      let entry = try orders.entry(dispute.orderId, in: session)
      let refund = try money(request.refund, of: entry, from: 0)
      if let proposal = dispute.proposal, dispute.state == .proposed,
        proposal.makerId == caller.actorID, proposal.refund == refund,
        proposal.reason == request.reason
      {
        return dispute
      }
      return try book.apply(
        .proposed(refund: refund.minorUnits, by: caller.actorID), to: request.id,
        by: caller.actor, in: session
      ) {
        $0.proposal = book.outcome(refund.minorUnits, of: entry, reason: request.reason)
        $0.proposal?.makerId = caller.actorID
      }
    }
  }

  func confirmDisputeOutcome(
    _ request: Payments.ConfirmDisputeOutcomeRequest, _ call: CallContext
  ) async throws -> Payments.Dispute {
    var faults = FieldFaults()
    faults.text(
      request.note, "note", lengthMin: request.agreed ? 0 : 1, lengthMax: 2_000,
      isParagraph: true)
    try faults.check()
    let caller = call.caller
    return try await context.database.write { session in
      let dispute = try book.find(request.id, in: session)
      if request.agreed, dispute.state == .decided,
        dispute.outcome?.checkerId == caller.actorID
      {
        return dispute
      }
      return try book.apply(
        .confirmed(agreed: request.agreed, by: caller.actorID), to: request.id,
        by: caller.actor, checkerID: caller.actorID, in: session)
    }
  }
}
