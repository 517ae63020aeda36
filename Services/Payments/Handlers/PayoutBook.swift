import PaymentsContracts
import Platform
import RPCContracts
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Carries events to payouts: the machine's verdict, and what becomes of the reserved money, in one
/// transaction.
struct PayoutBook: Sendable {
  /// What is asked for.
  struct Order: Sendable {
    var id: String
    var organisation: String
    var account: String
    var beneficiary: String
    var amount: SaraiType.Money
    var statementText: String
    var batch = ""
    var makerID: String
    var actor: SaraiType.Actor
  }

  let context: TradeContext

  func find(_ id: String, in session: any SQLSession) throws -> Payments.Payout {
    guard let payout = try TradeTables.payouts.find(id, in: session) else {
      throw PaymentsError.notFound("payout")
    }
    return payout
  }

  // MARK: Reserving

  /// Reserves the money of a payout; up to the free amount it is approved at once.
  func open(_ order: Order, in session: any SQLSession) throws -> Payments.Payout {
    let now = context.now
    let currency = order.amount.currencyCode
    let beneficiary = try usable(order, in: session)
    let account = try context.ledger.account(
      UUID(order.account) ?? .null, at: now, in: session)
    guard let account, account.organisationID?.description == order.organisation else {
      throw PaymentsError.notFound("account")
    }
    guard account.currencyCode == currency, beneficiary.currencyCode == currency else {
      throw PaymentsError.refused(
        .currencyDiffers, "account, beneficiary and amount must be in one currency")
    }
    try requireWithinLimit(order, in: session)
    let provider = try ProviderBook(context: context).provider(
      beneficiary.providerCode, in: session)
    let fee = context.settings.payoutFees[currency] ?? 0
    let reserve = context.makeID()
    let feeReserve = context.makeID()
    var transfers = [
      NewTransfer.pending(
        reserve, from: account.id, to: UUID(provider.accountId) ?? .null,
        order.amount.minorUnits, currency, for: .payout, reference: UUID(order.id),
        linked: fee > 0)
    ]
    if fee > 0 {
      transfers.append(
        .pending(
          feeReserve, from: account.id,
          to: try context.base.house.open(.fees, currency, at: now, in: session), fee, currency,
          for: .fee,
          reference: UUID(order.id)))
    }
    _ = try context.ledger.move(transfers, at: now, by: order.actor, in: session)
    var payout = Payments.Payout(
      id: order.id, stamp: .made(by: order.actor, at: now), organisationId: order.organisation,
      accountId: order.account, beneficiaryId: order.beneficiary, batchId: order.batch,
      state: .reserved, amount: order.amount,
      fee: SaraiType.Money(minorUnits: fee, currencyCode: currency),
      statementText: order.statementText, reserveTransferId: reserve.description,
      makerId: order.makerID)
    let isFree =
      order.batch.isEmpty
      && order.amount.minorUnits <= context.settings.freePayouts[currency] ?? 0
    if isFree { payout.state = .approved }
    try TradeTables.payouts.insert(
      payout.id, state: payout.state.rawValue, sort: -now.wholeMicroseconds, payout,
      .text(payout.organisationId), .text(payout.batchId),
      .text(fee > 0 ? feeReserve.description : ""), .integer(order.amount.minorUnits),
      .text(currency), .integer(now.wholeMicroseconds), in: session)
    if isFree { try WorkQueue.add(.sendPayout, payout.id, at: now, in: session) }
    try tell(payout, by: order.actor, in: session)
    return payout
  }

  private func usable(
    _ order: Order, in session: any SQLSession
  ) throws -> Payments.Beneficiary {
    let found = try TradeTables.beneficiaries.find(order.beneficiary, in: session)
    guard let found, found.organisationId == order.organisation else {
      throw PaymentsError.notFound("beneficiary")
    }
    guard found.state == .cooling || found.state == .usable,
      context.now >= found.usableAt?.sinceEpoch ?? .zero
    else {
      throw PaymentsError.refused(
        .beneficiaryUnusable, "the beneficiary cannot be paid: new ones can after a day")
    }
    return found
  }

  private func requireWithinLimit(_ order: Order, in session: any SQLSession) throws {
    guard let limit = context.settings.dailyPayouts[order.amount.currencyCode] else { return }
    let used = try session.first(
      """
      SELECT CAST(COALESCE(sum(amount), 0) AS bigint) FROM payout
      WHERE organisation_id = $1 AND requested_at > $2 AND currency = $3 AND state NOT IN (6, 7, 8)
      """, .text(order.organisation),
      .integer((context.now - .seconds(86_400)).wholeMicroseconds),
      .text(order.amount.currencyCode)
    ) { (row) throws(StorageError) in try row.integer(0) }
    let (sum, isOver) = (used ?? 0).addingReportingOverflow(order.amount.minorUnits)
    guard !isOver, sum <= limit else {
      throw PaymentsError.limitReached(
        "more would be paid out than a company may in a day: wait, or ask for less",
        .init(
          subject: "organisations/\(order.organisation)", quotaKey: "payout.daily", limit: limit,
          used: used ?? 0))
    }
  }

