import PaymentsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes

@testable import PaymentsService

/// Exchange beside a plain model of it: every quote, every conversion and every balance must be equal,
/// between currencies of 0, 2, 3 and 4 digits.
@Suite struct ConversionModelTests {
  @Test(arguments: [(Engine.sqlite, UInt64(3), 6_000), (.postgreSQL, 4, 600)])
  func `any sequence of quotes and conversions ends as the model says`(
    engine: Engine, seed: UInt64, operations: Int
  ) async throws {
    print("seed \(seed): \(operations) conversions and quotes on \(engine)")
    try await PaymentsHarness.with(engine, seed: seed) { harness in
      var run = ConversionModelRun(harness)
      try await run.openMarket()
      while run.operationCount < operations, run.faults.isEmpty { try await run.step() }
      try await run.compareBalances()
      #expect(run.faults == [], "seed \(seed), after \(run.operationCount) operations")
      #expect(
        run.outcomes == [
          "OK", "QUOTE_USED", "QUOTE_EXPIRED", "FUNDS_SHORT", "LIQUIDITY_SHORT", "RATE_MISSING",
          "AMOUNT_OVERFLOW", "ID_REUSED",
        ])
    }
  }
}

/// One generated sequence, and what it comes to on paper.
struct ConversionModelRun {
  private struct Rate {
    /// Major units bought for one sold, times 10^12, after the margin.
    let value: Int128
    let feeBasisPoints: Int128
    let endsAt: Duration
  }

  private struct Quote {
    let answer: Payments.ExchangeQuote
    let sell: String
    let buy: String
    let sold: Int128
    let bought: Int128
    let fee: Int128
    let endsAt: Duration
    var isUsed = false
  }

  private let harness: PaymentsHarness
  private let organisation: String
  private var accounts: [String: String] = [:]
  private var rates: [String: Rate] = [:]
  private var quotes: [Quote] = []
  private var sent: [(request: Payments.ConvertRequest, answer: Payments.Conversion)] = []
  /// What the company has, what the house has to exchange, and what it took as fees, by currency.
  private var own: [String: Int128] = [:]
  private var stock: [String: Int128] = [:]
  private var fees: [String: Int128] = [:]
  private(set) var operationCount = 0
  private(set) var outcomes: Set<String> = []
  private(set) var faults: [String] = []

  private static let digits = ["JPY": 0, "PKR": 2, "KWD": 3, "CLF": 4]
  private static let codes = digits.keys.sorted()

  init(_ harness: PaymentsHarness) {
    self.harness = harness
    organisation = harness.newID()
  }

  private func number(_ bound: Int) -> Int {
    Int(harness.random.number(below: UInt64(bound)))
  }
  private func chance(_ percent: Int) -> Bool { number(100) < percent }
  private func one<Element>(_ elements: [Element]) -> Element { elements[number(elements.count)] }
  private var now: Duration { harness.time.sinceEpoch() }
  private static func power(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(1) { power, _ in power * 10 }
  }

  private mutating func expect(_ holds: Bool, _ fault: @autoclosure () -> String) {
    if !holds, faults.count < 5 { faults.append("operation \(operationCount): \(fault())") }
  }

  // MARK: The market

  mutating func openMarket() async throws {
    let opened = try await harness.wallets.openBusinessAccounts(
      Payments.OpenBusinessAccountsRequest(
        id: harness.newID(), organisationId: organisation, currencyCodes: Self.codes))
    for account in opened.accounts where account.purpose == .settlement {
      accounts[account.currencyCode] = account.id
    }
    for sell in Self.codes {
      for buy in Self.codes where buy != sell { try await publish(sell, buy) }
    }
    for code in Self.codes {
      try await grant(code, to: accounts[code] ?? "", 5_000_000)
      own[code] = 5_000_000
      try await grant(code, to: "\(HouseAccounts.id(.liquidity, code))", 50_000_000)
      stock[code] = 50_000_000
    }
  }

