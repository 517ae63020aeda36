import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes

/// Money into escrow.
extension OrderHandler {
  func fundOrder(
    _ request: Payments.FundOrderRequest, _ call: CallContext
  ) async throws -> Payments.Funding {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    let account = faults.optionalID(request.debitAccountId, "debit_account_id")
    _ = faults.optionalID(request.exchangeQuoteId, "exchange_quote_id")
    if request.debitAccountId.isEmpty == request.providerCode.isEmpty {
      faults.add("debit_account_id", "ONE_OF", "give either an account or a provider")
    }
    faults.text(request.instrumentToken, "instrument_token", lengthMax: 500)
    try faults.check()
    if let answer: Payments.Funding = try await context.answered(
      request, request.id, of: Payments.OrderServiceMethods.fundOrder, call)
    {
      return answer
    }
    let order = try await own(request.orderId, .buyer, call)
    guard order.state == .reserved else {
      throw PaymentsError.refused(
        .orderState, "only an order that waits for its money is funded: read it again")
    }
    guard request.exchangeQuoteId.isEmpty else {
      throw PaymentsError.featureAbsent("orders paid in another currency")
    }
    // Before any money moves: what is not held cannot be sold.
    try await stock.hold(order)
    let actor = call.caller.actor
    if let account {
      return try await context.base.once(
        request, request.id, of: Payments.OrderServiceMethods.fundOrder, call
      ) { session in
        try fund(request, from: account, by: actor, in: session)
      }
    }
    let funding = try await context.base.once(
      request, request.id, of: Payments.OrderServiceMethods.fundOrder, call
    ) { session in
      try fundThroughProvider(request, by: actor, in: session)
    }
    await providers.tryAsk(funding.providerRequestId)
    return funding
  }

  private func fund(
    _ request: Payments.FundOrderRequest, from account: UUID, by actor: SaraiType.Actor,
    in session: any SQLSession
  ) throws -> Payments.Funding {
    let entry = try book.entry(request.orderId, in: session)
    guard let payer = try context.ledger.account(account, at: context.now, in: session),
      payer.organisationID?.description == entry.order.buyerOrganisationId
    else { throw PaymentsError.notFound("account") }
    guard payer.currencyCode == entry.currency else {
      throw PaymentsError.refused(
        .currencyDiffers, "the account is not in \(entry.currency): give an exchange quote")
    }
    let instant = GoogleProtobuf.Timestamp(sinceEpoch: context.now)
    var funding = Payments.Funding(
      id: request.id, orderId: request.orderId, state: .done, paid: entry.order.total,
      captured: entry.order.total, createdAt: instant, endedAt: instant)
    let order = try book.apply(
      .fundingDone(shipBy: context.now + entry.leadTime), to: request.orderId,
      .init(
        actor: actor, step: .funded, payer: account, isPaidFromOwnAccount: true), in: session)
    funding.transferIds = try book.lastTransfers(of: order.id, in: session)
    try save(funding, new: true, by: actor, in: session)
    return funding
  }

  private func fundThroughProvider(
    _ request: Payments.FundOrderRequest, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> Payments.Funding {
    let entry = try book.entry(request.orderId, in: session)
    let total = entry.order.total ?? SaraiType.Money()
    let asked = try providers.book.open(
      providerCode: request.providerCode, direction: .moneyIn, amount: total,
      reference: request.id,
      details: ProviderBook.Details(account: request.instrumentToken), by: actor, in: session)
    try book.apply(.fundingStarted, to: request.orderId, .init(actor: actor), in: session)
    let funding = Payments.Funding(
      id: request.id, orderId: request.orderId, state: .waiting, paid: total,
      providerCode: request.providerCode, providerRequestId: asked.id,
      createdAt: GoogleProtobuf.Timestamp(sinceEpoch: context.now))
    try save(funding, new: true, by: actor, in: session)
    return funding
  }

  func getFunding(
    _ request: Payments.GetFundingRequest, _ call: CallContext
  ) async throws -> Payments.Funding {
    let funding = try await context.database.read { session in
      try TradeTables.fundings.find(request.id, in: session)
    }
    guard let funding else { throw PaymentsError.notFound("funding") }
    _ = try await visible(funding.orderId, call)
    return funding
  }

  private func save(
    _ funding: Payments.Funding, new: Bool, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws {
    try FundingBook(context: context).save(funding, isNew: new, by: actor, in: session)
  }
}

/// Carries a provider's word to the order that it funds.
struct FundingBook: Sendable {
  let context: TradeContext

  /// The outcome of a request; nothing if it does not belong to a funding.
  func ended(
    _ request: Payments.ProviderRequest, succeeded: Bool, in session: any SQLSession
  ) throws {
    guard var funding = try TradeTables.fundings.find(request.referenceId, in: session) else {
      return
    }
    let book = OrderBook(context: context)
    if succeeded {
      let entry = try book.entry(funding.orderId, in: session)
      let provider = try ProviderBook(context: context).provider(
        request.providerCode, in: session)
      try book.apply(
        .fundingDone(shipBy: context.now + entry.leadTime), to: funding.orderId,
        .init(actor: .house, step: .funded, payer: UUID(provider.accountId)), in: session)
      funding.state = .done
      funding.captured = funding.paid
      funding.transferIds = try book.lastTransfers(of: funding.orderId, in: session)
    } else {
      try book.apply(.fundingFailed, to: funding.orderId, .init(actor: .house), in: session)
      funding.state = .failed
      funding.failure = "PROVIDER_DOWN"
    }
    funding.endedAt = GoogleProtobuf.Timestamp(sinceEpoch: context.now)
    try save(funding, isNew: false, by: .house, in: session)
  }

  func save(
    _ funding: Payments.Funding, isNew: Bool, by actor: SaraiType.Actor,
    in session: any SQLSession
  ) throws {
    let sort = -context.now.wholeMicroseconds
    if isNew {
      try TradeTables.fundings.insert(
        funding.id, state: funding.state.rawValue, sort: sort, funding, .text(funding.orderId),
        in: session)
    } else {
      try TradeTables.fundings.update(
        funding.id, state: funding.state.rawValue, sort: sort, funding, in: session)
    }
    try context.events.add(
      .fundingChanged, of: funding.orderId, id: context.makeID(), by: actor, at: context.now,
      in: session
    ) { $0.funding = funding }
  }
}
