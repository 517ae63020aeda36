import Access
import HTTPClient
import PaymentsContracts
import Platform
import ProviderSimulator
import Providers
import RPC
import RPCContracts
import ServiceKit
import StorageTesting
import Testing
import TypeContracts
import Wire

@testable import PaymentsService

/// The simulator moves money for whatever comes, even under an id that came before: its list shows
/// whether payments ever sent twice.
@Suite struct NeverTwiceTests {
  private static let quick: TradeSettings = {
    var settings = TradeSettings()
    settings.coolingTime = .zero
    settings.payoutFees = ["PKR": 10]
    settings.freePayouts = ["PKR": 1_000_000]
    return settings
  }()

  /// Lets an hour pass, in steps, with all jobs and call-backs.
  private func passTime(
    _ house: TradeHouse, _ simulator: SimulatedProvider, minutes: Int = 60
  ) async throws {
    for step in 0..<(minutes * 2) {
      try await simulator.runDue()
      try await house.pass(step < 20 ? .seconds(2) : .seconds(30))
    }
  }

  @Test(arguments: Engine.allCases, Behaviour.allCases)
  func `whatever a provider does, a payout moves money at most once and the ledger agrees`(
    _ engine: Engine, _ behaviour: Behaviour
  ) async throws {
    try await TradeHouse.with(engine, settings: Self.quick) { house in
      try await PayoutTests.withSimulator(house, plan: .always(behaviour)) { simulator in
        let beneficiary = try await PayoutTests.beneficiary(house)
        let payout = try await house.payouts(house.buying).createPayout(
          PayoutTests.draft(house, beneficiary, 10_000))
        try await passTime(house, simulator)
        let ended = try await house.payouts(house.buying).getPayout(
          Payments.GetPayoutRequest(id: payout.id))
        let moved = try await simulator.movements()
        #expect(moved.count <= 1)
        let balance = try await house.balance(house.buyerAccount)
        switch ended.state {
        case .paid: #expect(moved.count == 1 && balance == 989_990)
        case .failed: #expect(moved.isEmpty && balance == 1_000_000)
        // Who never says anything leaves it open: the money stays reserved.
        default: #expect(behaviour == .mute && ended.state == .unknown && balance == 989_990)
        }
        let request = try await house.providers(house.maker).getProviderRequest(
          Payments.GetProviderRequestRequest(id: ended.providerRequestId))
        #expect(request.attempts.count { $0.kind == .send } == 1)
      }
    }
  }

