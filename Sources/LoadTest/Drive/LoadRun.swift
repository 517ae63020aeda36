public import Platform
public import Reactor

/// One run of a plan.
public final class LoadRun: Sendable {
  /// CPU time in seconds, of this process and of the server's if it is on this machine.
  public typealias CPUTimes = (client: Double?, server: Double?)

  private let plan: LoadPlan
  private let target: LoadTarget
  private let methods: [PreparedMethod]
  private let time: any TimeSource
  private let progress: @Sendable (LoadReport.SecondSample) -> Void
  private let cpu: @Sendable () -> CPUTimes
  private let driver = Lock<LoadDriver?>(nil)

  /// A run.
  ///
  /// - Parameters:
  ///   - methods: those of the plan's mix, in its order.
  ///   - cpu: the CPU times until now; asked when the measured part begins and when it ends.
  ///   - progress: told each second of the measured part; called on the loop.
  public init(
    _ plan: LoadPlan, target: LoadTarget, methods: [PreparedMethod],
    time: any TimeSource = SystemTime(), cpu: @escaping @Sendable () -> CPUTimes = { (nil, nil) },
    progress: @escaping @Sendable (LoadReport.SecondSample) -> Void = { _ in }
  ) {
    precondition(methods.count == plan.mix.entries.count, "a method for each entry of the mix")
    self.plan = plan
    self.target = target
    self.methods = methods
    self.time = time
    self.cpu = cpu
    self.progress = progress
  }

  /// Runs on a loop, to the plan's end or until `stop`.
  ///
  /// - Throws: `LoadFailure` if not one connection came about.
  public func callAsFunction(
    on loop: EventLoop, described description: LoadReport.Run
  ) async throws(LoadFailure) -> LoadReport {
    let times = Lock<(begin: CPUTimes, end: CPUTimes)>(((nil, nil), (nil, nil)))
    let events = LoadEvents(
      measuringStarted: { [cpu] in
        let now = cpu()
        times.withLock { $0.begin = now }
      },
      secondEnded: progress,
      measuringEnded: { [cpu] in
        let now = cpu()
        times.withLock { $0.end = now }
      })
    let result = await withCheckedContinuation { continuation in
      loop.execute { [self] in
        let driver = LoadDriver(
          on: loop, plan, target: target, methods: methods, time: time, events: events
        ) { continuation.resume(returning: $0) }
        self.driver.withLock { $0 = driver }
        driver.begin()
      }
    }
    driver.withLock { $0 = nil }
    var report = try result.get().report(description)
    let (begin, end) = times.withLock { $0 }
    report.clientCPU = Self.difference(begin.client, end.client)
    report.serverCPU = Self.difference(begin.server, end.server)
    return report
  }

  /// Ends the run early, with what was measured.
  public func stop() {
    let driver = driver.withLock { $0 }
    driver?.loop.execute { driver?.stop() }
  }

  private static func difference(_ begin: Double?, _ end: Double?) -> Double? {
    guard let begin, let end else { return nil }
    return max(0, end - begin)
  }
}
