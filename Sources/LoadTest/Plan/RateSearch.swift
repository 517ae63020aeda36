import Platform

/// Finds the highest rate that keeps an objective, probe by probe.
///
/// It doubles the rate until a probe fails, then halves the distance between the highest rate that
/// passed and the lowest that failed twice, until that is within the precision. A machine: it is told what
/// each probe measured, and says what to try next.
public struct RateSearch: Sendable {
  /// What a probe measured.
  public struct Outcome: Sendable, Equatable {
    /// The percentile of the objective, in nanoseconds.
    public var latency: Int64
    /// Calls a second that ended in time for the probe.
    public var achievedRate: Double
    /// The part of the calls asked for that ended in time, 0 to 1.
    public var achievedShare: Double
    /// The part of all calls that failed, 0 to 1.
    public var errorShare: Double

    /// An outcome.
    public init(
      latency: Int64, achievedRate: Double, achievedShare: Double, errorShare: Double
    ) {
      self.latency = latency
      self.achievedRate = achievedRate
      self.achievedShare = achievedShare
      self.errorShare = errorShare
    }
  }

  /// One probe, done.
  public struct Probe: Sendable, Equatable {
    /// Calls a second asked for.
    public let rate: Double
    /// What came of it.
    public let outcome: Outcome
    /// Whether it kept the objective.
    public let passed: Bool
  }

  /// The share of errors up to which a probe passes.
  public static let errorShareMax = 0.001
  /// Less than this of the calls asked for means that calls pile up: no probe is long enough for
  /// that to be called sustained.
  public static let achievedShareMin = 0.97
  /// Probes at most, however the server behaves.
  static let probesMax = 60

  /// What must be kept.
  public let objective: LatencyObjective
  /// The probes so far, in order.
  public private(set) var probes: [Probe] = []
  /// The rate to probe now; nil when the search is over.
  public private(set) var rate: Double?
  private var passed: Double?
  private var failed: Double?
  private let precision: Double

  /// A search.
  ///
  /// - Parameters:
  ///   - start: calls a second of the first probe.
  ///   - precision: the distance at which it is content, as a part of the rate.
  public init(_ objective: LatencyObjective, start: Double = 1_000, precision: Double = 0.02) {
    self.objective = objective
    self.precision = precision
    rate = start
  }

  /// The highest rate that passed; nil if none did.
  public var best: Probe? { probes.filter(\.passed).max { $0.rate < $1.rate } }

  /// Takes what the probe of `rate` measured, and decides what comes next.
  public mutating func probeEnded(_ outcome: Outcome) {
    guard let rate else { return }
    let passes =
      outcome.latency < objective.limit.nanoseconds && outcome.errorShare <= Self.errorShareMax
      && outcome.achievedShare >= Self.achievedShareMin
    probes.append(Probe(rate: rate, outcome: outcome, passed: passes))
    guard probes.count < Self.probesMax else { return self.rate = nil }
    // Something else on the machine may have been in the way: once more.
    if !passes, probes.dropLast().last?.rate != rate { return }
    if passes { passed = max(passed ?? 0, rate) } else { failed = min(failed ?? rate, rate) }
    self.rate = nextRate
  }

  private var nextRate: Double? {
    switch (passed, failed) {
    case (let passed?, let failed?):
      return failed - passed <= precision * failed ? nil : (passed + failed) / 2
    case (let passed?, nil):
      return passed >= LoadPlan.rateMax ? nil : min(passed * 2, LoadPlan.rateMax)
    case (nil, let failed?):
      return failed <= 1 ? nil : max(1, failed / 2)
    case (nil, nil): return nil
    }
  }
}
