import Access
import AccessTesting
import Cryptography
import PaymentsContracts
import Platform
import ProviderSimulator
import RPC
import ServiceKit
import StorageTesting
import Testing

@testable import PaymentsService

/// Nobody reaches another company's money or orders, by any method.
@Suite struct AccessTests {
  private static let package = "sarai.payments.v1"

  @Test func `every method declares what it reaches`() throws {
    let undeclared = AccessMatrix.undeclared(
      .ofPayments, package: Self.package, try ContractRules())
    #expect(undeclared == [])
  }

  @Test func `no role of another company reaches anything by any method`() async throws {
    var settings = TradeSettings()
    settings.coolingTime = .zero
    settings.freePayouts = ["PKR": 1_000_000]
    try await TradeHouse.with(.sqlite, settings: settings) { house in
      try await PayoutTests.withSimulator(house, plan: .always(.prompt)) { _ in
        try await house.openMarket()
        let contracts = try ContractRules()
        let gate = try Gate(house)
        let matrix = AccessMatrix(
          AccessProbe(gate.transport, contracts), contracts, .ofPayments
        ) { try await house.accessScene(gate.tokens()) }
        let (faults, calls) = try await matrix.run(package: Self.package)
        #expect(faults == [], "\(faults.joined(separator: "\n"))")
        #expect(calls > 1_000)
      }
    }
  }

  /// The whole service behind its real access rules, and the key that signs tokens for it.
  private struct Gate: Sendable {
    let transport: InProcessTransport
    private let house: TradeHouse
    private let key: SigningKey
    private let keyID: UUID
    private let realm = AccessToken.Realm(issuer: "https://identity.test")

    init(_ house: TradeHouse) throws {
      self.house = house
      key = SigningKey.generate(house.random)
      keyID = house.context.makeID()
      let keys = KeySet([keyID: key.publicKey])
      let policy = try AccessPolicy([PaymentsDescriptors.fileDescriptorSet])
      let environment = house.context.base
      let router = Router(
        LedgerHandler(environment), ExchangeHandler(environment),
        WalletHandler(
          environment: environment, owners: KnownOwners(), topUps: house.desk.book),
        OrderHandler(context: house.context, stock: house.stock, providers: house.desk),
        DisputeHandler(context: house.context), PayoutHandler(context: house.context),
        ProviderHandler(context: house.context, desk: house.desk),
        EventHandler(environment: environment), WebhookHandler(), ReconciliationHandler(),
        AlertHandler(),
        interceptors: [
          AccessInterceptor(
            policy, TokenVerifier(realm: realm, time: house.time) { keys }, naming: .insecure,
            time: house.time)
        ])
      try policy.check(router)
      transport = InProcessTransport(to: router, time: house.time)
    }

    /// Tokens, stepped up, of who sits in the buyer's company and of strangers.
    func tokens() -> [AccessMatrix.Seat: String] {
      let now = house.context.now
      var tokens: [AccessMatrix.Seat: String] = [:]
      for isOwner in [true, false] {
        for role in [nil] + Role.allCases {
          let token = AccessToken(
            .person(
              house.context.makeID(), session: house.context.makeID(), assurance: .twoFactors,
              signedInAt: now),
            organisation: isOwner ? UUID(house.buyer) : house.context.makeID(),
            roles: Set([role].compactMap(\.self)), steppedUpAt: now, id: house.context.makeID(),
            at: now)
          tokens[AccessMatrix.Seat(role: role, isOwner: isOwner)] = token.signed(
            by: key, named: keyID, in: realm)
        }
      }
      return tokens
    }
  }
}
