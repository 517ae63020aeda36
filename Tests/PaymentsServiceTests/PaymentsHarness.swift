import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import StorageTesting
import TypeContracts

@testable import PaymentsService

/// The service in the test's process: calls are encoded natively, routed and served; the clock stands
/// still until it is moved.
struct PaymentsHarness: Sendable {
  let database: Database
  let time: ManualTime
  let random: SeededRandom
  let environment: PaymentsEnvironment
  let ledger: Payments.LedgerServiceClient<InProcessTransport>
  let exchange: Payments.ExchangeServiceClient<InProcessTransport>
  let wallets: Payments.WalletServiceClient<InProcessTransport>
  let owners: KnownOwners

  static let start = Duration.seconds(1_764_000_000)

  init(_ database: Database, seed: UInt64) {
    self.database = database
    time = ManualTime(sinceEpoch: Self.start)
    random = SeededRandom(seed: seed)
    environment = PaymentsEnvironment(
      database: database, time: time, random: random,
      outbox: Outbox(database, time: time), records: RequestRecords(time: time))
    owners = KnownOwners()
    let transport = Self.transport(environment, owners, as: .service("test"))
    ledger = Payments.LedgerServiceClient(transport)
    exchange = Payments.ExchangeServiceClient(transport)
    wallets = Payments.WalletServiceClient(transport)
  }

  /// The clients of somebody else.
  func transport(as caller: Caller) -> InProcessTransport {
    Self.transport(environment, owners, as: caller)
  }

  /// Calls as somebody, who has passed the access rules.
  static func transport(
    _ environment: PaymentsEnvironment, _ owners: KnownOwners, as caller: Caller
  ) -> InProcessTransport {
    InProcessTransport(
      to: Router(
        LedgerHandler(environment), ExchangeHandler(environment),
        WalletHandler(environment: environment, owners: owners, topUps: TakenTopUps()),
        WebhookHandler(), interceptors: [ActingAs(caller: caller)]),
      time: environment.time)
  }

  func newID() -> String {
    UUID(high: random.next() | 1, low: random.next()).description
  }

  static func with(
    _ engine: Engine, seed: UInt64 = 1, options: DatabaseOptions = DatabaseOptions(),
    _ body: (PaymentsHarness) async throws -> Void
  ) async throws {
    try await engine.withDatabase(PaymentsMigrations.all, options: options) { database in
      let harness = PaymentsHarness(database, seed: seed)
      try await PaymentsProgram.prepare(harness.environment)
      try await body(harness)
    }
  }
}

/// Says who calls, as the access interceptor would.
struct ActingAs: ServerInterceptor {
  let caller: Caller

  func callReceived(_ context: CallContext) async throws(RPCError) {
    context[Caller.self] = caller
  }
}

/// Owners whose numbers and companies the test verifies.
final class KnownOwners: WalletOwners {
  private let phones = Lock<[UUID: String]>([:])
  private let companies = Lock<Set<UUID>>([])

  func verify(_ phone: String, of person: UUID) { phones.withLock { $0[person] = phone } }
  func verify(_ company: UUID) { _ = companies.withLock { $0.insert(company) } }

  func verifiedPhone(of person: UUID) async throws -> String? { phones.withLock { $0[person] } }
  func isVerified(_ organisation: UUID) async throws -> Bool {
    companies.withLock { $0.contains(organisation) }
  }
  func name(of person: UUID) async throws -> String { "Amina Khan" }
}

/// A provider that takes every request.
struct TakenTopUps: TopUpGate {
  func open(
    providerCode: String, amount: SaraiType.Money, payment: String, instrumentToken: String,
    by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> (requestID: String, redirectURL: String) {
    (payment, "https://provider.example/agree")
  }
}
