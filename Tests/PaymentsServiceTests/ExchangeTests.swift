import PaymentsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import Storage
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes

@testable import PaymentsService

@Suite struct ExchangeRuleTests {
  @Test(arguments: [
    // 100.00 USD at 278.50 with 1 % margin: 27,571.50 PKR; the fee is 0.5 % of what is sold.
    (278_50, 2, 100, 50, 2, 2, 10_000, 2_757_150, 50),
    // One yen (no digits) at 1.9 rupees (two digits).
    (19, 1, 0, 0, 0, 2, 1, 190, 0),
    // One fils of a dinar (three digits) buys 0.903 rupees: rounded down.
    (903_1, 1, 0, 0, 3, 2, 1, 90, 0),
    // Four digits into none: 1.0000 unit of account at 5,432.1 yen.
    (5_432_1, 1, 0, 0, 4, 0, 10_000, 5_432, 0),
    // A fee of a fraction of a cent is a whole cent.
    (1, 0, 0, 1, 2, 2, 1, 1, 1),
  ])
  func `rounding favours who gives liquidity, in every exponent`(
    unscaled: Int64, scale: Int32, margin: Int32, fee: Int32, sellExponent: Int, buyExponent: Int,
    sell: Int64, buy: Int64, cost: Int64
  ) throws {
    let rule = try #require(
      ExchangeRule(
        unscaled: unscaled, scale: scale, marginBasisPoints: margin, feeBasisPoints: fee,
        sellExponent: sellExponent, buyExponent: buyExponent))
    let amounts = try #require(rule.selling(sell))
    #expect(amounts.buy == buy)
    #expect(amounts.fee == cost)
    // Who asks for what that bought never pays less for it than it sold for, by a step of rounding.
    let back = try #require(rule.buying(buy))
    #expect(back.sell <= sell)
    #expect(try #require(rule.selling(back.sell)).buy >= buy)
  }

  @Test func `amounts at the edge of 64 bits are refused, not wrapped`() throws {
    let rule = try #require(
      ExchangeRule(
        unscaled: 1, scale: 0, marginBasisPoints: 0, feeBasisPoints: 1_000, sellExponent: 2,
        buyExponent: 2))
    #expect(rule.selling(.max) == nil)
    let dear = try #require(
      ExchangeRule(
        unscaled: .max, scale: 0, marginBasisPoints: 0, feeBasisPoints: 0, sellExponent: 0,
        buyExponent: 4))
    #expect(dear.selling(2) == nil)
    #expect(dear.buying(1)?.sell == 1)
  }

  @Test func `selling and buying agree for thousands of amounts`() throws {
    let random = SeededRandom(seed: 11)
    for _ in 0..<5_000 {
      let rule = try #require(
        ExchangeRule(
          unscaled: 1 + Int64(random.number(below: 1_000_000)),
          scale: Int32(random.number(below: 7)),
          marginBasisPoints: Int32(random.number(below: 1_000)),
          feeBasisPoints: Int32(random.number(below: 1_000)),
          sellExponent: [0, 2, 3, 4][Int(random.number(below: 4))],
          buyExponent: [0, 2, 3, 4][Int(random.number(below: 4))]))
      let amount = 1 + Int64(random.number(below: 1_000_000_000))
      guard let bought = rule.buying(amount) else { continue }
      // What is sold buys the amount, and one unit less would not.
      let sold = try #require(rule.selling(bought.sell))
      #expect(sold.buy >= amount)
      if bought.sell > 1 { #expect((rule.selling(bought.sell - 1)?.buy ?? 0) < amount) }
    }
  }
}

@Suite struct ExchangeHandlerTests {
  private func money(_ amount: Int64, _ code: String) -> SaraiType.Money {
    SaraiType.Money(minorUnits: amount, currencyCode: code)
  }

