import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Rates, quotes that expire, and conversions: ExchangeService.
struct ExchangeHandler: Payments.ExchangeService {
  let environment: PaymentsEnvironment
  /// How long a quote is good.
  let quoteTime: Duration

  init(_ environment: PaymentsEnvironment, quoteTime: Duration = .seconds(30)) {
    self.environment = environment
    self.quoteTime = quoteTime
  }

  // MARK: Rates

  func listExchangeRates(
    _ request: Payments.ListExchangeRatesRequest, _ context: CallContext
  ) async throws -> Payments.ListExchangeRatesResponse {
    let page = try Page(\.page, of: request, caller: context.caller.key, context)
    let after = page.after ?? ["", ""]
    guard after.count == 2 else { throw RPCError.cursorInvalid }
    let found = try await environment.database.read { session in
      try ExchangeStore.rates(
        from: request.baseCurrencyCode, behind: (after[0], after[1]), countMax: page.size + 1,
        in: session)
    }
    let cut = page.cut(found) {
      [$0.rate?.baseCurrencyCode ?? "", $0.rate?.quoteCurrencyCode ?? ""]
    }
    return Payments.ListExchangeRatesResponse(rates: cut.items, page: cut.page)
  }

  func setExchangeRate(
    _ request: Payments.SetExchangeRateRequest, _ context: CallContext
  ) async throws -> Payments.RateEntry {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    let rate = request.rate ?? SaraiType.ExchangeRate()
    let number = rate.rate ?? SaraiType.DecimalNumber()
    faults.currency(rate.baseCurrencyCode, "rate.base_currency_code")
    faults.currency(rate.quoteCurrencyCode, "rate.quote_currency_code")
    if rate.baseCurrencyCode == rate.quoteCurrencyCode {
      faults.add("rate.quote_currency_code", "SAME", "name another currency than the base")
    }
    faults.range(number.unscaled, "rate.rate.unscaled", 1...Int64.max)
    faults.range(number.scale, "rate.rate.scale", 0...Int32(ExchangeRule.scaleMax))
    faults.range(request.marginBasisPoints, "margin_basis_points", 0...1_000)
    faults.range(request.feeBasisPoints, "fee_basis_points", 0...1_000)
    let now = environment.now
    if (request.validUntilAt?.sinceEpoch ?? .zero) <= now {
      faults.add("valid_until_at", "NOT_AHEAD", "give an instant to come")
    }
    try faults.check()
    let entry = Payments.RateEntry(
      id: request.id, rate: rate, marginBasisPoints: request.marginBasisPoints,
      feeBasisPoints: request.feeBasisPoints,
      publishedAt: GoogleProtobuf.Timestamp(sinceEpoch: now), validUntilAt: request.validUntilAt,
      publishedBy: context.caller.actor)
    return try await environment.once(
      request, request.id, of: Payments.ExchangeServiceMethods.setExchangeRate, context
    ) { [environment] session in
      let last = try ExchangeStore.rate(
        rate.baseCurrencyCode, rate.quoteCurrencyCode, in: session)
      if let old = last?.rate?.rate, !request.confirmed,
        ExchangeRule.isJump(
          from: (old.unscaled, old.scale), to: (number.unscaled, number.scale))
      {
        throw PaymentsError.refused(
          .rateJump, "the rate is over 10 % away from the last: say `confirmed` if it is meant")
      }
      try ExchangeStore.add(entry, at: now, in: session)
      for code in [rate.baseCurrencyCode, rate.quoteCurrencyCode] {
        _ = try environment.house.open(.liquidity, code, at: now, in: session)
      }
      _ = try environment.house.open(.fees, rate.baseCurrencyCode, at: now, in: session)
      return entry
    }
  }

  // MARK: Quotes

  func createExchangeQuote(
    _ request: Payments.CreateExchangeQuoteRequest, _ context: CallContext
  ) async throws -> Payments.ExchangeQuote {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    let organisation = faults.id(request.organisationId, "organisation_id")
    faults.currency(request.sellCurrencyCode, "sell_currency_code")
    faults.currency(request.buyCurrencyCode, "buy_currency_code")
    let amount = request.amount ?? SaraiType.Money()
    faults.range(amount.minorUnits, "amount.minor_units", 1...Int64.max)
    if ![request.sellCurrencyCode, request.buyCurrencyCode].contains(amount.currencyCode) {
      faults.add("amount.currency_code", "NOT_OF_PAIR", "give it in one of the two currencies")
    }
    try faults.check()
    try context.caller.require("payments.exchange.write", in: organisation)
    let now = environment.now
    return try await environment.once(
      request, request.id, of: Payments.ExchangeServiceMethods.createExchangeQuote, context
    ) { [self] session in
      try quote(request, amount, at: now, in: session)
    }
  }

