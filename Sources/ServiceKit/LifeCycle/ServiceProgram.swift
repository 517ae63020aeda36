import Access
import Glibc
import Platform
import RPC
import RPCTransport
import Reactor
import Storage

/// A service as a program: reads the settings, serves until a signal asks for the end, and ends in
/// order.
///
///     @main struct Identity {
///       static func main() async { await ServiceProgram(IdentityService.definition).run() }
///     }
public struct ServiceProgram<Options: Sendable> {
  private let definition: ServiceDefinition<Options>

  /// The program of a service.
  public init(_ definition: ServiceDefinition<Options>) { self.definition = definition }

  /// Runs, and ends the process: with 0 after an orderly end, 2 when the settings are wrong, 1 when
  /// something else is, each with a message that says what to do.
  public func run() async -> Never {
    ProcessMemory.giveBackLargeBlocks()
    let signals = SignalWatch()
    let time = SystemTime()
    let startedAt = time.now()
    var source = Settings.Source.process
    let word = MaintenanceWord(taking: &source.words)
    var settings = Settings(of: definition.name, summary: definition.summary, from: source)
    settings.words = MaintenanceWord.allCases.map { ($0.rawValue, $0.meaning) }
    let folder = word?.folder(&settings)
    let common = ServiceSettings(
      &settings, definition.name, port: definition.defaultPort, peers: definition.peers,
      isServing: word == nil)
    let options = definition.settings(&settings)
    do throws(SettingsEnd) {
      try settings.check()
    } catch {
      Self.end(error)
    }
    if let word { await maintain(word, folder ?? "", common) }
    let sink = DescriptorSink(STDERR_FILENO)
    let log = Log(
      definition.name, from: common.logLevel, as: common.logFormat, to: sink, time: time)
    do {
      try await serve(common, options, log, signals, since: startedAt)
    } catch {
      log.error("\(definition.name) ends", .text("cause", "\(error)"))
      Self.leave(sink, 1)
    }
    log.info("stopped")
    Self.leave(sink, 0)
  }

  /// Ends the process once its log is out. Not by exit(3), which takes libraries apart that threads of
  /// theirs and of ours still use: a hash or a call that nobody waits for any more.
  private static func leave(_ sink: DescriptorSink, _ status: Int32) -> Never {
    sink.flush(atMost: .seconds(1))
    fflush(nil)
    _exit(status)
  }

  private func maintain(
    _ word: MaintenanceWord, _ folder: String, _ settings: ServiceSettings
  ) async -> Never {
    do {
      let maintenance = Maintenance(
        service: definition.name, migrations: definition.migrations, rules: definition.rules,
        settings: settings, time: SystemTime())
      print(try await maintenance.run(word, folder))
      exit(0)
    } catch {
      DescriptorSink.writeNow(STDERR_FILENO, "\(definition.name) \(word.rawValue): \(error)")
      exit(1)
    }
  }

  private static func end(_ end: SettingsEnd) -> Never {
    switch end {
    case .told(let text):
      print(text)
      exit(0)
    case .faults(let faults):
      for fault in faults { DescriptorSink.writeNow(STDERR_FILENO, fault) }
      exit(2)
    }
  }

  private func serve(
    _ common: ServiceSettings, _ options: Options, _ log: Log, _ signals: SignalWatch,
    since startedAt: MonotonicTime
  ) async throws {
    guard let listen = common.listen, let admin = common.admin else { return }
    let time = SystemTime()
    let group = EventLoopGroup(count: common.loopCount, time: time)
    let tls = try common.tls.map { try TLSContext(.server, $0) }
    var surroundings = try surroundings(common, log, group)
    let isTraced = common.collector != nil
    surroundings.tracer =
      isTraced
      ? Tracer(definition.name, share: common.traceShare, time: time, random: SystemRandom()) : nil
    surroundings.collector = common.collector.map { CollectorLoop($0, group.next()) }
    try await ServiceHost.run(definition, options, in: surroundings) { host in
      var limits = ServerLimits()
      limits.drainMax = common.drainMax
      let counts = ConnectionCounts(host.environment.metrics)
      let server = RPCServer(host.router, on: group, limits: limits, time: time) { event in
        counts.observe(event)
        switch event {
        case .answerReplaced: log.error("\(event)")
        case .ended, .callsReset: log.info("\(event)")
        case .opened, .closed: break
        }
      }
      let address = try await server.listen(on: listen, tls: tls)
      let adminServer = try await AdminServer(
        on: admin, group, readiness: host.readiness, metrics: host.environment.metrics)
      LoopProbe(group, host.environment).start()
      log.info(
        "ready", .text("address", "\(address)"), .text("admin", "\(adminServer.address)"),
        .text("tls", tls == nil ? "no" : "mutual"), .text("version", SuiteVersion.text),
        .duration("start", time.now() - startedAt))
      let signal = await signals.requested()
      log.info(
        "stopping: calls under way may end, a second signal ends all", .text("signal", signal))
      host.beginDraining()
      await server.drain()
      await adminServer.stop()
    }
    group.stop()
  }

  private func surroundings(
    _ common: ServiceSettings, _ log: Log, _ group: EventLoopGroup
  ) throws -> ServiceSurroundings {
    let (time, random) = (SystemTime(), SystemRandom())
    try SystemFiles.makeFolder(common.dataFolder)
    if !SystemFiles.exists(common.keyFile) {
      try KeyFile.addKey(path: common.keyFile, at: time.sinceEpoch(), random)
      log.warning(
        "made a key file: keep a copy of it, apart from the backups", .text("path", common.keyFile))
    }
    let tls = try common.tls.map { try TLSContext(.client, $0, protocolNames: ["h2"]) }
    let targets = common.peers
    var surroundings = ServiceSurroundings(
      time: time, random: random, log: log, database: common.database,
      dataFolder: common.dataFolder, keyFile: try KeyFile(path: common.keyFile)
    ) { peer, interceptors in
      guard let target = targets[peer.name] else {
        preconditionFailure("\(peer.name) has no target")
      }
      var options = ClientOptions()
      options.tls = tls
      // The certificate bears the service's name, wherever it runs.
      options.serverName = tls == nil ? nil : peer.name
      return RPCClient(target, on: group, options: options, interceptors: interceptors, time: time)
    }
    surroundings.keyFilePath = common.keyFile
    surroundings.backupFolder = common.backupFolder
    surroundings.isDemo = common.isDemo
    surroundings.realm = AccessToken.Realm(issuer: common.issuer)
    surroundings.naming = common.believesCallers && tls == nil ? .insecure : .certificates
    return surroundings
  }
}
