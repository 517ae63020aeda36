import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes

/// Carries events to disputes, and their ends to the orders, in one transaction.
struct DisputeBook: Sendable {
  let context: TradeContext

  func find(_ id: String, in session: any SQLSession) throws -> Payments.Dispute {
    guard let dispute = try TradeTables.disputes.find(id, in: session) else {
      throw PaymentsError.notFound("dispute")
    }
    return dispute
  }

  /// The two companies of a dispute.
  func sides(
    of id: String, in session: any SQLSession
  ) throws -> (buyer: String, seller: String) {
    let sides = try session.first(
      "SELECT buyer_id, seller_id FROM dispute WHERE id = $1", .text(id)
    ) { (row) throws(StorageError) in (try row.text(0), try row.text(1)) }
    guard let sides else { throw PaymentsError.notFound("dispute") }
    return sides
  }

  /// Carries an event to a dispute.
  @discardableResult
  func apply(
    _ event: DisputeMachine.Event, to id: String, by actor: SaraiType.Actor, checkerID: String = "",
    in session: any SQLSession, change: (inout Payments.Dispute) -> Void = { _ in }
  ) throws -> Payments.Dispute {
    let now = context.now
    var dispute = try find(id, in: session)
    let orders = OrderBook(context: context)
    let order = try orders.entry(dispute.orderId, in: session)
    var machine = DisputeMachine(
      state: DisputeMachine.State(rawValue: dispute.state.rawValue) ?? .open,
      claimed: dispute.claimed?.minorUnits ?? 0, total: order.order.total?.minorUnits ?? 0,
      answerDue: dispute.answerDueAt?.sinceEpoch ?? .zero,
      evidenceDue: dispute.evidenceDueAt?.sinceEpoch ?? .zero,
      proposal: dispute.proposal.map {
        .init(refund: $0.refund?.minorUnits ?? 0, makerID: $0.makerId)
      })
    let action = try machine.apply(event, at: now)
    dispute.state = Payments.DisputeState(rawValue: machine.state.rawValue)
    change(&dispute)
    if machine.proposal == nil, machine.state != .decided { dispute.proposal = nil }
    switch action {
    case .none: break
    case .release:
      try orders.apply(
        .disputeWithdrawn, to: order.order.id, .init(actor: actor, step: .disputeEnded),
        in: session)
    case .decide(let refund):
      try orders.apply(
        .disputeDecided(refund: refund), to: order.order.id,
        .init(actor: actor, step: .disputeEnded, note: dispute.proposal?.reason ?? ""),
        in: session
      ) { if refund == $0.total?.minorUnits { $0.endReason = "a dispute gave all money back" } }
      var outcome = dispute.proposal ?? outcome(refund, of: order, reason: dispute.sellerAccount)
      outcome.checkerId = checkerID
      outcome.decidedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
      outcome.transferIds = try orders.lastTransfers(of: order.order.id, in: session)
      dispute.outcome = outcome
    }
    dispute.stamp = dispute.stamp.changed(by: actor, at: now)
    try save(dispute, in: session)
    if machine.state != .open { try WorkQueue.remove(.answerDue, id, in: session) }
    try tell(dispute, by: actor, in: session)
    return dispute
  }

  /// How an order's money is shared if so much goes back.
  func outcome(
    _ refund: Int64, of order: OrderBook.Entry, reason: String
  ) -> Payments.DisputeOutcome {
    let total = order.order.total?.minorUnits ?? 0
    return Payments.DisputeOutcome(
      refund: SaraiType.Money(minorUnits: refund, currencyCode: order.currency),
      release: SaraiType.Money(minorUnits: total - refund, currencyCode: order.currency),
      reason: reason)
  }

  func save(_ dispute: Payments.Dispute, in session: any SQLSession) throws {
    let sides = try sides(of: dispute.id, in: session)
    try TradeTables.disputes.update(
      dispute.id, state: dispute.state.rawValue, sort: Self.due(dispute).wholeMicroseconds, dispute,
      .text(dispute.orderId), .text(sides.buyer), .text(sides.seller), in: session)
  }

  /// What is due next: the seller's answer, else the evidence.
  static func due(_ dispute: Payments.Dispute) -> Duration {
    (dispute.state == .open ? dispute.answerDueAt : dispute.evidenceDueAt)?.sinceEpoch ?? .zero
  }

  func tell(
    _ dispute: Payments.Dispute, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws {
    try context.events.add(
      .disputeChanged, of: dispute.id, id: context.makeID(), by: actor, at: context.now,
      in: session
    ) {
      $0.dispute = dispute
      $0.dispute?.evidence = []
    }
  }
}
