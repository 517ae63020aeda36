import Access
import HTTPClient
import PaymentsContracts
public import ServiceKit
import Storage
import WellKnownTypes

/// Payments as a program or within a test: what it serves, what it does unasked.
public enum PaymentsProgram {
  /// The figures that its operator sets.
  public struct Options: Sendable {
    /// How long an exchange quote is good.
    public var quoteTime: Duration = .seconds(30)
    /// How long a new beneficiary is not paid.
    public var coolingTime: Duration = .seconds(86_400)

    /// The defaults.
    public init() {}
  }

  /// All that makes payments another service than its siblings.
  public static let definition = ServiceDefinition<Options>(
    name: "payments", summary: "the ledger, and exchange, wallets and trade on it",
    defaultPort: 7003, migrations: PaymentsMigrations.all,
    descriptors: [PaymentsDescriptors.fileDescriptorSet], peers: [.identity, .catalog],
    settings: { settings in
      var options = Options()
      options.quoteTime = settings.duration(
        "quote-time", .seconds(5)...(.seconds(600)), default: options.quoteTime,
        "how long an exchange quote is good")
      options.coolingTime = settings.duration(
        "beneficiary-cooling", .zero...(.seconds(30 * 86_400)), default: options.coolingTime,
        "how long a new beneficiary is not paid")
      return options
    },
    start: { surroundings, options in
      let environment = PaymentsEnvironment(
        database: surroundings.database, time: surroundings.time, random: surroundings.random,
        outbox: surroundings.outbox, records: surroundings.records)
      try await prepare(environment)
      let owners = IdentityOwners(transport: surroundings.client(to: .identity))
      let network = CurlExchange()
      let trade = trade(environment, surroundings, options, network: network)
      return RunningService(
        trade.services + [
          LedgerHandler(environment),
          ExchangeHandler(environment, quoteTime: options.quoteTime),
          WalletHandler(environment: environment, owners: owners, topUps: trade.topUps),
          EventHandler(environment: environment), WebhookHandler(), ReconciliationHandler(),
          AlertHandler(),
        ],
        jobs: trade.jobs + [timeOuts(environment)],
        integrity: { progress in
          var check = LedgerCheck(environment.database, environment.ledger)
          return try await check.run(progress)
        },
        stop: { network.stop() })
    })

  /// Writes down what every payments database has.
  static func prepare(_ environment: PaymentsEnvironment) async throws {
    let now = environment.now
    try await environment.database.write { session in
      try WalletBook(environment: environment).seedTiers(at: now, in: session)
    }
  }

  /// Ends pending transfers whose time is over; whoever books does so too.
  private static func timeOuts(_ environment: PaymentsEnvironment) -> BackgroundJob {
    .every(.seconds(1), "ledger-time-outs") {
      while try await environment.database.write({ session in
        try environment.ledger.timeOutDue(at: environment.now, in: session)
      }) {}
    }
  }
}
