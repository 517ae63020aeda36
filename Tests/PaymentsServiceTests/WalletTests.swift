import Access
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
import Wire

@testable import PaymentsService

@Suite struct WalletRuleTests {
  /// 2026-12-31 23:30 in Karachi, which is 18:30 UTC.
  private let newYearsEve =
    CivilDay(year: 2026, month: 12, day: 31).number * 86_400_000_000
    + 66_600_000_000

  @Test(arguments: [
    (Payments.LimitKind.dailyDebit, 31, 12), (.monthlyDebit, 1, 12), (.yearlyCredit, 1, 1),
  ])
  func `a limit counts in its period of the tier's own zone`(
    kind: Payments.LimitKind, day: Int64, month: Int64
  ) {
    let rule = WalletRule(tier: WalletRule.of2016[0])
    #expect(
      rule.period(of: kind, at: newYearsEve) == CivilDay(year: 2026, month: month, day: day))
    // All begin anew half an hour later, at midnight in Karachi.
    #expect(rule.resetsAt(kind, at: newYearsEve) == newYearsEve + 1_800_000_000)
  }

  @Test func `days are counted as the calendar has them, for centuries`() {
    for number in stride(from: Int64(-200_000), to: 3_000_000, by: 97) {
      let date = CivilDay(number: number).date
      #expect(
        CivilDay(year: date.year, month: date.month, day: date.day).number == number)
    }
    #expect(CivilDay(year: 2000, month: 2, day: 29).number == 11_016)
    #expect(InstantText.rfc3339(951_782_400_000_001) == "2000-02-29T00:00:00.000001Z")
  }

  @Test func `the levels of 2016 are what the State Bank set`() {
    let limits = WalletRule.of2016.map { tier in
      tier.limits.prefix(3).map { ($0.amount?.minorUnits ?? 0) / 100 }
        + [(tier.limits.last?.amount?.minorUnits ?? 0) / 100]
    }
    #expect(limits == [[25_000, 40_000, 200_000, 200_000], [50_000, 80_000, 800_000, 400_000]])
  }

  @Test(arguments: [("Amina Khan", "Am*** K***"), ("Ali", "Al***"), ("", "")])
  func `a name shows just enough to tell a typing error`(name: String, masked: String) {
    #expect(NameMask.masked(name) == masked)
  }
}

@Suite struct WalletHandlerTests {
  private func person(
    _ harness: PaymentsHarness, _ phone: String
  ) -> (id: UUID, client: Payments.WalletServiceClient<InProcessTransport>) {
    let id = UUID(high: harness.random.next() | 1, low: harness.random.next())
    harness.owners.verify(phone, of: id)
    return (
      id,
      Payments.WalletServiceClient(
        harness.transport(as: .person(id, session: UUID(high: 1, low: 1))))
    )
  }

  private func rupees(_ amount: Int64) -> SaraiType.Money {
    SaraiType.Money(minorUnits: amount * 100, currencyCode: "PKR")
  }

  private func open(
    _ harness: PaymentsHarness, _ client: Payments.WalletServiceClient<InProcessTransport>,
    _ phone: String
  ) async throws -> Payments.Wallet {
    try await client.openWallet(
      Payments.OpenWalletRequest(
        id: harness.newID(), phone: SaraiType.PhoneNumber(e164: phone), currencyCode: "PKR"))
  }

  private func fill(
    _ harness: PaymentsHarness, _ wallet: Payments.Wallet, _ amount: Int64
  ) async throws {
    let payment = try await harness.wallets.topUpWallet(
      Payments.TopUpWalletRequest(
        id: harness.newID(), walletId: wallet.id, amount: rupees(amount), providerCode: "bank"))
    #expect(payment.state == .waiting)
    let book = WalletBook(environment: harness.environment)
    try await harness.database.write { session in
      let provider = try harness.environment.house.open(
        .provider, "PKR", at: harness.environment.now, in: session)
      try book.topUpEnded(payment.id, from: provider, in: session)
      // The provider says it twice.
      try book.topUpEnded(payment.id, from: provider, in: session)
    }
  }

