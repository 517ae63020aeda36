public import RPC

/// What a run measured.
public struct LoadReport: Sendable, Equatable {
  /// What was run.
  public struct Run: Sendable, Equatable {
    /// Where to, such as `127.0.0.1:7001`.
    public var target: String
    /// `grpc`, `native` or `json`, with `over TLS` if so.
    public var transport: String
    /// How calls start, in words.
    public var load: String
    /// When it began, in seconds of Unix time.
    public var startedAt: Int64
    /// What repeats its random choices.
    public var seed: UInt64

    /// A description.
    public init(target: String, transport: String, load: String, startedAt: Int64, seed: UInt64) {
      self.target = target
      self.transport = transport
      self.load = load
      self.startedAt = startedAt
      self.seed = seed
    }
  }

  /// About one second of the measured part.
  public struct SecondSample: Sendable, Equatable {
    /// When it begins, in seconds since the end of the warm-up.
    public var second: Double
    /// Calls that ended, a second.
    public var rate: Double
    /// Calls that failed, a second.
    public var errorRate: Double
    /// Latencies in nanoseconds.
    public var p50: Int64
    /// In nanoseconds.
    public var p99: Int64
    /// In nanoseconds.
    public var max: Int64
    /// Calls open at its end.
    public var inFlight: Int
  }

  /// The calls of one method.
  public struct MethodSummary: Sendable, Equatable {
    /// `package.Service/Method`.
    public var method: String
    /// From the intended start to the end, failures too.
    public var latency = LatencyHistogram()
    /// How many failed, by code.
    public var failures: [RPCCode: UInt64] = [:]
    /// Messages received.
    public var messagesReceived: UInt64 = 0

    /// A method without calls.
    public init(method: String) { self.method = method }

    /// Calls that ended.
    public var calls: UInt64 { latency.count }
    /// Calls that failed.
    public var failureCount: UInt64 { failures.values.reduce(0, +) }
  }

  /// What was run.
  public var run: Run
  /// How long the measured part took, in seconds.
  public var elapsed: Double = 0
  /// Calls that had ended when it was over.
  public var callsInTime: UInt64 = 0
  /// Calls that a rate had asked for and that were never sent, since no stream was free.
  public var unsentCalls: UInt64 = 0
  /// Second by second.
  public var seconds: [SecondSample] = []
  /// Method by method, in the order of the mix.
  public var methods: [MethodSummary] = []
  /// Bytes sent.
  public var bytesSent: UInt64 = 0
  /// Bytes received.
  public var bytesReceived: UInt64 = 0
  /// How often a connection was lost.
  public var connectionsLost: UInt64 = 0
  /// CPU time of this process in the measured part, in seconds.
  public var clientCPU: Double?
  /// CPU time of the server's process, in seconds, if it runs on this machine.
  public var serverCPU: Double?
  /// What the first failure of each code said.
  public var failureDetails: [RPCCode: String] = [:]
  /// The probes of a search for the highest rate.
  public var probes: [RateSearch.Probe] = []

  /// An empty report.
  public init(run: Run) { self.run = run }

  /// Calls that ended.
  public var calls: UInt64 { methods.reduce(0) { $0 + $1.calls } }
  /// Calls that failed.
  public var failureCount: UInt64 { methods.reduce(0) { $0 + $1.failureCount } }
  /// Messages received.
  public var messagesReceived: UInt64 { methods.reduce(0) { $0 + $1.messagesReceived } }
  /// Calls a second over the measured part.
  public var rate: Double { elapsed > 0 ? Double(callsInTime) / elapsed : 0 }
  /// The part of the calls asked for that ended in time.
  public var achievedShare: Double {
    calls == 0 ? 0 : Double(callsInTime) / Double(calls + unsentCalls)
  }
  /// Failures as a part of all calls.
  public var errorShare: Double { calls == 0 ? 0 : Double(failureCount) / Double(calls) }

  /// The latencies of all methods.
  public var latency: LatencyHistogram {
    methods.reduce(into: LatencyHistogram()) { $0.merge($1.latency) }
  }

  /// How many calls failed, by code, in the order of the codes.
  public var failures: [(code: RPCCode, count: UInt64)] {
    RPCCode.allCases.compactMap { code in
      let count = methods.reduce(0) { $0 + ($1.failures[code] ?? 0) }
      return count == 0 ? nil : (code, count)
    }
  }

  /// Seconds of CPU as microseconds a call; nil if there is nothing to divide.
  func microsecondsPerCall(_ cpu: Double?) -> Double? {
    guard let cpu, calls > 0 else { return nil }
    return cpu * 1e6 / Double(calls)
  }
}
