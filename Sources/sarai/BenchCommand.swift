import Dispatch
import Glibc
import LoadTest
import Platform
import Reactor
import Terminal

/// `sarai bench`: puts load on a service and measures it.
enum BenchCommand {
  static func run(_ words: ArraySlice<String>) async throws(CommandFailure) {
    if words.first == "compare" { return try BenchCompareCommand.run(words.dropFirst()) }
    let options = try BenchOptions(words)
    let target = try await BenchTarget(options.target, options.arguments)
    let methods = try await BenchSchema.methods(
      options, authority: target.authority, isTLS: target.isTLS)
    let bench = Bench(options: options, target: target, methods: methods)
    let report = try await bench.run()
    Output.print(report.text)
    if let path = options.json {
      try FileSystem.write(Array((report.json.description + "\n").utf8), to: path)
    }
    if let path = options.html { try FileSystem.write(Array(report.html.utf8), to: path) }
    if report.calls == 0 { throw .findings("not one call ended in the measured time") }
    if report.calls == report.failureCount { throw .findings("every call failed") }
  }
}

/// A run, or the runs of a search, until its end or Ctrl-C.
private final class Bench: Sendable {
  private let options: BenchOptions
  private let target: BenchTarget
  private let methods: [PreparedMethod]
  private let group = EventLoopGroup(count: 1)
  private let current = Lock<LoadRun?>(nil)
  private let isStopped = Lock(false)

  init(options: BenchOptions, target: BenchTarget, methods: [PreparedMethod]) {
    self.options = options
    self.target = target
    self.methods = methods
  }

  func run() async throws(CommandFailure) -> LoadReport {
    // The signal comes to the source below, instead of ending the program.
    signal(SIGINT, SIG_IGN)
    let interrupt = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
    interrupt.setEventHandler { [weak self] in self?.stop() }
    interrupt.resume()
    defer { interrupt.cancel() }
    guard let objective = options.search else { return try await run(options.plan) }
    return try await search(objective)
  }

  private func stop() {
    isStopped.withLock { $0 = true }
    current.withLock { $0 }?.stop()
  }

  /// Probes rate after rate; the report is that of the best probe.
  private func search(_ objective: LatencyObjective) async throws(CommandFailure) -> LoadReport {
    var search = RateSearch(objective)
    var best: LoadReport?
    var last: LoadReport?
    while let rate = search.rate, !isStopped.withLock({ $0 }) {
      let report = try await run(options.plan(atRate: rate))
      if isStopped.withLock({ $0 }) { break }
      search.probeEnded(
        RateSearch.Outcome(
          latency: report.latency.percentile(objective.percent), achievedRate: report.rate,
          achievedShare: report.achievedShare,
          errorShare: report.errorShare))
      if !options.isQuiet, let probe = search.probes.last {
        Output.complain(
          "\(Quantity.number(rate))/s: \(probe.passed ? "kept" : "failed"), "
            + "\(Quantity.latency(probe.outcome.latency)) at "
            + "\(Quantity.number(probe.outcome.achievedRate))/s")
      }
      if search.best?.rate == rate { best = report }
      last = report
    }
    guard var report = best ?? last else { throw .findings("stopped before the first probe ended") }
    report.probes = search.probes
    if best == nil { Output.complain("no rate kept \(objective.description)") }
    return report
  }

  private func run(_ plan: LoadPlan) async throws(CommandFailure) -> LoadReport {
    let server = target.address.port.flatMap { ServerProcess(port: $0) }
    let isQuiet = options.isQuiet
    let run = LoadRun(
      plan, target: target.loadTarget, methods: methods,
      cpu: { (ServerProcess.ownCPUSeconds, server?.cpuSeconds) },
      progress: { sample in if !isQuiet { Output.complain(LoadReport.progress(sample)) } })
    current.withLock { $0 = run }
    let description = LoadReport.Run(
      target: options.target,
      transport: options.callProtocol.rawValue + (target.isTLS ? " over TLS" : ""),
      load: plan.description, startedAt: Int64(SystemTime().sinceEpoch().components.seconds),
      seed: plan.seed)
    do throws(LoadFailure) {
      return try await run(on: group.next(), described: description)
    } catch {
      throw .findings("\(ThisProcess.name): \(error)")
    }
  }
}
