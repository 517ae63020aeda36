import Access
import OperationsContracts
import Platform
import RPC
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// `RuntimeService`: what every service offers to those who run it.
struct RuntimeHandler: Operations.RuntimeService {
  let environment: ServiceEnvironment
  let running: RunningService
  let keyFilePath: String?
  let storageKind: String
  let schemaVersion: String
  let startedAt: Duration
  let readiness: Readiness
  let gate: DrainGate
  let dependencies: Dependencies
  let runners: [JobRunner]
  let limits: LimitStore
  let backups: BackupDesk
  let rules: [IntegrityRule]

  /// How long draining waits for calls under way unless told otherwise.
  private static let drainMax: Duration = .seconds(30)

  init(
    _ environment: ServiceEnvironment, _ running: RunningService,
    _ surroundings: ServiceSurroundings, readiness: Readiness, gate: DrainGate,
    dependencies: Dependencies, runners: [JobRunner], rules: [IntegrityRule], schemaVersion: Int
  ) {
    self.environment = environment
    self.running = running
    keyFilePath = surroundings.keyFilePath
    storageKind =
      switch surroundings.database {
      case .sqlite: "sqlite"
      case .postgreSQL: "postgresql"
      }
    self.schemaVersion = "\(schemaVersion)"
    startedAt = environment.time.sinceEpoch()
    self.readiness = readiness
    self.gate = gate
    self.dependencies = dependencies
    self.runners = runners
    self.rules = rules
    backups = BackupDesk(
      surroundings.backupFolder ?? "\(environment.dataFolder)/backups", rules, environment)
    limits = LimitStore(running.limits, environment.database)
  }

  /// Puts the limits in force that were set for good.
  func restoreLimits() async throws { try await limits.restore() }

  // MARK: State

  func getRuntime(
    _ request: Operations.GetRuntimeRequest, _ context: CallContext
  ) async throws -> Operations.Runtime {
    try checkName(request.serviceName)
    return try await runtime()
  }

  func drain(
    _ request: Operations.DrainRequest, _ context: CallContext
  ) async throws -> Operations.Runtime {
    try checkName(request.serviceName)
    let limit = request.limit?.duration ?? Self.drainMax
    guard (.zero ... .seconds(3_600)).contains(limit) else {
      throw RPCError(.invalidArgument, "`limit` is from 0 to an hour", reason: .fieldInvalid)
    }
    readiness.enter(.draining)
    gate.set(isDraining: true)
    environment.log.warning("draining, as the operator asked")
    let time = environment.time
    let end = time.now() + min(limit, context.timeLeft ?? limit)
    while gate.callCount > 0, time.now() < end, !Task.isCancelled {
      await time.sleep(until: min(end, time.now() + .milliseconds(20)))
    }
    return try await runtime()
  }

  func undrain(
    _ request: Operations.UndrainRequest, _ context: CallContext
  ) async throws -> Operations.Runtime {
    try checkName(request.serviceName)
    if gate.isDraining {
      gate.set(isDraining: false)
      readiness.enter(.ready)
      environment.log.warning("taking calls again, as the operator asked")
    }
    return try await runtime()
  }

  private func runtime() async throws -> Operations.Runtime {
    var runtime = Operations.Runtime(
      serviceName: environment.name, state: state, instanceId: "\(environment.instanceID)",
      versionLabel: SuiteVersion.text, storageKind: storageKind, schemaVersion: schemaVersion,
      startedAt: GoogleProtobuf.Timestamp(sinceEpoch: startedAt),
      dependencies: dependencies.all.map { Operations.DependencyStatus($0) })
    for runner in runners { runtime.jobs.append(await Operations.JobStatus(runner)) }
    runtime.residentBytes = ProcessUse.residentBytes
    // It is told what can be told, even when the database is away.
    runtime.outboxWaitingCount = (try? await environment.eventsWaiting()) ?? 0
    runtime.outboxHeadPosition = (try? await headPosition()) ?? 0
    return runtime
  }

  private var state: Operations.RuntimeState {
    switch readiness.state {
    case .starting: .starting
    case .ready: environment.database.writability == .writable ? .ready : .readOnly
    case .draining: .draining
    }
  }

  private func headPosition() async throws -> Int64 {
    try await environment.database.read { session in
      try session.first("SELECT last_position FROM outbox_relay WHERE id = 1") {
        (row) throws(StorageError) in try row.integer(0)
      } ?? 0
    }
  }

  /// On a service's own port it must be that service.
  func checkName(_ name: String) throws(RPCError) {
    guard name == environment.name else {
      throw RPCError(
        .notFound, "this is \(environment.name): ask `\(name.prefix(40))` at its own port")
    }
  }
}

extension GoogleProtobuf.Timestamp {
  init(sinceEpoch: Duration) {
    let nanoseconds = sinceEpoch.nanoseconds
    self.init(
      seconds: nanoseconds / 1_000_000_000, nanos: Int32(nanoseconds % 1_000_000_000))
  }
}

extension Operations.DependencyStatus {
  fileprivate init(_ dependency: Dependency) {
    let status = dependency.status
    self.init(
      name: dependency.name, reachable: status.isReachable,
      sinceAt: GoogleProtobuf.Timestamp(sinceEpoch: status.since), lastFault: status.lastFault)
  }
}

extension Operations.JobStatus {
  fileprivate init(_ runner: JobRunner) async {
    let status = runner.status
    self.init(
      name: runner.job.name, leasedHere: status.isLeasedHere,
      lastRunAt: status.lastRunAt.map { GoogleProtobuf.Timestamp(sinceEpoch: $0) },
      waitingCount: (try? await runner.job.waiting?()) ?? 0, lastFault: status.lastFault)
  }
}
