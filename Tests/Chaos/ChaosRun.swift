import Platform
import RPC
import RPCTransport
import Reactor

/// Loads a service with many clients at once while it is killed at random, then counts.
struct ChaosRun<Scenario: ChaosScenario>: Sendable {
  let scenario: Scenario
  let victim: Victim
  let client: RPCClient
  let clientCount: Int
  /// Ends when the service has been killed so often, or so long has passed.
  let killsMax: Int
  let durationMax: Duration
  let random: any RandomSource
  /// Struck now and then together with the service: a database server.
  let strikeDatabase: (@Sendable () async throws -> Void)?
  /// What befalls the machine, in place of kills alone.
  let machine: TroubledMachine?

  struct Report: Sendable {
    var kills = 0
    var databaseRestarts = 0
    var troubles = 0
    /// From a trouble's end to the first write that is answered.
    var recoveries: [Duration] = []
    /// What was otherwise than promised meanwhile.
    var faults: [String] = []
    var acknowledged = 0
    var refused: [String: Int] = [:]
    var retries: [String: Int] = [:]
    var restarts: [Duration] = []
    var findings = ChaosFindings()
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private struct Answers: Sendable {
    var answered: [(request: Scenario.Request, answer: [UInt8])] = []
    var refused: [String: Int] = [:]
    var retries: [String: Int] = [:]
  }

  func run() async throws -> Report {
    try victim.start()
    guard await victim.ready() else { throw Failure(description: "the service does not start") }
    try await scenario.prepare(client)
    let stops = Lock(false)
    let all = Lock(Answers())
    var report = Report()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<clientCount {
        let own = SeededRandom(seed: random.next() &+ UInt64(number))
        group.addTask { await load(own, all) { stops.withLock { $0 } } }
      }
      defer { stops.withLock { $0 = true } }
      if let machine {
        try await trouble(machine, all, &report)
      } else {
        try await strike(&report)
      }
    }
    let answers = all.withLock { $0 }
    report.acknowledged = answers.answered.count
    report.refused = answers.refused
    report.retries = answers.retries
    report.findings = try await scenario.check(answers.answered, client)
    report.findings.faults += report.faults
    victim.kill()
    return report
  }

  // MARK: Clients

  /// Makes requests; each is asked for until it is answered, also when all are to stop.
  private func load(
    _ random: any RandomSource, _ all: Lock<Answers>, stops: @Sendable () -> Bool
  ) async {
    let time = SystemTime()
    while !stops() {
      let request = scenario.makeRequest(random)
      while true {
        do {
          let answer = try await scenario.send(
            request, client, CallOptions(timeout: .seconds(3)))
          all.withLock { $0.answered.append((request, answer)) }
          break
        } catch {
          let error = RPCError(reporting: error)
          if Self.isAnswer(error.code) {
            all.withLock { $0.refused["\(error.code.name) \(error.message)", default: 0] += 1 }
            break
          }
          all.withLock { $0.retries[error.code.name, default: 0] += 1 }
          await time.sleep(until: time.now() + .milliseconds(5))
        }
      }
    }
  }

  /// Whether a failure says that nothing was changed and nothing will be.
  private static func isAnswer(_ code: RPCCode) -> Bool {
    switch code {
    case .invalidArgument, .notFound, .alreadyExists, .permissionDenied, .failedPrecondition,
      .outOfRange, .unimplemented, .unauthenticated:
      true
    default: false
    }
  }

  // MARK: Kills

  private func strike(_ report: inout Report) async throws {
    let time = SystemTime()
    let end = time.now() + durationMax
    while report.kills < killsMax, time.now() < end {
      let life = scenario.lifeMax * Double(random.next() % 1_000) / 1_000
      await time.sleep(until: time.now() + life)
      victim.kill()
      report.kills += 1
      if let strikeDatabase, random.next() % 5 == 0 {
        try await strikeDatabase()
        report.databaseRestarts += 1
      }
      let start = time.now()
      try victim.start()
      // Some are killed again before they are ready.
      if random.next() % 8 == 0, report.kills < killsMax {
        await time.sleep(until: time.now() + .milliseconds(Int64(random.next() % 60)))
        victim.kill()
        report.kills += 1
        try victim.start()
        guard await victim.ready() else { throw Failure(description: "it does not start again") }
      } else {
        guard await victim.ready() else { throw Failure(description: "it does not start again") }
        report.restarts.append(time.now() - start)
      }
    }
  }

  // MARK: Troubles

  /// Makes trouble again and again; half of the times the service is killed in it.
  private func trouble(
    _ machine: TroubledMachine, _ all: Lock<Answers>, _ report: inout Report
  ) async throws {
    let time = SystemTime()
    let end = time.now() + durationMax
    while report.troubles < killsMax, time.now() < end {
      await time.sleep(until: time.now() + .milliseconds(Int64(200 + random.next() % 500)))
      try machine.begin()
      report.troubles += 1
      let over = time.now() + Trouble.duration
      while time.now() < over {
        do {
          try await scenario.read(client)
        } catch {
          report.faults.append("a read meanwhile: \(error)")
        }
        await time.sleep(until: time.now() + .milliseconds(50))
      }
      let isKilled = random.next() % 2 == 0
      if isKilled {
        victim.kill()
        report.kills += 1
      }
      try machine.end()
      let ended = time.now()
      let before = all.withLock { $0.answered.count }
      if isKilled {
        try victim.start()
        guard await victim.ready() else { throw Failure(description: "it does not start again") }
      }
      while all.withLock({ $0.answered.count }) == before,
        time.now() - ended < Trouble.recoveryMax
      { await time.sleep(until: time.now() + .milliseconds(1)) }
      if all.withLock({ $0.answered.count }) == before {
        report.faults.append("no write is answered \(Trouble.recoveryMax) after the trouble")
      }
      report.recoveries.append(time.now() - ended)
    }
  }
}
