import Access
import HTTPClient
import PaymentsContracts
import Platform
import ProviderSimulator
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

@Suite struct PayoutTests {
  static let iban = "PK36SCBL0000001123456702"

  /// Opens the simulator's list beside the house and connects both ways.
  static func withSimulator(
    _ house: TradeHouse, plan: SimulatedProvider.Plan,
    _ body: (SimulatedProvider) async throws -> Void
  ) async throws {
    try await Engine.sqlite.withLocation { location in
      let simulator = try await SimulatedProvider(
        at: location, secret: TradeHouse.secret, plan: plan,
        callbacks: .init(
          url: "http://payments/callbacks",
          exchange: CallbackDouble(client: house.providers(.anonymous()))),
        time: house.time, random: house.random)
      house.network.connect(simulator)
      let provider = try await house.providers(house.maker).createProvider(
        Payments.CreateProviderRequest(
          id: house.newID(),
          provider: Payments.Provider(
            providerCode: "easy-sim", name: SaraiType.LocalizedText(en: "Simulator"),
            kind: .simulator, directions: [.moneyIn, .moneyOut], currencyCodes: ["PKR"],
            baseUrl: "http://127.0.0.1:7099", enabled: true,
            requestTimeout: GoogleProtobuf.Duration(seconds: 5),
            accountId: house.providerAccount.description)))
      _ = try await house.providers(house.maker).setProviderSecret(
        Payments.SetProviderSecretRequest(id: provider.id, secret: TradeHouse.secret))
      do {
        try await body(simulator)
      } catch {
        await simulator.stop()
        throw error
      }
      await simulator.stop()
    }
  }

  static func beneficiary(_ house: TradeHouse) async throws -> Payments.Beneficiary {
    let beneficiary = try await house.payouts(house.buying).createBeneficiary(
      Payments.CreateBeneficiaryRequest(
        id: house.newID(), organisationId: house.buyer,
        beneficiary: Payments.Beneficiary(
          label: "Our bank", kind: .bankAccount, holderName: "Khewra Salt", iban: iban,
          providerCode: "easy-sim", currencyCode: "PKR")))
    return beneficiary
  }

  static func draft(
    _ house: TradeHouse, _ beneficiary: Payments.Beneficiary, _ amount: Int64
  ) -> Payments.CreatePayoutRequest {
    Payments.CreatePayoutRequest(
      id: house.newID(), organisationId: house.buyer, accountId: house.buyerAccount.description,
      beneficiaryId: beneficiary.id,
      amount: SaraiType.Money(minorUnits: amount, currencyCode: "PKR"))
  }

  /// Every payout needs a checker and costs 100.
  static let strict: TradeSettings = {
    var settings = TradeSettings()
    settings.freePayouts = [:]
    settings.payoutFees = ["PKR": 100]
    return settings
  }()

