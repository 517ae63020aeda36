internal import Access
internal import OperationsContracts
internal import Platform
public import RPC
internal import RPCServices
internal import Storage
internal import Wire

/// A service that runs: in a program, or in a test together with others on a time of the test's own.
///
///     try await ServiceHost.run(identity, options, in: surroundings) { host in … }
public final class ServiceHost: Sendable {
  /// What the service works with.
  public let environment: ServiceEnvironment
  /// All that it serves.
  public let router: Router
  /// Whether it takes calls.
  public let readiness: Readiness
  let health: HealthService
  private let gate: DrainGate
  private let running: RunningService
  let runners: [JobRunner]

  /// Starts a service, runs its background jobs while `body` runs, and stops it.
  ///
  /// - Throws: what keeps it from starting, or `body` from its end.
  public static func run<Options: Sendable, Result: Sendable>(
    _ definition: ServiceDefinition<Options>, _ options: Options,
    in surroundings: ServiceSurroundings, _ body: (ServiceHost) async throws -> Result
  ) async throws -> Result {
    let host = try await start(definition, options, surroundings)
    let result: Swift.Result<Result, any Error>
    do {
      let value = try await withThrowingTaskGroup(of: Void.self) { group in
        for runner in host.runners { group.addTask { await runner.run() } }
        // Also when `body` throws, or else their end would be waited for.
        defer { group.cancelAll() }
        host.readiness.enter(.ready)
        return try await body(host)
      }
      result = .success(value)
    } catch {
      result = .failure(error)
    }
    await host.stop()
    return try result.get()
  }

  private static func start<Options: Sendable>(
    _ definition: ServiceDefinition<Options>, _ options: Options,
    _ surroundings: ServiceSurroundings
  ) async throws -> ServiceHost {
    let database = try await Database(
      surroundings.database, migrations: definition.migrations,
      options: surroundings.databaseOptions, time: surroundings.time)
    do {
      let keys = KeySourceSlot()
      let environment = try ServiceEnvironment(definition, surroundings, database, keys)
      let running = try await definition.start(environment, options)
      keys.fill(running.keys, environment)
      return try await ServiceHost(definition, surroundings, environment, running)
    } catch {
      await database.stop()
      throw error
    }
  }

  private init<Options: Sendable>(
    _ definition: ServiceDefinition<Options>, _ surroundings: ServiceSurroundings,
    _ environment: ServiceEnvironment, _ running: RunningService
  ) async throws {
    self.environment = environment
    self.running = running
    let services = running.services.map { type(of: $0).serviceName }
    let health = HealthService(services)
    self.health = health
    let readiness = Readiness { isReady in
      for service in services + [""] { health.set(service, isReady ? .serving : .notServing) }
    }
    self.readiness = readiness
    let gate = DrainGate()
    self.gate = gate
    let dependencies = Dependencies(environment, readiness)
    let jobs = running.jobs + Self.ownJobs(environment, surroundings, dependencies)
    let usesLeases = if case .postgreSQL = surroundings.database { true } else { false }
    let runners = jobs.map { job in
      JobRunner(job, usesLease: job.isLeased && usesLeases, environment)
    }
    self.runners = runners
    let runtime = RuntimeHandler(
      environment, running, surroundings, readiness: readiness, gate: gate,
      dependencies: dependencies, runners: runners, rules: definition.rules,
      schemaVersion: definition.migrations.last?.number ?? 0)
    try await runtime.restoreLimits()

    let descriptors = definition.descriptors + [OperationsDescriptors.fileDescriptorSet]
    let policy = try AccessPolicy(descriptors)
    var router = Router(interceptors: [
      CallMetrics(environment.metrics),
      CallTracing(tracer: surroundings.tracer, random: environment.random),
      CallLog(environment.log), gate,
      AccessInterceptor(
        policy, environment.verifier, naming: surroundings.naming, time: environment.time),
    ])
    for service in running.services { service.register(in: &router) }
    runtime.register(in: &router)
    health.register(in: &router)
    try router.addReflection(descriptors)
    try policy.check(router)
    self.router = router
    addMetrics(surroundings)
  }

  private static func ownJobs(
    _ environment: ServiceEnvironment, _ surroundings: ServiceSurroundings,
    _ dependencies: Dependencies
  ) -> [BackgroundJob] {
    let (database, outbox, records) = (
      environment.database, environment.outbox, environment.records
    )
    var jobs: [BackgroundJob] = [
      .always("outbox-relay", waiting: { try await environment.eventsWaiting() }) {
        await outbox.relay { error in
          environment.log.warning("events wait for the database", .text("cause", "\(error)"))
        }
      },
      .every(.seconds(60), "request-key-sweep") {
        while try await records.sweep(database) > 0 {}
      },
      .every(.seconds(2), "dependency-probe", isLeased: false) { await dependencies.look() },
    ]
    if let identity = environment.peers[ServicePeer.identity.name] {
      let feed = IdentityFeed(identity, time: environment.time)
      jobs.append(
        .always("revocations", isLeased: false) {
          await feed.followRevocations(into: environment.verifier)
        })
    }
    if let tracer = surroundings.tracer, let collector = surroundings.collector {
      jobs.append(TraceExporter(tracer, collector, "\(environment.instanceID)").job)
    }
    return jobs
  }

