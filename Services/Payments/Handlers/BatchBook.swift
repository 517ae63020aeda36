import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes

/// Payouts that are checked as one.
struct BatchBook: Sendable {
  let context: TradeContext

  func find(_ id: String, in session: any SQLSession) throws -> Payments.PayoutBatch {
    guard let batch = try TradeTables.batches.find(id, in: session) else {
      throw PaymentsError.notFound("batch")
    }
    return try counted(batch, in: session)
  }

  /// A batch with the counts of now.
  func counted(
    _ batch: Payments.PayoutBatch, in session: any SQLSession
  ) throws -> Payments.PayoutBatch {
    var batch = batch
    try session.run(
      "SELECT state, count(*) FROM payout WHERE batch_id = $1 GROUP BY state", [.text(batch.id)]
    ) { (row) throws(StorageError) in
      let count = Int32(clamping: try row.integer(1))
      switch PayoutMachine.State(rawValue: Int32(clamping: try row.integer(0))) {
      case .paid: batch.paidCount = count
      case .failed: batch.failedCount = count
      case .unknown: batch.unknownCount = count
      default: break
      }
    }
    return batch
  }

  /// Reserves the money of all, or of none.
  func open(
    _ batch: Payments.PayoutBatch, _ orders: [PayoutBook.Order], in session: any SQLSession
  ) throws -> Payments.PayoutBatch {
    var batch = batch
    var totals: [String: Int64] = [:]
    let book = PayoutBook(context: context)
    for order in orders {
      let payout = try book.open(order, in: session)
      for money in [payout.amount, payout.fee].compactMap(\.self) where money.minorUnits > 0 {
        let (sum, isOver) = totals[money.currencyCode, default: 0]
          .addingReportingOverflow(money.minorUnits)
        guard !isOver else {
          throw PaymentsError.refused(.amountOverflow, "the sum of the batch is too large")
        }
        totals[money.currencyCode] = sum
      }
    }
    batch.payoutCount = Int32(orders.count)
    batch.totals = totals.sorted { $0.key < $1.key }
      .map { SaraiType.Money(minorUnits: $0.value, currencyCode: $0.key) }
    try TradeTables.batches.insert(
      batch.id, state: batch.state.rawValue, sort: -context.now.wholeMicroseconds, batch,
      in: session)
    return batch
  }

  /// A checker's word on the whole batch.
  func decide(
    _ id: String, approved: Bool, totals: [SaraiType.Money], by checkerID: String,
    _ actor: SaraiType.Actor, reason: String, in session: any SQLSession
  ) throws -> Payments.PayoutBatch {
    var batch = try find(id, in: session)
    if batch.state == (approved ? .sending : .rejected) || approved && batch.state == .ended {
      return batch
    }
    guard batch.state == .reserved else {
      throw PaymentsError.refused(.payoutState, "the batch is decided already: read it again")
    }
    if approved {
      guard checkerID != batch.makerId else {
        throw PaymentsError.refused(
          .samePerson, "another than who made it must approve: ask a colleague")
      }
      guard totals.sorted(by: { $0.currencyCode < $1.currencyCode }) == batch.totals else {
        throw PaymentsError.refused(
          .amountWrong, "the sums are not those of the batch: look at it again")
      }
    }
    batch.state = approved ? .sending : .rejected
    batch.checkerId = checkerID
    try save(&batch, by: actor, in: session)
    let payouts = try TradeTables.payouts.all(
      [.init("batch_id = ?", .text(id))], countMax: 10_000, in: session)
    let book = PayoutBook(context: context)
    for payout in payouts where payout.state == .reserved {
      try book.apply(approved ? .approved : .rejected, to: payout.id, by: actor, in: session) {
        $0.checkerId = checkerID
        if !approved { $0.failure = reason }
      }
    }
    return try find(id, in: session)
  }

  /// Ends the batch with its last payout.
  func payoutEnded(_ id: String, in session: any SQLSession) throws {
    let open = try session.first(
      "SELECT count(*) FROM payout WHERE batch_id = $1 AND state < $2", .text(id),
      .integer(Int64(PayoutMachine.State.paid.rawValue))
    ) { (row) throws(StorageError) in try row.integer(0) }
    var batch = try find(id, in: session)
    guard open == 0, batch.state == .sending else { return }
    batch.state = .ended
    try save(&batch, by: .house, in: session)
  }

  private func save(
    _ batch: inout Payments.PayoutBatch, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws {
    batch.stamp = batch.stamp.changed(by: actor, at: context.now)
    try TradeTables.batches.update(
      batch.id, state: batch.state.rawValue,
      sort: -(batch.stamp?.createdAt?.sinceEpoch ?? .zero).wholeMicroseconds, batch, in: session)
  }
}
