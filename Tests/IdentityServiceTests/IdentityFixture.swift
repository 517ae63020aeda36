import Access
import IdentityContracts
import Platform
import RPC
import Storage
import StorageTesting
import Wire

@testable import IdentityService

/// The service in this process, on a database of its own and a clock that stands until it is moved,
/// called through generated clients by whoever the test says.
struct IdentityFixture: Sendable {
  let environment: IdentityEnvironment
  let time: ManualTime

  /// Runs `body` with a service on a fresh database.
  static func run(
    _ engine: Engine, _ body: (IdentityFixture) async throws -> Void
  ) async throws {
    try await engine.withDatabase(IdentityMigrations.all) { database in
      let time = ManualTime(sinceEpoch: .seconds(1_800_000_000))
      try await body(
        IdentityFixture(
          environment: IdentityEnvironment(
            database: database, time: time, random: SeededRandom(seed: 7)), time: time))
    }
  }

  /// What carries the calls of a caller.
  func transport(_ caller: Caller) -> InProcessTransport {
    var router = Router(interceptors: [CallerInterceptor(caller: caller)])
    for service in IdentityServices.all(environment) { service.register(in: &router) }
    return InProcessTransport(to: router, time: time)
  }

  /// A platform operator's view of the audit log.
  var audit: Identity.AuditServiceClient<InProcessTransport> {
    Identity.AuditServiceClient(transport(.test(.platformOperator)))
  }
}

/// Says who calls, in the place of the interceptor that reads tokens.
private struct CallerInterceptor: ServerInterceptor {
  let caller: Caller

  func callReceived(_ context: CallContext) async throws(RPCError) {
    context[Caller.self] = caller
  }
}

extension UUID {
  /// An id to tell things apart by.
  static func test(_ number: UInt64) -> UUID { UUID(high: 0x0192_f5d4_7c1e_7000, low: number + 1) }
}

extension Caller {
  /// A person with these roles in an organisation.
  static func test(
    _ roles: Role..., person: UUID = .test(1), organisation: UUID? = .test(100)
  ) -> Caller {
    .person(
      person, session: .test(50), organisation: organisation, roles: Set(roles),
      steppedUpAt: .seconds(1_800_000_000), via: "gateway")
  }
}
