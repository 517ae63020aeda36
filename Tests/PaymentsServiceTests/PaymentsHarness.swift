import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import StorageTesting

@testable import PaymentsService

/// The service in the test's process: calls are encoded natively, routed and served; the clock stands
/// still until it is moved.
struct PaymentsHarness: Sendable {
  let database: Database
  let time: ManualTime
  let random: SeededRandom
  let environment: PaymentsEnvironment
  let ledger: Payments.LedgerServiceClient<InProcessTransport>

  static let start = Duration.seconds(1_764_000_000)

  init(_ database: Database, seed: UInt64) {
    self.database = database
    time = ManualTime(sinceEpoch: Self.start)
    random = SeededRandom(seed: seed)
    environment = PaymentsEnvironment(
      database: database, time: time, random: random,
      outbox: Outbox(database, time: time), records: RequestRecords(time: time))
    ledger = Payments.LedgerServiceClient(
      Self.transport(environment, as: .service("test")))
  }

  /// Calls as somebody, who has passed the access rules.
  static func transport(
    _ environment: PaymentsEnvironment, as caller: Caller
  ) -> InProcessTransport {
    InProcessTransport(
      to: Router(LedgerHandler(environment), interceptors: [ActingAs(caller: caller)]),
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
      try await body(PaymentsHarness(database, seed: seed))
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