  private func grant(_ code: String, to account: String, _ amount: Int64) async throws {
    let source = harness.newID()
    _ = try await harness.ledger.createAccounts(
      Payments.CreateAccountsRequest(accounts: [
        Payments.Account(id: source, currencyCode: code, purpose: .provider, balanceRule: .free)
      ]))
    _ = try await harness.ledger.createTransfer(
      Payments.CreateTransferRequest(
        id: harness.newID(),
        draft: Payments.TransferDraft(
          kind: .immediate, debitAccountId: source, creditAccountId: account, amount: amount,
          currencyCode: code, purpose: .grant)))
  }

  private mutating func publish(_ sell: String, _ buy: String) async throws {
    let (unscaled, scale) = (1 + number(100_000), number(6))
    let (margin, fee) = (number(300), chance(20) ? 0 : number(200))
    let endsAt = now + .seconds(60 + number(600))
    _ = try await harness.exchange.setExchangeRate(
      Payments.SetExchangeRateRequest(
        id: harness.newID(),
        rate: SaraiType.ExchangeRate(
          baseCurrencyCode: sell, quoteCurrencyCode: buy,
          rate: SaraiType.DecimalNumber(unscaled: Int64(unscaled), scale: Int32(scale))),
        marginBasisPoints: Int32(margin), feeBasisPoints: Int32(fee),
        validUntilAt: GoogleProtobuf.Timestamp(sinceEpoch: endsAt), confirmed: true))
    let value = Int128(unscaled) * Self.power(12 - scale) * Int128(10_000 - margin) / 10_000
    rates[sell + buy] = Rate(value: value, feeBasisPoints: Int128(fee), endsAt: endsAt)
  }

  // MARK: Steps

  mutating func step() async throws {
    operationCount += 1
    switch number(100) {
    case ..<5:
      let sell = one(Self.codes)
      try await publish(sell, one(Self.codes.filter { $0 != sell }))
    case ..<50: try await quote()
    case ..<90 where !quotes.isEmpty: try await convert()
    case ..<94 where !sent.isEmpty: try await again()
    case ..<97: harness.time.advance(by: .seconds(number(20)))
    default: if chance(20) { try await compareBalances() }
    }
  }

  private func refusal(_ error: any Error) -> String {
    RPCError(reporting: error).info?.reason ?? "\(error)"
  }

  private mutating func quote() async throws {
    let sell = one(Self.codes)
    let buy = one(Self.codes.filter { $0 != sell })
    let namesSold = chance(50)
    let amount =
      chance(2) ? Int64.max - Int64(number(9)) : Int64(1 + number(chance(50) ? 500 : 400_000))
    let request = Payments.CreateExchangeQuoteRequest(
      id: harness.newID(), organisationId: organisation, sellCurrencyCode: sell,
      buyCurrencyCode: buy,
      amount: SaraiType.Money(minorUnits: amount, currencyCode: namesSold ? sell : buy))
    let expected = price(sell, buy, Int128(amount), namesSold: namesSold)
    do {
      let answer = try await harness.exchange.createExchangeQuote(request)
      guard case .success(let price) = expected else {
        return expect(false, "the model refuses \(expected), the service offers \(answer)")
      }
      outcomes.insert("OK")
      expect(
        answer.sell == money(price.sold, sell) && answer.buy == money(price.bought, buy)
          && answer.fee == money(price.fee, sell)
          && answer.debitTotal == money(price.sold + price.fee, sell),
        "the model asks for \(price), the service offers \(answer)")
      let offered = try await harness.exchange.createExchangeQuote(request)
      expect(offered == answer, "a retry was answered otherwise")
      quotes.append(
        Quote(
          answer: answer, sell: sell, buy: buy, sold: price.sold, bought: price.bought,
          fee: price.fee, endsAt: now + .seconds(30)))
      if quotes.count > 40 { quotes.removeFirst(20) }
    } catch {
      outcomes.insert(refusal(error))
      guard case .failure(let refused) = expected, refused.reasons.contains(refusal(error)) else {
        return expect(false, "the model says \(expected), the service \(error)")
      }
    }
  }

  private struct Refused: Error { let reasons: Set<String> }

