import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes

/// Money back after release: one proposes, another lets it go.
extension DisputeHandler {
  func createRefund(
    _ request: Payments.CreateRefundRequest, _ call: CallContext
  ) async throws -> Payments.Refund {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 1_000, isParagraph: true)
    faults.range(request.amount?.minorUnits ?? 0, "amount.minor_units", 1...Int64.max)
    try faults.check()
    let caller = call.caller
    return try await context.base.once(
      request, request.id, of: Payments.DisputeServiceMethods.createRefund, call
    ) { session in
      let entry = try orders.entry(request.orderId, in: session)
      guard let amount = request.amount, amount.currencyCode == entry.currency else {
        throw PaymentsError.refused(.currencyDiffers, "the amount must be in \(entry.currency)")
      }
      guard entry.machine.state == .settled else {
        throw PaymentsError.refused(
          .orderState, "only after release: before, the order is cancelled or disputed")
      }
      // What others propose counts too: all of it may be approved.
      let proposed = try TradeTables.refunds.all(
        [
          .init("order_id = ?", .text(request.orderId)),
          .init("state = ?", .integer(Int64(RefundMachine.State.proposed.rawValue))),
        ], in: session
      ).reduce(0) { $0 + ($1.amount?.minorUnits ?? 0) }
      let refundable = entry.machine.refundable - proposed
      guard amount.minorUnits <= refundable else {
        throw PaymentsError.refused(
          .refundTooHigh, "at most \(refundable) minor units can still go back",
          ["refundable": "\(refundable)"])
      }
      let refund = Payments.Refund(
        id: request.id, stamp: .made(by: caller.actor, at: context.now),
        orderId: request.orderId, state: .proposed, amount: amount, reason: request.reason,
        makerId: caller.actorID)
      try TradeTables.refunds.insert(
        refund.id, state: refund.state.rawValue, sort: -context.now.wholeMicroseconds, refund,
        .text(refund.orderId), .text(entry.order.buyerOrganisationId),
        .text(entry.order.sellerOrganisationId), in: session)
      try tell(refund, by: caller.actor, in: session)
      return refund
    }
  }

  func approveRefund(
    _ request: Payments.ApproveRefundRequest, _ call: CallContext
  ) async throws -> Payments.Refund {
    let caller = call.caller
    return try await decide(request.id, .approved(by: caller.actorID), caller.actor) {
      refund, session in
      let amount = refund.amount?.minorUnits ?? 0
      try orders.apply(
        .refunded(amount: amount), to: refund.orderId,
        .init(actor: caller.actor, step: .refunded, note: refund.reason), in: session)
      refund.transferIds = try orders.lastTransfers(of: refund.orderId, in: session)
    }
  }

  func rejectRefund(
    _ request: Payments.RejectRefundRequest, _ call: CallContext
  ) async throws -> Payments.Refund {
    var faults = FieldFaults()
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 1_000, isParagraph: true)
    try faults.check()
    let caller = call.caller
    return try await decide(request.id, .rejected(by: caller.actorID), caller.actor) { refund, _ in
      refund.rejectReason = request.reason
    }
  }

  private func decide(
    _ id: String, _ event: RefundMachine.Event, _ actor: SaraiType.Actor,
    _ effect: @escaping @Sendable (inout Payments.Refund, any SQLSession) throws -> Void
  ) async throws -> Payments.Refund {
    try await context.database.write { session in
      guard var refund = try TradeTables.refunds.find(id, in: session) else {
        throw PaymentsError.notFound("refund")
      }
      var machine = RefundMachine(
        state: RefundMachine.State(rawValue: refund.state.rawValue) ?? .failed,
        makerID: refund.makerId, checkerID: refund.checkerId)
      guard try machine.apply(event) else { return refund }
      refund.state = Payments.RefundState(rawValue: machine.state.rawValue)
      refund.checkerId = machine.checkerID
      refund.stamp = refund.stamp.changed(by: actor, at: context.now)
      try effect(&refund, session)
      let entry = try orders.entry(refund.orderId, in: session)
      try TradeTables.refunds.update(
        id, state: refund.state.rawValue,
        sort: -(refund.stamp?.createdAt?.sinceEpoch ?? .zero).wholeMicroseconds, refund,
        .text(refund.orderId), .text(entry.order.buyerOrganisationId),
        .text(entry.order.sellerOrganisationId), in: session)
      try tell(refund, by: actor, in: session)
      return refund
    }
  }

  func getRefund(
    _ request: Payments.GetRefundRequest, _ call: CallContext
  ) async throws -> Payments.Refund {
    let (refund, order) = try await context.database.read { session in
      guard let refund = try TradeTables.refunds.find(request.id, in: session) else {
        throw PaymentsError.notFound("refund")
      }
      return (refund, try orders.entry(refund.orderId, in: session).order)
    }
    try call.caller.requireEither(order.buyerOrganisationId, order.sellerOrganisationId)
    return refund
  }

  func listRefunds(
    _ request: Payments.ListRefundsRequest, _ call: CallContext
  ) async throws -> Payments.ListRefundsResponse {
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    var conditions: [RecordTable<Payments.Refund>.Condition] = []
    if let scope = try call.caller.scope(request.organisationId) {
      conditions.append(.init("(buyer_id = ? OR seller_id = ?)", .text(scope)))
    }
    if !request.orderId.isEmpty {
      conditions.append(.init("order_id = ?", .text(request.orderId)))
    }
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    let (refunds, next) = try await context.database.read { [conditions] session in
      try TradeTables.refunds.page(page, conditions, in: session)
    }
    return Payments.ListRefundsResponse(refunds: refunds, page: next)
  }

  private func tell(
    _ refund: Payments.Refund, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws {
    try context.events.add(
      .refundChanged, of: refund.id, id: context.makeID(), by: actor, at: context.now, in: session
    ) { $0.refund = refund }
  }
}