  // MARK: What happens to it

  /// Carries an event to a payout.
  @discardableResult
  func apply(
    _ event: PayoutMachine.Event, to id: String, by actor: SaraiType.Actor,
    in session: any SQLSession, change: (inout Payments.Payout) -> Void = { _ in }
  ) throws -> Payments.Payout {
    var payout = try find(id, in: session)
    var machine = PayoutMachine(
      state: PayoutMachine.State(rawValue: payout.state.rawValue) ?? .unknown)
    guard let action = try machine.apply(event) else { return payout }
    let now = context.now
    payout.state = Payments.PayoutState(rawValue: machine.state.rawValue)
    payout.stamp = payout.stamp.changed(by: actor, at: now)
    change(&payout)
    if action != .none {
      payout.finalTransferId = try end(payout, action, by: actor, in: session)
      payout.endedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
    }
    switch machine.state {
    case .approved: try WorkQueue.add(.sendPayout, id, at: now, in: session)
    default: try WorkQueue.remove(.sendPayout, id, in: session)
    }
    try session.execute(
      "UPDATE payout SET state = $2, content = $3 WHERE id = $1", .text(id),
      .integer(Int64(payout.state.rawValue)), .bytes(try payout.encoded(as: .native)))
    try tell(payout, by: actor, in: session)
    if machine.state.isTerminal, !payout.batchId.isEmpty {
      try BatchBook(context: context).payoutEnded(payout.batchId, in: session)
    }
    return payout
  }

  /// Posts or voids what was reserved, the fee with it.
  private func end(
    _ payout: Payments.Payout, _ action: PayoutMachine.Action, by actor: SaraiType.Actor,
    in session: any SQLSession
  ) throws -> String {
    let fee = try session.first(
      "SELECT fee_transfer_id FROM payout WHERE id = $1", .text(payout.id)
    ) { (row) throws(StorageError) in try row.text(0) }
    let pending = [UUID(payout.reserveTransferId), fee.flatMap { UUID($0) }].compactMap(\.self)
    let transfers = pending.enumerated().map { index, pending in
      let isLinked = index < (fee.flatMap { UUID($0) } == nil ? 0 : 1)
      let purpose: Payments.TransferPurpose = index == 0 ? .payout : .fee
      return action == .post
        ? NewTransfer.post(
          context.makeID(), of: pending, for: purpose, reference: UUID(payout.id),
          linked: isLinked)
        : NewTransfer.void(
          context.makeID(), of: pending, for: purpose, reference: UUID(payout.id),
          linked: isLinked)
    }
    _ = try context.ledger.move(transfers, at: context.now, by: actor, in: session)
    return transfers[0].id.description
  }

  /// Asks the provider for an approved payout; once, whoever does it.
  ///
  /// - Returns: the request's id; nil if the payout is no longer to be sent.
  func send(_ id: String, in session: any SQLSession) throws -> String? {
    let payout = try find(id, in: session)
    guard payout.state == .approved,
      let beneficiary = try TradeTables.beneficiaries.find(payout.beneficiaryId, in: session)
    else {
      try WorkQueue.remove(.sendPayout, id, in: session)
      return nil
    }
    let request = try ProviderBook(context: context).open(
      providerCode: beneficiary.providerCode, direction: .moneyOut,
      amount: payout.amount ?? SaraiType.Money(), reference: id,
      details: .init(
        account: beneficiary.iban.isEmpty ? beneficiary.phone?.e164 ?? "" : beneficiary.iban,
        holderName: beneficiary.holderName, statementText: payout.statementText), by: .house,
      in: session)
    try apply(.sent, to: id, by: .house, in: session) { $0.providerRequestId = request.id }
    return request.id
  }

  /// A request's new state; nothing if it does not belong to a payout.
  func requestChanged(
    _ request: Payments.ProviderRequest, in session: any SQLSession
  ) throws {
    guard try TradeTables.payouts.find(request.referenceId, in: session) != nil else { return }
    let event: PayoutMachine.Event
    switch request.state {
    case .unknown: event = .outcomeUnknown
    case .succeeded: event = .succeeded
    case .failed: event = .failed
    default: return
    }
    try apply(event, to: request.referenceId, by: .house, in: session) {
      $0.providerReference = request.providerReference
      if event == .failed { $0.failure = "the provider refused it, or never got it" }
    }
  }

  private func tell(
    _ payout: Payments.Payout, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws {
    try context.events.add(
      .payoutChanged, of: payout.id, id: context.makeID(), by: actor, at: context.now, in: session
    ) { $0.payout = payout }
  }
}