  /// What an exchange costs: what was named is exact, the rest is rounded for the house.
  private func price(
    _ sell: String, _ buy: String, _ amount: Int128, namesSold: Bool
  ) -> Result<(sold: Int128, bought: Int128, fee: Int128), Refused> {
    guard let rate = rates[sell + buy], rate.endsAt > now else {
      return .failure(Refused(reasons: ["RATE_MISSING"]))
    }
    // Such amounts leave 128 bits here: more than there is in any case.
    if amount > 1 << 50 {
      return .failure(Refused(reasons: ["AMOUNT_OVERFLOW", "LIQUIDITY_SHORT"]))
    }
    let top = rate.value * Self.power(Self.digits[buy] ?? 0)
    let bottom = Self.power(12 + (Self.digits[sell] ?? 0))
    let sold = namesSold ? amount : (amount * bottom + top - 1) / top
    let bought = namesSold ? amount * top / bottom : amount
    let fee = (sold * rate.feeBasisPoints + 9_999) / 10_000
    guard bought > 0, sold + fee <= Int128(Int64.max) else {
      return .failure(Refused(reasons: ["AMOUNT_OVERFLOW"]))
    }
    guard bought <= stock[buy] ?? 0 else { return .failure(Refused(reasons: ["LIQUIDITY_SHORT"])) }
    return .success((sold, bought, fee))
  }

  private func money(_ amount: Int128, _ code: String) -> SaraiType.Money {
    SaraiType.Money(minorUnits: Int64(amount), currencyCode: code)
  }

  private mutating func convert() async throws {
    let place = number(quotes.count)
    let quote = quotes[place]
    let request = Payments.ConvertRequest(
      id: harness.newID(), quoteId: quote.answer.id, debitAccountId: accounts[quote.sell] ?? "",
      creditAccountId: accounts[quote.buy] ?? "")
    let expected = outcome(of: quote)
    do {
      let answer = try await harness.exchange.convert(request)
      expect(expected == "OK", "the model says \(expected), the service \(answer)")
      expect(
        answer.sold == quote.answer.sell && answer.bought == quote.answer.buy
          && answer.fee == quote.answer.fee, "another conversion than was offered: \(answer)")
      own[quote.sell, default: 0] -= quote.sold + quote.fee
      stock[quote.sell, default: 0] += quote.sold
      fees[quote.sell, default: 0] += quote.fee
      stock[quote.buy, default: 0] -= quote.bought
      own[quote.buy, default: 0] += quote.bought
      quotes[place].isUsed = true
      sent.append((request, answer))
      outcomes.insert("OK")
    } catch {
      outcomes.insert(refusal(error))
      expect(expected == refusal(error), "the model says \(expected), the service \(error)")
    }
  }

  private func outcome(of quote: Quote) -> String {
    if quote.isUsed { return "QUOTE_USED" }
    if now >= quote.endsAt { return "QUOTE_EXPIRED" }
    let free = own[quote.sell] ?? 0
    if free < quote.sold { return "FUNDS_SHORT" }
    if stock[quote.buy] ?? 0 < quote.bought { return "LIQUIDITY_SHORT" }
    return free < quote.sold + quote.fee ? "FUNDS_SHORT" : "OK"
  }

  /// What was done is answered alike for ever, and its id serves nothing else.
  private mutating func again() async throws {
    let (request, answer) = one(sent)
    let repeated = try await harness.exchange.convert(request)
    expect(repeated == answer, "a conversion was answered otherwise when repeated")
    var other = request
    other.quoteId = harness.newID()
    do {
      let answer = try await harness.exchange.convert(other)
      expect(false, "an id served twice: \(answer)")
    } catch {
      outcomes.insert(refusal(error))
    }
  }

  // MARK: Comparing

  mutating func compareBalances() async throws {
    for code in Self.codes {
      let house = { "\(HouseAccounts.id($0, code))" }
      for (account, sum) in [
        (accounts[code] ?? "", own[code] ?? 0), (house(.liquidity), stock[code] ?? 0),
        (house(.fees), fees[code] ?? 0),
      ] {
        let balance = try await harness.ledger.getBalance(
          Payments.GetBalanceRequest(accountId: account))
        expect(
          Int128(balance.creditsPosted) - Int128(balance.debitsPosted) == sum,
          "\(account) of \(code): the model has \(sum), not \(balance)")
      }
    }
    let trial = try await harness.ledger.getTrialBalance(Payments.GetTrialBalanceRequest())
    for currency in trial.currencies {
      expect(currency.debitsPosted == currency.creditsPosted, "\(currency) is out of balance")
    }
  }
}
