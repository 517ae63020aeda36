import Foundation
import Platform
import RPC
import RPCTransport
import Reactor

/// Kills a service again and again under load, and counts what is lost, done twice or out of balance.
@main
struct Chaos {
  private static let usage = """
    usage: chaos [--service payments|identity] [--engine sqlite|postgresql] [--kills N] [--seconds N]
                 [--trouble full|failing|clock --library FILE] [--clients N] [--seed N]

      Loads payments with transfers, or identity with registrations, companies and refreshes, kills
      it at random moments, repeats what was not answered with its id, and checks in the end that
      every answered change was made once. With PostgreSQL the server is struck as well. Exit code 1
      when anything was lost, done twice or out of balance. With a trouble the disk is full, or
      fails, or the clock jumps by a day, for a while and as often: reads must go on, writes resume
      within 5 seconds. FILE is what trouble.c was made into.
    """

  private var service = "payments"
  private var engine = "sqlite"
  private var kills = 1_000_000
  private var seconds: Int64 = 60
  private var trouble: Trouble?
  private var library = ""
  private var clients = 32
  private var seed = UInt64.random(in: 0..<1_000_000)

  static func main() async throws {
    guard let chaos = Chaos(CommandLine.arguments.dropFirst()) else {
      print(usage)
      exit(2)
    }
    exit(try await chaos.run() ? 0 : 1)
  }

  private init?(_ words: ArraySlice<String>) {
    var words = words
    while let word = words.popFirst() {
      guard let value = words.popFirst() else { return nil }
      switch word {
      case "--service" where ["payments", "identity"].contains(value): service = value
      case "--engine" where ["sqlite", "postgresql"].contains(value): engine = value
      case "--kills":
        guard let number = Int(value) else { return nil }
        kills = number
        seconds = 24 * 3_600
      case "--seconds":
        guard let number = Int64(value) else { return nil }
        seconds = number
      case "--trouble":
        guard let named = Trouble(rawValue: value) else { return nil }
        trouble = named
      case "--library": library = value
      case "--clients":
        guard let number = Int(value), (1...1_000).contains(number) else { return nil }
        clients = number
      case "--seed":
        guard let number = UInt64(value) else { return nil }
        seed = number
      default: return nil
      }
    }
  }

  private func run() async throws -> Bool {
    let group = EventLoopGroup(count: 1)
    if service == "identity" { return try await run(IdentityScenario(), on: group) { _ in } }
    let operators = try await StubIdentity(on: group)
    return try await run(TransferScenario(operators: operators), on: group) {
      operators.clockChanged(by: $0)
    }
  }

  private func run(
    _ scenario: some ChaosScenario, on group: EventLoopGroup,
    clockChanged: @escaping @Sendable (Duration) -> Void
  ) async throws -> Bool {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-chaos-\(UInt64.random(in: 0...UInt64.max))"
    ).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    // PostgreSQL runs as another user.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
    let postgreSQL = engine == "postgresql" ? try ScratchPostgreSQL("\(folder)/postgresql") : nil
    defer { postgreSQL?.stop() }
    let machine = try trouble.map {
      try TroubledMachine($0, folder: folder, library: library, clockChanged: clockChanged)
    }
    defer { machine?.stop() }
    let address = try await Self.freeAddress(group)
    var arguments =
      scenario.arguments + [
        "--port", "\(address.port ?? 0)", "--admin-port", "0", "--data", "\(folder)/data",
        "--log-level", "warning",
      ]
    if let postgreSQL { arguments += ["--database", postgreSQL.address()] }
    let victim = try Victim(
      Self.program(scenario.service), arguments, environment: machine?.environment ?? [:],
      at: address, log: "\(folder)/log", on: group.next())
    defer { victim.kill() }
    print(
      "\(service), \(trouble?.rawValue ?? "kills"), seed \(seed), engine \(engine), \(clients) clients, in \(folder)"
    )
    var options = ClientOptions()
    // The harness repeats by itself, and counts it.
    options.attemptsMax = 1
    var strike: (@Sendable () async throws -> Void)?
    if let postgreSQL { strike = { try postgreSQL.restart() } }
    let run = ChaosRun(
      scenario: scenario, victim: victim,
      client: RPCClient(try Target("\(address)"), on: group, options: options),
      clientCount: clients, killsMax: kills, durationMax: .seconds(seconds),
      random: SeededRandom(seed: seed),
      strikeDatabase: strike, machine: machine)
    var report = try await run.run()
    if trouble == .clock, let early = report.retries[RPCCode.deadlineExceeded.name] {
      report.findings.faults.append("\(early) deadlines were over although only the clock jumped")
    }
    Self.show(report)
    let isClean = report.findings.isClean && report.acknowledged > 0
    if isClean {
      victim.kill()
      postgreSQL?.stop()
      machine?.stop()
      try? FileManager.default.removeItem(atPath: folder)
    }
    return isClean
  }

  private static func show<Scenario>(_ report: ChaosRun<Scenario>.Report) {
    func percentile(_ share: Int, _ durations: [Duration]) -> String {
      let sorted = durations.sorted()
      guard !sorted.isEmpty else { return "-" }
      let duration = sorted[min(sorted.count - 1, sorted.count * share / 100)]
      return "\(duration.nanoseconds / 1_000_000) ms"
    }
    print(
      """
      kills         \(report.kills)
      database      \(report.databaseRestarts) restarts
      acknowledged  \(report.acknowledged)
      refused       \(report.refused.values.reduce(0, +)) \(report.refused)
      retries       \(report.retries.values.reduce(0, +)) \(report.retries)
      lost          \(report.findings.lost)
      duplicated    \(report.findings.duplicated)
      drift         \(report.findings.drift.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
      restart       p50 \(percentile(50, report.restarts)), p99 \(percentile(99, report.restarts))
      troubles      \(report.troubles), writes again after p50 \(percentile(50, report.recoveries)), p99 \(percentile(99, report.recoveries))
      """)
    for fault in report.findings.faults.prefix(20) { print("FAULT \(fault)") }
  }

  /// An address of this machine that nobody listens on.
  private static func freeAddress(_ group: EventLoopGroup) async throws -> SocketAddress {
    guard let loopback = SocketAddress("127.0.0.1", port: 0) else {
      throw ChaosError("127.0.0.1 is an address")
    }
    let server = RPCServer(Router(), on: group)
    let address = try await server.listen(on: loopback)
    await server.drain()
    return address
  }

  /// Beside this program, where SwiftPM puts them all.
  private static func program(_ name: String) throws -> URL {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let program = URL(filePath: own).deletingLastPathComponent().appending(path: name)
    guard FileManager.default.isExecutableFile(atPath: program.path) else {
      throw ChaosError("there is no \(program.path): swift build --product \(name)")
    }
    return program
  }
}