  private func addMetrics(_ surroundings: ServiceSurroundings) {
    let metrics = environment.metrics
    let runners = runners
    metrics.gauge("sarai_ready", "Whether calls are taken: 1 or 0.") { [readiness] in
      readiness.isReady ? 1 : 0
    }
    metrics.sampled(
      "sarai_job_last_run_timestamp_seconds", "When a background job last ran well, since 1970.",
      .gauge, labels: ["job"]
    ) {
      runners.map { runner in
        let last = runner.status.lastRunAt ?? .zero
        return ([runner.job.name], Double(last.nanoseconds) / 1_000_000_000)
      }
    }
    metrics.sampled(
      "sarai_job_failing", "Whether a background job failed when it last ran: 1 or 0.", .gauge,
      labels: ["job"]
    ) { runners.map { ([$0.job.name], $0.status.lastFault.isEmpty ? 0 : 1) } }
    guard let tracer = surroundings.tracer else { return }
    metrics.sampled("sarai_spans_total", "Spans by what became of them.", .counter, labels: ["end"])
    { [(["exported"], Double(tracer.exportedCount)), (["dropped"], Double(tracer.droppedCount))] }
    metrics.gauge("sarai_spans_waiting", "Spans that wait for the collector.") {
      Double(tracer.waitingCount)
    }
  }

  /// What carries calls to it within the process.
  public func transport() -> InProcessTransport {
    InProcessTransport(to: router, time: environment.time)
  }

  /// Takes no further calls; who asks is told so.
  func beginDraining() {
    readiness.enter(.draining)
    gate.beginStopping()
    health.stop()
  }

  private func stop() async {
    readiness.enter(.draining)
    await running.stop()
    await environment.database.stop()
  }
}

/// Where the verifier's keys come from, which is known once the service has been built.
final class KeySourceSlot: Sendable {
  private let source = Lock<TokenVerifier.KeySource?>(nil)

  /// Why there are none.
  private struct Absent: Error {}

  func fill(_ own: TokenVerifier.KeySource?, _ environment: ServiceEnvironment) {
    if let own { return source.withLock { $0 = own } }
    guard let identity = environment.peers[ServicePeer.identity.name] else { return }
    let feed = IdentityFeed(identity, time: environment.time)
    source.withLock { $0 = { try await feed.keySet() } }
  }

  func keys() async throws -> KeySet {
    guard let source = source.withLock({ $0 }) else { throw Absent() }
    return try await source()
  }
}

extension ServiceEnvironment {
  init<Options: Sendable>(
    _ definition: ServiceDefinition<Options>, _ surroundings: ServiceSurroundings,
    _ database: Database, _ keys: KeySourceSlot
  ) throws {
    try SystemFiles.makeFolder(surroundings.dataFolder)
    name = definition.name
    isDemo = surroundings.isDemo
    dataFolder = surroundings.dataFolder
    time = surroundings.time
    random = surroundings.random
    log = surroundings.log
    self.database = database
    blobs = try BlobStore(
      folder: "\(surroundings.dataFolder)/blobs", time: surroundings.time,
      random: surroundings.random)
    realm = surroundings.realm
    secrets = SecretBox(surroundings.keyFile)
    instanceID = UUID.version7(
      sinceEpoch: surroundings.time.sinceEpoch(), AnyRandom(surroundings.random))
    metrics = Metrics()
    metrics.addProcess(definition.name, startedAt: surroundings.time.sinceEpoch())
    metrics.addDatabase(database)
    outbox = Outbox(database, time: surroundings.time)
    records = RequestRecords(time: surroundings.time)
    verifier = TokenVerifier(realm: surroundings.realm, time: surroundings.time) {
      try await keys.keys()
    }
    var interceptors: [any ClientInterceptor] = []
    if surroundings.naming == .insecure {
      interceptors.append(CallerNamingInterceptor(definition.name))
    }
    if let tracer = surroundings.tracer { interceptors.append(ClientTracing(tracer: tracer)) }
    peers = Dictionary(
      uniqueKeysWithValues: definition.peers.map { peer in
        (peer.name, PeerTransport(surroundings.connect(peer, interceptors)))
      })
  }

  /// How many events have no position yet.
  func eventsWaiting() async throws -> Int64 {
    try await database.read { session in
      try session.first("SELECT count(*) FROM outbox WHERE position IS NULL") {
        (row) throws(StorageError) in try row.integer(0)
      } ?? 0
    }
  }
}