  @Test(arguments: Engine.allCases)
  func `money goes from number to number within the limits of the tier`(
    _ engine: Engine
  ) async throws {
    try await PaymentsHarness.with(engine) { harness in
      let amina = person(harness, "+923001234567")
      let bilal = person(harness, "+923007654321")
      let from = try await open(harness, amina.client, "+923001234567")
      let to = try await open(harness, bilal.client, "+923007654321")
      #expect(from.tierCode == "pk-level-0" && from.limits.count == 7)
      try await fill(harness, from, 20_000)
      harness.time.advance(by: .seconds(1))
      let found = try await amina.client.resolveWallet(
        Payments.ResolveWalletRequest(
          phone: SaraiType.PhoneNumber(e164: "+923007654321"), currencyCode: "PKR"))
      #expect(found.walletId == to.id && found.maskedName == "Am*** K***")
      let request = Payments.SendMoneyRequest(
        id: harness.newID(), walletId: from.id, toWalletId: to.id, amount: rupees(15_000))
      let payment = try await amina.client.sendMoney(request)
      #expect(payment.state == .done)
      #expect(try await amina.client.sendMoney(request) == payment)
      let left = try await amina.client.getWallet(Payments.GetWalletRequest(id: from.id))
      #expect(left.balance == rupees(5_000))
      #expect(left.limits.first { $0.kind == .dailyDebit }?.used == rupees(15_000))
      // More than is there, and no more than the day allows.
      let short = await #expect(throws: RPCError.self) {
        try await amina.client.sendMoney(
          Payments.SendMoneyRequest(
            id: harness.newID(), walletId: from.id, toWalletId: to.id, amount: rupees(6_000)))
      }
      #expect(short?.info?.reason == "FUNDS_SHORT")
      #expect(short?.info?.metadata["available"] == "500000")
      let over = await #expect(throws: RPCError.self) {
        try await amina.client.sendMoney(
          Payments.SendMoneyRequest(
            id: harness.newID(), walletId: from.id, toWalletId: to.id, amount: rupees(10_001)))
      }
      #expect(over?.code == .resourceExhausted && over?.info?.reason == "LIMIT_REACHED")
      let violation = over?.detail(SaraiRPC.QuotaFailure.self)?.violations.first
      #expect(violation?.quotaKey == "wallet.daily_debit")
      #expect(violation?.limit == 2_500_000 && violation?.used == 1_500_000)
      // Another's wallet cannot be used.
      let foreign = await #expect(throws: RPCError.self) {
        try await bilal.client.sendMoney(
          Payments.SendMoneyRequest(
            id: harness.newID(), walletId: from.id, toWalletId: to.id, amount: rupees(1)))
      }
      #expect(foreign?.code == .notFound)
      let list = try await amina.client.listWalletPayments(
        Payments.ListWalletPaymentsRequest(walletId: from.id))
      #expect(list.payments.map(\.kind) == [.send, .topUp])
    }
  }

  @Test func `a refused amount leaves the limits as they were, a failed top-up gives back`()
    async throws
  {
    try await PaymentsHarness.with(.sqlite) { harness in
      let amina = person(harness, "+923001234567")
      let wallet = try await open(harness, amina.client, "+923001234567")
      let payment = try await harness.wallets.topUpWallet(
        Payments.TopUpWalletRequest(
          id: harness.newID(), walletId: wallet.id, amount: rupees(25_000), providerCode: "bank"))
      func used() async throws -> SaraiType.Money? {
        try await amina.client.getWallet(Payments.GetWalletRequest(id: wallet.id)).limits
          .first { $0.kind == .dailyCredit }?.used
      }
      #expect(try await used() == rupees(25_000))
      let error = await #expect(throws: RPCError.self) {
        try await harness.wallets.topUpWallet(
          Payments.TopUpWalletRequest(
            id: harness.newID(), walletId: wallet.id, amount: rupees(1), providerCode: "bank"))
      }
      #expect(error?.info?.reason == "LIMIT_REACHED")
      #expect(try await used() == rupees(25_000))
      let book = WalletBook(environment: harness.environment)
      try await harness.database.write { session in
        try book.topUpEnded(payment.id, from: nil, in: session)
      }
      #expect(try await used() == rupees(0))
    }
  }

  @Test func `an owner and a number have one wallet in a currency`() async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      let amina = person(harness, "+923001234567")
      _ = try await open(harness, amina.client, "+923001234567")
      let second = await #expect(throws: RPCError.self) {
        try await open(harness, amina.client, "+923001234567")
      }
      #expect(second?.code == .alreadyExists && second?.info?.reason == "WALLET_EXISTS")
      let foreign = await #expect(throws: RPCError.self) {
        try await open(harness, amina.client, "+923009999999")
      }
      #expect(foreign?.info?.reason == "TIER_PROOF_MISSING")
    }
  }

  @Test(arguments: Engine.allCases)
  func `a company's accounts are opened once, and closed only when empty`(
    _ engine: Engine
  ) async throws {
    try await PaymentsHarness.with(engine) { harness in
      let organisation = harness.newID()
      let request = Payments.OpenBusinessAccountsRequest(
        id: harness.newID(), organisationId: organisation, currencyCodes: ["PKR", "USD"])
      let opened = try await harness.wallets.openBusinessAccounts(request)
      #expect(opened.accounts.count == 6)
      #expect(try await harness.wallets.openBusinessAccounts(request) == opened)
      let more = try await harness.wallets.openBusinessAccounts(
        Payments.OpenBusinessAccountsRequest(
          id: harness.newID(), organisationId: organisation, currencyCodes: ["PKR", "CNY"]))
      #expect(more.accounts.count == 9)
      #expect(Set(opened.accounts.map(\.id)).isSubset(of: more.accounts.map(\.id)))
      let house = harness.newID()
      _ = try await harness.ledger.createAccounts(
        Payments.CreateAccountsRequest(accounts: [
          Payments.Account(id: house, currencyCode: "CNY", purpose: .provider, balanceRule: .free)
        ]))
      let target = more.accounts.first { $0.currencyCode == "CNY" }?.id ?? ""
      for (from, to) in [(house, target), (target, house)] {
        _ = try await harness.ledger.createTransfer(
          Payments.CreateTransferRequest(
            id: harness.newID(),
            draft: Payments.TransferDraft(
              kind: .immediate, debitAccountId: from, creditAccountId: to, amount: 1,
              currencyCode: "CNY", purpose: .adjustment)))
        let close = Payments.CloseBusinessAccountsRequest(organisationId: organisation)
        if from == house {
          let error = await #expect(throws: RPCError.self) {
            try await harness.wallets.closeBusinessAccounts(close)
          }
          #expect(error?.info?.reason == "ACCOUNT_NOT_EMPTY")
        } else {
          let closed = try await harness.wallets.closeBusinessAccounts(close)
          #expect(closed.accounts.allSatisfy { $0.state == .closed } && closed.closedAt != nil)
          #expect(try await harness.wallets.closeBusinessAccounts(close) == closed)
        }
      }
    }
  }

  @Test func `a new version of a tier is in force from its day`() async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      var tier = WalletRule.of2016[0]
      tier.limits[0].amount = rupees(30_000)
      let today = WalletRule(tier: tier).day(at: harness.environment.now.wholeMicroseconds)
      let date = CivilDay(number: today.number + 10).date
      tier.inForceFrom = SaraiType.CalendarDate(
        year: Int32(date.year), month: Int32(date.month), day: Int32(date.day))
      _ = try await harness.wallets.createWalletTier(
        Payments.CreateWalletTierRequest(id: harness.newID(), tier: tier))
      func daily() async throws -> SaraiType.Money? {
        try await harness.wallets.listWalletTiers(Payments.ListWalletTiersRequest())
          .tiers.first?.limits.first?.amount
      }
      #expect(try await daily() == rupees(25_000))
      harness.time.advance(by: .seconds(11 * 86_400))
      #expect(try await daily() == rupees(30_000))
    }
  }
}
