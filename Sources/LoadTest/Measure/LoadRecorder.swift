import Platform
public import RPC

/// Counts what happens during a run. It knows no clock: times come in, in nanoseconds since the
/// run's start.
public struct LoadRecorder: Sendable {
  /// Calls meant to start before are left out of every result.
  private let warmUpEnd: Int64
  private let methodNames: [String]
  private var methods: [LoadReport.MethodSummary]
  private var seconds: [LoadReport.SecondSample] = []
  private var current = LatencyHistogram()
  private var failureDetails: [RPCCode: String] = [:]
  private var currentErrors: UInt64 = 0
  private var currentStart: Int64
  private var bytesSent: UInt64 = 0
  private var bytesReceived: UInt64 = 0

  /// Calls that have started and not ended.
  public private(set) var inFlight = 0
  /// Measured calls that have ended.
  public private(set) var callCount: UInt64 = 0
  /// How often a connection was lost.
  public var connectionsLost: UInt64 = 0
  /// Calls that a rate had asked for and that were never sent.
  public var unsentCalls: UInt64 = 0
  /// When calls ceased to start, and how many measured ones had ended by then.
  private var stop: (at: Int64, callCount: UInt64)?

  /// A recorder for the methods of a plan.
  public init(_ plan: LoadPlan) {
    warmUpEnd = plan.warmUp.nanoseconds
    currentStart = warmUpEnd
    methodNames = plan.mix.entries.map(\.method)
    methods = methodNames.map { LoadReport.MethodSummary(method: $0) }
  }

  /// Notes that a call was sent.
  public mutating func callStarted() { inFlight += 1 }

  /// Notes a call's end.
  ///
  /// - Parameters:
  ///   - intended: when it was meant to start: what its latency counts from.
  ///   - messages: messages received.
  ///   - detail: what a failure says; only asked for the first of its code.
  public mutating func callEnded(
    _ method: Int, _ code: RPCCode, intended: Int64, at now: Int64, messages: UInt64 = 1,
    detail: @autoclosure () -> String? = nil
  ) {
    inFlight -= 1
    guard intended >= warmUpEnd else { return }
    let latency = now - intended
    callCount += 1
    current.record(latency)
    methods[method].latency.record(latency)
    methods[method].messagesReceived += messages
    if code != .ok {
      currentErrors += 1
      methods[method].failures[code, default: 0] += 1
      if failureDetails[code] == nil { failureDetails[code] = detail() }
    }
  }

  /// Notes bytes on the wire, below TLS.
  public mutating func transferred(sent: Int, received: Int, at now: Int64) {
    guard now >= warmUpEnd else { return }
    bytesSent += UInt64(sent)
    bytesReceived += UInt64(received)
  }

  /// Closes the sample of about a second that ends now; nil while the run warms up, and for the
  /// remainder of a second that is too short to tell a rate.
  public mutating func secondEnded(at now: Int64) -> LoadReport.SecondSample? {
    guard now - currentStart >= 500_000_000 else { return nil }
    let length = Double(now - currentStart) / 1e9
    let sample = LoadReport.SecondSample(
      second: Double(currentStart - warmUpEnd) / 1e9, rate: Double(current.count) / length,
      errorRate: Double(currentErrors) / length, p50: current.percentile(50),
      p99: current.percentile(99), max: current.max, inFlight: inFlight)
    seconds.append(sample)
    current.reset()
    currentErrors = 0
    currentStart = now
    return sample
  }

  /// Notes that no further calls start: what is measured ends here, but for the ends of the calls
  /// that are still in flight.
  public mutating func stopped(at now: Int64) { stop = (now, callCount) }

  /// What was measured until `stopped`.
  public func report(_ run: LoadReport.Run) -> LoadReport {
    var report = LoadReport(run: run)
    report.elapsed = Double(Swift.max(0, (stop?.at ?? warmUpEnd) - warmUpEnd)) / 1e9
    report.callsInTime = stop?.callCount ?? callCount
    report.unsentCalls = unsentCalls
    report.seconds = seconds
    report.methods = methods
    report.failureDetails = failureDetails
    report.bytesSent = bytesSent
    report.bytesReceived = bytesReceived
    report.connectionsLost = connectionsLost
    return report
  }
}
