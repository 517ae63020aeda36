import Access
import Cryptography
import OperationsContracts
import Platform
import RPC
import RPCContracts
import SampleService
import ServiceKit
import Storage
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes
import Wire

/// What every service offers to those who run it, through its access rules.
@Suite(.timeLimit(.minutes(1))) struct RuntimeServiceTests {
  private let place = Neighbourhood()
  private let key = SigningKey.generate(SeededRandom(seed: 3))
  private static let keyID = Platform.UUID(high: 0x7000, low: 1 << 63)

  private var options: GuestBook.Options {
    var options = GuestBook.Options()
    let keys = KeySet([Self.keyID: key.publicKey])
    options.keys = { keys }
    return options
  }

  private func asOperator(_ role: Role = .platformOperator) -> CallOptions {
    let now = place.time.sinceEpoch()
    let token = AccessToken(
      .person(Self.keyID, session: Self.keyID, assurance: .twoFactors, signedInAt: now),
      organisation: Self.keyID, roles: [role], steppedUpAt: now, id: Self.keyID, at: now)
    var options = Neighbourhood.called(by: "operator")
    options.metadata.set(
      "authorization",
      "Bearer "
        + token.signed(
          by: key, named: Self.keyID, in: AccessToken.Realm(issuer: "https://sarai.localhost")))
    return options
  }

  private func client(_ host: ServiceHost) -> Operations.RuntimeServiceClient<InProcessTransport> {
    Operations.RuntimeServiceClient(host.transport())
  }

  private func failure(_ body: () async throws -> Void) async -> RPCError? {
    do {
      try await body()
      return nil
    } catch {
      return RPCError(reporting: error)
    }
  }

  @Test func `an operator sees what runs, others do not`() async throws {
    try await place.run(.sqlite, options) { book, _ in
      let runtime = try await client(book).getRuntime(
        Operations.GetRuntimeRequest(serviceName: "catalog"), options: asOperator())
      #expect(runtime.state == .ready && runtime.storageKind == "sqlite")
      #expect(runtime.schemaVersion == "3" && runtime.residentBytes > 0)
      #expect(runtime.instanceId == "\(book.environment.instanceID)")
      #expect(runtime.dependencies.map(\.name) == ["database"])
      #expect(runtime.jobs.map(\.name).contains("outbox-relay"))
      let seller = await failure {
        _ = try await client(book).getRuntime(
          Operations.GetRuntimeRequest(serviceName: "catalog"), options: asOperator(.seller))
      }
      let elsewhere = await failure {
        _ = try await client(book).getRuntime(
          Operations.GetRuntimeRequest(serviceName: "identity"), options: asOperator())
      }
      #expect(seller?.code == .permissionDenied)
      #expect(elsewhere?.code == .notFound)
    }
  }

  @Test func `a drained copy takes no calls but the operator's`() async throws {
    try await place.run(.sqlite, options) { book, porter in
      let bring = Sample.PorterClient(porter.transport())
      let drained = try await client(book).drain(
        Operations.DrainRequest(serviceName: "catalog"), options: asOperator())
      #expect(drained.state == .draining)
      #expect(!book.readiness.isReady)
      let refused = await failure {
        _ = try await bring.bring(
          Sample.SignRequest(id: "a", name: "Noor"), options: Neighbourhood.called(by: "operator"))
      }
      #expect(refused?.code == .unavailable && refused?.info?.reason == "DRAINING")
      let back = try await client(book).undrain(
        Operations.UndrainRequest(serviceName: "catalog"), options: asOperator())
      #expect(back.state == .ready)
      let response = try await bring.bring(
        Sample.SignRequest(id: "a", name: "Noor"), options: Neighbourhood.called(by: "operator"))
      #expect(response.place == 1)
    }
  }

  @Test func `a limit is set within its bounds, and for good if asked for`() async throws {
    try await Engine.sqlite.withLocation { location in
      let request = Operations.SetLimitRequest(
        serviceName: "catalog", limitKey: "name.length", value: 3, permanent: true)
      try await ServiceHost.run(
        GuestBook.definition, options, in: place.surroundings(location)
      ) { book in
        let limit = try await client(book).setLimit(request, options: asOperator())
        #expect(limit.value == 3 && limit.defaultValue == 100 && limit.permanent)
        var wrong = request
        wrong.value = 5_000
        let outside = await failure {
          _ = try await client(book).setLimit(wrong, options: asOperator())
        }
        #expect(outside?.info?.reason == "LIMIT_OUT_OF_BOUNDS")
        let long = await failure {
          _ = try await Sample.GuestBookClient(book.transport()).sign(
            Sample.SignRequest(id: "a", name: "Noor"),
            options: Neighbourhood.called(by: "operator"))
        }
        #expect(long?.info?.reason == "FIELD_INVALID")
      }
      try await ServiceHost.run(
        GuestBook.definition, options, in: place.surroundings(location)
      ) { book in
        let limits = try await client(book).listLimits(
          Operations.ListLimitsRequest(serviceName: "catalog"), options: asOperator())
        #expect(limits.limits.map(\.value) == [3])
      }
    }
  }

  // MARK: Backups

  @Test func `a backup is made while it serves, listed and verified`() async throws {
    try await place.run(.sqlite, options) { book, porter in
      _ = try await Sample.PorterClient(porter.transport()).bring(
        Sample.SignRequest(id: "a", name: "Noor"), options: Neighbourhood.called(by: "operator"))
      let id = "\(book.environment.newID())"
      func start(_ label: String) async throws -> [SaraiType.Progress] {
        try await client(book).startBackup(
          Operations.StartBackupRequest(id: id, serviceName: "catalog", label: label),
          options: asOperator()
        ) { messages in
          var all: [SaraiType.Progress] = []
          while let message = try await messages.next() { all.append(message) }
          return all
        }
      }
      let told = try await start("before the fair")
      #expect(told.last?.stage == "done")
      // The same again finds it done; another under its id is refused.
      _ = try await start("before the fair")
      let other = await failure { _ = try await start("another") }
      #expect(other?.info?.reason == "ID_REUSED")
      let listed = try await client(book).listBackups(
        Operations.ListBackupsRequest(serviceName: "catalog"), options: asOperator())
      #expect(listed.backups.map(\.id) == [id])
      #expect(listed.backups.first?.label == "before the fair")
      #expect(listed.backups.first?.sha256.count == 32)
      let found = try await client(book).verifyBackup(
        Operations.VerifyBackupRequest(serviceName: "catalog", backupId: id),
        options: asOperator()
      ) { messages in
        var last = Operations.VerifyBackupResponse()
        while let message = try await messages.next() { last = message }
        return last
      }
      #expect(found.finished && found.intact, "\(found.fault)")
    }
  }

  @Test func `whole data has no faults`() async throws {
    try await place.run(.sqlite, options) { book, _ in
      let last = try await client(book).checkIntegrity(
        Operations.CheckIntegrityRequest(serviceName: "catalog"), options: asOperator()
      ) { messages in
        var last = Operations.CheckIntegrityResponse()
        while let message = try await messages.next() { last = message }
        return last
      }
      #expect(last.finished && last.faults == [])
    }
  }
}