  @Test func `an outcome that stays unknown is settled by two people`() async throws {
    try await TradeHouse.with(.sqlite, settings: Self.quick) { house in
      try await PayoutTests.withSimulator(house, plan: .always(.mute)) { simulator in
        let beneficiary = try await PayoutTests.beneficiary(house)
        let payout = try await house.payouts(house.buying).createPayout(
          PayoutTests.draft(house, beneficiary, 10_000))
        try await passTime(house, simulator, minutes: 20)
        let unknown = try await house.payouts(house.buying).getPayout(
          Payments.GetPayoutRequest(id: payout.id))
        #expect(unknown.state == .unknown)
        let settling = Payments.SettleProviderRequestRequest(
          id: unknown.providerRequestId, succeeded: true, providerReference: "BANK-1",
          proof: "the bank's statement")
        _ = try await house.providers(house.maker).settleProviderRequest(settling)
        #expect(
          try await house.payouts(house.buying).getPayout(Payments.GetPayoutRequest(id: payout.id))
            .state == .unknown)
        let settled = try await house.providers(house.checker).settleProviderRequest(settling)
        #expect(settled.state == .succeeded)
        let paid = try await house.payouts(house.buying).getPayout(
          Payments.GetPayoutRequest(id: payout.id))
        #expect(paid.state == .paid && paid.providerReference == "BANK-1")
        #expect(try await house.balance(house.buyerAccount) == 989_990)
      }
    }
  }

  @Test(arguments: 1...12)
  func `many payouts over a network that loses things move money once each`(
    _ seed: Int
  ) async throws {
    try await TradeHouse.with(.sqlite, seed: UInt64(seed), settings: Self.quick) { house in
      try await PayoutTests.withSimulator(house, plan: .chance) { simulator in
        let beneficiary = try await PayoutTests.beneficiary(house)
        house.network.lose(percent: 30)
        var ids: [String] = []
        for _ in 0..<15 {
          let amount = 1_000 + Int64(house.random.number(below: 9_000))
          ids.append(
            try await house.payouts(house.buying).createPayout(
              PayoutTests.draft(house, beneficiary, amount)
            ).id)
          house.network.set(down: house.random.number(below: 4) == 0)
          try await simulator.runDue()
          try await house.pass(.milliseconds(700))
        }
        house.network.set(down: false)
        house.network.lose(percent: 0)
        try await passTime(house, simulator)
        let moved = try await simulator.movements()
        #expect(Set(moved.map(\.paymentID)).count == moved.count)
        var spent: Int64 = 0
        for id in ids {
          let payout = try await house.payouts(house.buying).getPayout(
            Payments.GetPayoutRequest(id: id))
          let amount = payout.amount?.minorUnits ?? 0
          let sent = moved.filter { $0.paymentID == payout.providerRequestId }
          switch payout.state {
          case .paid:
            #expect(sent.map(\.amount) == [-amount])
            spent += amount + 10
          case .failed: #expect(sent.isEmpty)
          default:
            #expect(payout.state == .unknown && sent.count <= 1)
            spent += amount + 10
          }
        }
        #expect(try await house.balance(house.buyerAccount) == 1_000_000 - spent)
      }
    }
  }

  @Test(arguments: Engine.allCases, Behaviour.allCases)
  func `an order funded through a provider ends with its escrow empty`(
    _ engine: Engine, _ behaviour: Behaviour
  ) async throws {
    try await TradeHouse.with(engine, settings: Self.quick) { house in
      try await PayoutTests.withSimulator(house, plan: .always(behaviour)) { simulator in
        let order = try await house.reserved()
        let funding = try await house.orders(house.buying).fundOrder(
          Payments.FundOrderRequest(
            id: house.newID(), orderId: order.id, providerCode: "easy-sim",
            instrumentToken: "tok_1"))
        try await passTime(house, simulator)
        let ended = try await house.orders(house.buying).getFunding(
          Payments.GetFundingRequest(id: funding.id))
        let moved = try await simulator.movements()
        let now = try await house.order(order.id)
        #expect(moved.count <= 1)
        switch ended.state {
        case .done:
          #expect(moved.map(\.amount) == [100_000])
          #expect(now.state == .funded)
          #expect(try await house.escrow(of: order) == 100_000)
          _ = try await house.orders(house.selling).cancelOrder(
            Payments.CancelOrderRequest(id: order.id, reason: "no leather"))
          // What came through a provider goes back to the buyer's own account.
          #expect(try await house.balance(house.buyerAccount) == 1_100_000)
        case .failed: #expect(moved.isEmpty && now.state == .reserved)
        default: #expect(behaviour == .mute && now.state == .funding)
        }
        #expect(try await house.escrow(of: order) == 0)
      }
    }
  }

  @Test(arguments: Engine.allCases, Behaviour.allCases)
  func `a wallet filled through a provider holds what the provider took, once`(
    _ engine: Engine, _ behaviour: Behaviour
  ) async throws {
    try await TradeHouse.with(engine, settings: Self.quick) { house in
      try await PayoutTests.withSimulator(house, plan: .always(behaviour)) { simulator in
        let (wallets, wallet) = try await house.wallet("+923001234567")
        let request = Payments.TopUpWalletRequest(
          id: house.newID(), walletId: wallet,
          amount: SaraiType.Money(minorUnits: 100_000, currencyCode: "PKR"),
          providerCode: "easy-sim", instrumentToken: "tok_1")
        let payment = try await wallets.topUpWallet(request)
        #expect(try await wallets.topUpWallet(request) == payment)
        try await passTime(house, simulator)
        let ended = try await wallets.getWalletPayment(
          Payments.GetWalletPaymentRequest(id: payment.id))
        let held = try await wallets.getWallet(Payments.GetWalletRequest(id: wallet))
        let moved = try await simulator.movements()
        switch ended.state {
        case .done: #expect(moved.map(\.amount) == [100_000])
        case .failed: #expect(moved.isEmpty)
        default: #expect(behaviour == .mute)
        }
        #expect(held.balance?.minorUnits == (ended.state == .done ? 100_000 : 0))
        let daily = held.limits.first { $0.kind == .dailyCredit }?.used?.minorUnits
        #expect(daily == (ended.state == .failed ? 0 : 100_000))
      }
    }
  }

  @Test func `a call-back is believed only if it is signed, fresh and about what we asked`()
    async throws
  {
    try await TradeHouse.with(.sqlite, settings: Self.quick) { house in
      try await PayoutTests.withSimulator(house, plan: .always(.late)) { _ in
        let beneficiary = try await PayoutTests.beneficiary(house)
        let payout = try await house.payouts(house.buying).createPayout(
          PayoutTests.draft(house, beneficiary, 10_000))
        try await house.pass(.seconds(1))
        let asked = try await house.payouts(house.buying).getPayout(
          Payments.GetPayoutRequest(id: payout.id)
        ).providerRequestId
        let good = ProviderWire.Outcome(
          id: asked, standing: .succeeded, amount: 10_000, currencyCode: "PKR", reference: "R-1")
        let callbacks = house.providers(.anonymous())
        func call(
          _ outcome: ProviderWire.Outcome, secret: [UInt8] = TradeHouse.secret,
          age: Duration = .zero
        ) async throws {
          let body = try outcome.encoded(as: .json)
          let signature = BodySignature(of: body, secret: secret, at: house.context.now - age)
          var options = CallOptions()
          options.metadata.add(BodySignature.timestampField, signature.timestamp)
          options.metadata.add(BodySignature.signatureField, signature.signature)
          _ = try await callbacks.receiveCallback(
            Payments.ReceiveCallbackRequest(providerCode: "easy-sim", body: body),
            options: options)
        }
        for (secret, age) in [
          ([UInt8](repeating: 8, count: 32), Duration.zero), (TradeHouse.secret, .seconds(302)),
          (TradeHouse.secret, .seconds(-302)),
        ] {
          let error = await #expect(throws: RPCError.self) {
            try await call(good, secret: secret, age: age)
          }
          #expect(error?.info?.reason == "SIGNATURE_WRONG")
        }
        for path in [\ProviderWire.Outcome.id, \.currencyCode] {
          var other = good
          other[keyPath: path] = "USD"
          let error = await #expect(throws: RPCError.self) { try await call(other) }
          #expect(error?.info?.reason == "CALLBACK_MISMATCH")
        }
        var other = good
        other.amount = 9_999
        let error = await #expect(throws: RPCError.self) { try await call(other) }
        #expect(error?.info?.reason == "CALLBACK_MISMATCH")
        try await call(good, age: .seconds(298))
        try await call(good)
        let paid = try await house.payouts(house.buying).getPayout(
          Payments.GetPayoutRequest(id: payout.id))
        #expect(paid.state == .paid && paid.providerReference == "R-1")
        #expect(try await house.balance(house.buyerAccount) == 989_990)
      }
    }
  }
}