  /// A rate from dollars to rupees, a company with dollars, and a provider with rupees.
  private func market(
    _ harness: PaymentsHarness
  ) async throws -> (organisation: String, dollars: String, rupees: String) {
    _ = try await harness.exchange.setExchangeRate(rate(harness, 278_50))
    let organisation = harness.newID()
    let opened = try await harness.wallets.openBusinessAccounts(
      Payments.OpenBusinessAccountsRequest(
        id: harness.newID(), organisationId: organisation, currencyCodes: ["USD", "PKR"]))
    func account(_ code: String) -> String {
      opened.accounts.first { $0.currencyCode == code && $0.purpose == .settlement }?.id ?? ""
    }
    for (code, target, amount) in [
      ("USD", account("USD"), 100_000),
      ("PKR", HouseAccounts.id(.liquidity, "PKR").description, 10_000_000),
    ] as [(String, String, Int64)] {
      let source = harness.newID()
      _ = try await harness.ledger.createAccounts(
        Payments.CreateAccountsRequest(accounts: [
          Payments.Account(
            id: source, currencyCode: code, purpose: .provider, balanceRule: .free)
        ]))
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(
          id: harness.newID(),
          draft: Payments.TransferDraft(
            kind: .immediate, debitAccountId: source, creditAccountId: target, amount: amount,
            currencyCode: code, purpose: .grant)))
    }
    return (organisation, account("USD"), account("PKR"))
  }

  private func rate(
    _ harness: PaymentsHarness, _ unscaled: Int64, confirmed: Bool = false
  ) -> Payments.SetExchangeRateRequest {
    Payments.SetExchangeRateRequest(
      id: harness.newID(),
      rate: SaraiType.ExchangeRate(
        baseCurrencyCode: "USD", quoteCurrencyCode: "PKR",
        rate: SaraiType.DecimalNumber(unscaled: unscaled, scale: 2)),
      marginBasisPoints: 100, feeBasisPoints: 50,
      validUntilAt: GoogleProtobuf.Timestamp(
        sinceEpoch: harness.time.sinceEpoch() + .seconds(3_600)), confirmed: confirmed)
  }

  private func quote(
    _ harness: PaymentsHarness, _ organisation: String, _ amount: SaraiType.Money
  ) -> Payments.CreateExchangeQuoteRequest {
    Payments.CreateExchangeQuoteRequest(
      id: harness.newID(), organisationId: organisation, sellCurrencyCode: "USD",
      buyCurrencyCode: "PKR", amount: amount)
  }

  @Test(arguments: Engine.allCases)
  func `a quote is taken once, by three transfers that stand together`(
    _ engine: Engine
  ) async throws {
    try await PaymentsHarness.with(engine) { harness in
      let (organisation, dollars, rupees) = try await market(harness)
      let asked = quote(harness, organisation, money(10_000, "USD"))
      let offer = try await harness.exchange.createExchangeQuote(asked)
      #expect(offer.buy == money(2_757_150, "PKR"))
      #expect(offer.fee == money(50, "USD") && offer.debitTotal == money(10_050, "USD"))
      #expect(try await harness.exchange.createExchangeQuote(asked) == offer)
      let request = Payments.ConvertRequest(
        id: harness.newID(), quoteId: offer.id, debitAccountId: dollars, creditAccountId: rupees)
      let conversion = try await harness.exchange.convert(request)
      #expect(try await harness.exchange.convert(request) == conversion)
      #expect(conversion.transferIds.count == 3)
      func available(_ id: String) async throws -> Int64 {
        try await harness.ledger.getBalance(Payments.GetBalanceRequest(accountId: id)).available
      }
      #expect(try await available(dollars) == 89_950)
      #expect(try await available(rupees) == 2_757_150)
      #expect(try await available(HouseAccounts.id(.fees, "USD").description) == 50)
      let error = await #expect(throws: RPCError.self) {
        try await harness.exchange.convert(
          Payments.ConvertRequest(
            id: harness.newID(), quoteId: offer.id, debitAccountId: dollars,
            creditAccountId: rupees))
      }
      #expect(error?.info?.reason == "QUOTE_USED")
      let sums = try await harness.ledger.getTrialBalance(Payments.GetTrialBalanceRequest())
      for currency in sums.currencies { #expect(currency.debitsPosted == currency.creditsPosted) }
    }
  }

  @Test func `a quote is refused when it is over, and money when it is short`() async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      let (organisation, dollars, rupees) = try await market(harness)
      func reason(_ body: () async throws -> Void) async -> String {
        do {
          try await body()
          return "none"
        } catch {
          return (error as? RPCError)?.info?.reason ?? "\(error)"
        }
      }
      func convert(_ offer: Payments.ExchangeQuote) async throws {
        _ = try await harness.exchange.convert(
          Payments.ConvertRequest(
            id: harness.newID(), quoteId: offer.id, debitAccountId: dollars,
            creditAccountId: rupees))
      }
      let late = try await harness.exchange.createExchangeQuote(
        quote(harness, organisation, money(1_000, "USD")))
      harness.time.advance(by: .seconds(30))
      #expect(await reason { try await convert(late) } == "QUOTE_EXPIRED")
      let shown = try await harness.exchange.getExchangeQuote(
        Payments.GetExchangeQuoteRequest(id: late.id))
      #expect(shown.state == .expired)
      // All dollars, so that nothing is left for the fee: nothing moves.
      let all = try await harness.exchange.createExchangeQuote(
        quote(harness, organisation, money(36_000, "USD")))
      #expect(
        await reason {
          _ = try await harness.exchange.createExchangeQuote(
            quote(harness, organisation, money(37_000, "USD")))
        } == "LIQUIDITY_SHORT")
      _ = all
      #expect(
        await reason {
          _ = try await harness.exchange.setExchangeRate(rate(harness, 320_00))
        } == "RATE_JUMP")
      _ = try await harness.exchange.setExchangeRate(rate(harness, 320_00, confirmed: true))
      harness.time.advance(by: .seconds(3_600))
      #expect(
        await reason {
          _ = try await harness.exchange.createExchangeQuote(
            quote(harness, organisation, money(1_000, "USD")))
        } == "RATE_MISSING")
    }
  }
}