  @Test(arguments: Engine.allCases)
  func `a payout is reserved, approved by another, sent and posted`(
    _ engine: Engine
  ) async throws {
    try await TradeHouse.with(engine, settings: Self.strict) { house in
      try await Self.withSimulator(house, plan: .always(.prompt)) { simulator in
        let beneficiary = try await Self.beneficiary(house)
        #expect(beneficiary.iban == "PK36****************6702")
        #expect(beneficiary.state == .cooling)
        let request = Self.draft(house, beneficiary, 10_000)
        let early = await #expect(throws: RPCError.self) {
          _ = try await house.payouts(house.buying).createPayout(request)
        }
        #expect(early?.info?.reason == "BENEFICIARY_UNUSABLE")
        try await house.pass(.seconds(86_400))
        let payout = try await house.payouts(house.buying).createPayout(request)
        #expect(payout.state == .reserved)
        #expect(try await house.balance(house.buyerAccount) == 989_900)
        let approval = Payments.ApprovePayoutRequest(id: payout.id)
        let same = await #expect(throws: RPCError.self) {
          _ = try await house.payouts(house.buying).approvePayout(approval)
        }
        #expect(same?.info?.reason == "SAME_PERSON")
        _ = try await house.payouts(house.checker).approvePayout(approval)
        try await house.pass(.seconds(1))
        let paid = try await house.payouts(house.buying).getPayout(
          Payments.GetPayoutRequest(id: payout.id))
        #expect(paid.state == .paid)
        #expect(paid.providerReference.hasPrefix("SIM-"))
        let moved = try await simulator.movements()
        #expect(moved.map(\.amount) == [-10_000])
        #expect(moved.first?.account == Self.iban)
        #expect(try await house.balance(house.buyerAccount) == 989_900)
        #expect(try await house.payouts(house.checker).approvePayout(approval) == paid)
      }
    }
  }

  @Test func `what is rejected, cancelled or refused returns whole`() async throws {
    try await TradeHouse.with(.sqlite, settings: Self.strict) { house in
      try await Self.withSimulator(house, plan: .always(.refuse)) { simulator in
        let beneficiary = try await Self.beneficiary(house)
        try await house.pass(.seconds(86_400))
        let client = house.payouts(house.buying)
        let rejected = try await client.createPayout(Self.draft(house, beneficiary, 10_000))
        _ = try await house.payouts(house.checker).rejectPayout(
          Payments.RejectPayoutRequest(id: rejected.id, reason: "wrong month"))
        let cancelled = try await client.createPayout(Self.draft(house, beneficiary, 10_000))
        _ = try await client.cancelPayout(Payments.CancelPayoutRequest(id: cancelled.id))
        let refused = try await client.createPayout(Self.draft(house, beneficiary, 10_000))
        _ = try await house.payouts(house.checker).approvePayout(
          Payments.ApprovePayoutRequest(id: refused.id))
        try await house.pass(.seconds(1))
        let list = try await client.listPayouts(
          Payments.ListPayoutsRequest(organisationId: house.buyer))
        #expect(Set(list.payouts.map(\.state)) == [.rejected, .cancelled, .failed])
        #expect(try await house.balance(house.buyerAccount) == 1_000_000)
        #expect(try await simulator.movements().isEmpty)
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `a batch is reserved and approved as one`(_ engine: Engine) async throws {
    try await TradeHouse.with(engine, settings: Self.strict) { house in
      try await Self.withSimulator(house, plan: .magicAmounts) { simulator in
        let beneficiary = try await Self.beneficiary(house)
        try await house.pass(.seconds(86_400))
        // The amount that ends in 01 is refused by the provider, the rest is paid.
        let drafts = [10_050, 10_001, 10_060].map { amount in
          Payments.PayoutDraft(
            id: house.newID(), organisationId: house.buyer,
            accountId: house.buyerAccount.description, beneficiaryId: beneficiary.id,
            amount: SaraiType.Money(minorUnits: amount, currencyCode: "PKR"))
        }
        let id = house.newID()
        @Sendable func send(
          _ id: String, _ drafts: [Payments.PayoutDraft]
        ) async throws -> Payments.PayoutBatch {
          try await house.payouts(house.maker).createPayoutBatch { writer in
            for draft in drafts {
              try await writer.send(
                Payments.CreatePayoutBatchRequest(id: id, title: "November", draft: draft))
            }
          }
        }
        let batch = try await send(id, drafts)
        #expect(batch.totals.map(\.minorUnits) == [30_411])
        #expect(try await send(id, drafts) == batch)
        // One payout too large: none is reserved.
        var tooMuch = drafts[0]
        tooMuch.id = house.newID()
        tooMuch.amount?.minorUnits = 5_000_000
        let other = Payments.PayoutDraft(
          id: house.newID(), organisationId: house.buyer,
          accountId: house.buyerAccount.description, beneficiaryId: beneficiary.id,
          amount: SaraiType.Money(minorUnits: 500, currencyCode: "PKR"))
        let bad = [other, tooMuch]
        let short = await #expect(throws: RPCError.self) { _ = try await send(house.newID(), bad) }
        #expect(short?.info?.reason == "FUNDS_SHORT")
        #expect(try await house.balance(house.buyerAccount) == 1_000_000 - 30_411)
        let wrong = await #expect(throws: RPCError.self) {
          _ = try await house.payouts(house.checker).approvePayoutBatch(
            Payments.ApprovePayoutBatchRequest(
              id: id, totals: [SaraiType.Money(minorUnits: 1, currencyCode: "PKR")]))
        }
        #expect(wrong?.info?.reason == "AMOUNT_WRONG")
        _ = try await house.payouts(house.checker).approvePayoutBatch(
          Payments.ApprovePayoutBatchRequest(id: id, totals: batch.totals))
        try await house.pass(.seconds(1))
        let ended = try await house.payouts(house.maker).getPayoutBatch(
          Payments.GetPayoutBatchRequest(id: id))
        #expect(ended.state == .ended)
        #expect((ended.paidCount, ended.failedCount) == (2, 1))
        #expect(try await simulator.movements().count == 2)
        #expect(try await house.balance(house.buyerAccount) == 1_000_000 - 20_310)
      }
    }
  }

  @Test func `where money cannot go is refused`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      try await Self.withSimulator(house, plan: .always(.prompt)) { _ in
        for (iban, phone) in [("PK36SCBL0000001123456703", ""), ("", "+92"), ("", "03001234567")] {
          let error = await #expect(throws: RPCError.self) {
            _ = try await house.payouts(house.buying).createBeneficiary(
              Payments.CreateBeneficiaryRequest(
                id: house.newID(), organisationId: house.buyer,
                beneficiary: Payments.Beneficiary(
                  label: "x", kind: iban.isEmpty ? .mobileWallet : .bankAccount,
                  holderName: "Khewra Salt", phone: SaraiType.PhoneNumber(e164: phone),
                  iban: iban, providerCode: "easy-sim", currencyCode: "PKR")))
          }
          #expect(error?.info?.reason == "DESTINATION_INVALID")
        }
      }
    }
  }

  @Test func `a company's limit of the day holds`() async throws {
    var settings = TradeSettings()
    settings.coolingTime = .zero
    settings.payoutFees = [:]
    settings.dailyPayouts = ["PKR": 15_000]
    try await TradeHouse.with(.sqlite, settings: settings) { house in
      try await Self.withSimulator(house, plan: .always(.prompt)) { _ in
        let beneficiary = try await Self.beneficiary(house)
        let client = house.payouts(house.buying)
        #expect(
          try await client.createPayout(Self.draft(house, beneficiary, 10_000)).state == .approved)
        let error = await #expect(throws: RPCError.self) {
          _ = try await client.createPayout(Self.draft(house, beneficiary, 5_001))
        }
        #expect(error?.info?.reason == "LIMIT_REACHED")
        house.time.advance(by: .seconds(86_401))
        _ = try await client.createPayout(Self.draft(house, beneficiary, 5_001))
      }
    }
  }
}