  private func quote(
    _ request: Payments.CreateExchangeQuoteRequest, _ amount: SaraiType.Money, at now: Duration,
    in session: any SQLSession
  ) throws -> Payments.ExchangeQuote {
    let (sell, buy) = (request.sellCurrencyCode, request.buyCurrencyCode)
    guard let rate = try ExchangeStore.rate(sell, buy, in: session), let number = rate.rate?.rate,
      (rate.validUntilAt?.sinceEpoch ?? .zero) > now,
      let rule = ExchangeRule(
        unscaled: number.unscaled, scale: number.scale,
        marginBasisPoints: rate.marginBasisPoints, feeBasisPoints: rate.feeBasisPoints,
        sellExponent: CurrencyTable[sell]?.exponent ?? 0,
        buyExponent: CurrencyTable[buy]?.exponent ?? 0), let decimal = rule.decimal
    else {
      throw PaymentsError.refused(
        .rateMissing, "there is no fresh rate from \(sell) to \(buy): ask again later")
    }
    let found =
      amount.currencyCode == sell
      ? rule.selling(amount.minorUnits) : rule.buying(amount.minorUnits)
    guard let amounts = found else {
      throw PaymentsError.refused(
        .amountOverflow, "the amount buys nothing, or leaves 64 bits: give another")
    }
    let stock = try environment.ledger.account(
      HouseAccounts.id(.liquidity, buy), at: now, in: session)
    guard let stock, stock.available >= amounts.buy else { throw Self.liquidityShort(buy) }
    let quote = Payments.ExchangeQuote(
      id: request.id, organisationId: request.organisationId, state: .offered,
      sell: SaraiType.Money(minorUnits: amounts.sell, currencyCode: sell),
      buy: SaraiType.Money(minorUnits: amounts.buy, currencyCode: buy),
      fee: SaraiType.Money(minorUnits: amounts.fee, currencyCode: sell),
      debitTotal: SaraiType.Money(minorUnits: amounts.debitTotal, currencyCode: sell),
      rate: SaraiType.ExchangeRate(
        baseCurrencyCode: sell, quoteCurrencyCode: buy,
        rate: SaraiType.DecimalNumber(unscaled: decimal.unscaled, scale: decimal.scale)),
      rateId: rate.id, createdAt: GoogleProtobuf.Timestamp(sinceEpoch: now),
      expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: now + quoteTime))
    try ExchangeStore.quotes.insert(
      quote.id, state: quote.state.rawValue, sort: -now.wholeMicroseconds, quote,
      .text(quote.organisationId), in: session)
    return quote
  }

  private static func liquidityShort(_ currency: String) -> PaymentsError {
    .refused(
      .liquidityShort,
      "the exchange provider has too little \(currency): ask for less, or again later")
  }

  func getExchangeQuote(
    _ request: Payments.GetExchangeQuoteRequest, _ context: CallContext
  ) async throws -> Payments.ExchangeQuote {
    var quote = try await environment.database.read { session in
      try ExchangeStore.quotes.find(request.id, in: session)
    }
    guard let found = quote else { throw PaymentsError.notFound("exchange quote") }
    try context.caller.requireOwner(of: UUID(found.organisationId))
    if found.state == .offered, environment.now >= found.expiresAt?.sinceEpoch ?? .zero {
      quote?.state = .expired
    }
    return quote ?? found
  }

  // MARK: Conversions

  func convert(
    _ request: Payments.ConvertRequest, _ context: CallContext
  ) async throws -> Payments.Conversion {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    _ = faults.id(request.quoteId, "quote_id")
    let debit = faults.id(request.debitAccountId, "debit_account_id")
    let credit = faults.id(request.creditAccountId, "credit_account_id")
    try faults.check()
    let now = environment.now
    let caller = context.caller
    return try await environment.once(
      request, request.id, of: Payments.ExchangeServiceMethods.convert, context
    ) { [environment] session in
      guard var quote = try ExchangeStore.quotes.find(request.quoteId, in: session) else {
        throw PaymentsError.notFound("exchange quote")
      }
      try caller.requireOwner(of: UUID(quote.organisationId))
      if quote.state == .used {
        throw PaymentsError.refused(.quoteUsed, "the quote was taken: ask for another")
      }
      if now >= quote.expiresAt?.sinceEpoch ?? .zero {
        throw PaymentsError.refused(.quoteExpired, "the quote is over: ask for another")
      }
      for account in [debit, credit] {
        let found = try environment.ledger.account(account, at: now, in: session)
        guard let found, found.organisationID == UUID(quote.organisationId) else {
          throw PaymentsError.notFound("account")
        }
        guard found.purpose == .settlement else {
          throw PaymentsError.refused(
            .currencyDiffers, "money is exchanged between settlement accounts: name these")
        }
      }
      let conversion = try Self.move(
        quote, id, from: debit, to: credit, at: now, by: caller.actor, environment, session)
      quote.state = .used
      try ExchangeStore.quotes.update(
        quote.id, state: quote.state.rawValue,
        sort: -(quote.createdAt?.sinceEpoch ?? .zero).wholeMicroseconds, quote,
        .text(quote.organisationId), in: session)
      try ExchangeStore.conversions.insert(
        conversion.id, state: 0, sort: -now.wholeMicroseconds, conversion,
        .text(conversion.organisationId), in: session)
      try environment.events.add(
        .conversionDone, of: conversion.id, id: environment.newID(), by: caller.actor, at: now,
        in: session
      ) { $0.conversion = conversion }
      return conversion
    }
  }

  /// The sale, the purchase and the fee: linked, so that all or none stand.
  private static func move(
    _ quote: Payments.ExchangeQuote, _ id: UUID, from debit: UUID, to credit: UUID,
    at now: Duration, by actor: SaraiType.Actor, _ environment: PaymentsEnvironment,
    _ session: any SQLSession
  ) throws -> Payments.Conversion {
    let sell = quote.sell ?? SaraiType.Money()
    let buy = quote.buy ?? SaraiType.Money()
    let fee = quote.fee ?? SaraiType.Money()
    var transfers: [NewTransfer] = [
      .immediate(
        DerivedID.of("sale", id), from: debit,
        to: HouseAccounts.id(.liquidity, sell.currencyCode), sell.minorUnits, sell.currencyCode,
        for: .conversion, reference: id, linked: true),
      .immediate(
        DerivedID.of("purchase", id), from: HouseAccounts.id(.liquidity, buy.currencyCode),
        to: credit, buy.minorUnits, buy.currencyCode, for: .conversion, reference: id,
        linked: fee.minorUnits > 0),
    ]
    if fee.minorUnits > 0 {
      transfers.append(
        .immediate(
          DerivedID.of("fee", id), from: debit, to: HouseAccounts.id(.fees, fee.currencyCode),
          fee.minorUnits, fee.currencyCode, for: .fee, reference: id))
    }
    let results = try environment.ledger.createTransfers(
      transfers, at: now, by: actor, in: session)
    if results[1].outcome == .fundsShort { throw liquidityShort(buy.currencyCode) }
    for result in results where result.outcome != .linkedFailed {
      if let refusal = result.refusal { throw refusal }
    }
    return Payments.Conversion(
      id: id.description, quoteId: quote.id, organisationId: quote.organisationId, sold: sell,
      bought: buy, fee: fee, transferIds: transfers.map(\.id.description),
      createdAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
  }

  func getConversion(
    _ request: Payments.GetConversionRequest, _ context: CallContext
  ) async throws -> Payments.Conversion {
    let found = try await environment.database.read { session in
      try ExchangeStore.conversions.find(request.id, in: session)
    }
    guard let found else { throw PaymentsError.notFound("conversion") }
    try context.caller.requireOwner(of: UUID(found.organisationId))
    return found
  }
}

extension FieldFaults {
  /// A currency that the table has.
  mutating func currency(_ code: String, _ field: String) {
    if CurrencyTable[code] == nil {
      add(field, "NOT_ISO_4217", "give three capitals of ISO 4217, of a currency in ListCurrencies")
    }
  }
}
