import Platform

/// What a run is to do: how many calls, how fast, of which methods.
public struct LoadPlan: Sendable, Equatable {
  /// When calls start.
  public enum Load: Sendable, Equatable {
    /// Each stream starts its next call when the last one has ended: measures what the server can
    /// do, and slows down with it.
    case closed
    /// Calls start by the clock, however the server does, as people and other programs do.
    case open(RateProfile, Pacing)
  }

  /// How the starts of an open loop are spread.
  public enum Pacing: String, Sendable, Equatable, CaseIterable {
    /// At even distances.
    case uniform
    /// At random, as independent callers do.
    case poisson
  }

  /// No server in reach of one client takes more calls a second.
  static let rateMax = 10_000_000.0
  /// File descriptors, and memory for their buffers.
  public static let connectionsMax = 10_000
  /// More than servers allow on one connection.
  public static let streamsMax = 10_000
  /// Enough that a server's limit on streams is what ends them, not the generator.
  public static let messagesMax = 1_000_000

  /// The report keeps a sample of each second.
  public static let durationMax = Duration.seconds(86_400)

  /// When calls start.
  public var load: Load
  /// What is called.
  public var mix: MethodMix
  /// Connections held open.
  public var connections = 1
  /// Calls at once on each connection; an open loop that would need more waits, and its latency
  /// counts that wait.
  public var streamsPerConnection = 1
  /// Messages that a client stream sends.
  public var messagesPerStream = 10
  /// Time at the beginning that is left out of the result.
  public var warmUp: Duration = .zero
  /// How long the measured part lasts.
  public var duration: Duration = .seconds(10)
  /// Ends the run after so many measured calls, if that comes earlier.
  public var callsMax: UInt64?
  /// How long one call may take; none for as long as it wants.
  public var deadline: Duration?
  /// What repeats the run's random choices.
  public var seed: UInt64 = 1

  /// A plan with everything else at its default.
  public init(_ load: Load, mix: MethodMix) {
    self.load = load
    self.mix = mix
  }

  /// In words, for reports.
  public var description: String {
    let seconds = Quantity.fixed(Double(duration.nanoseconds) / 1e9, decimals: 2)
    let warmUpSeconds = Quantity.fixed(Double(warmUp.nanoseconds) / 1e9, decimals: 2)
    let streams = "\(connections) x \(streamsPerConnection) streams"
    let time = "\(seconds) s after \(warmUpSeconds) s of warm-up"
    guard case .open(let profile, let pacing) = load else {
      return "closed loop, \(streams), \(time)"
    }
    let stages = profile.stages.map { stage in
      let (from, to) = (Quantity.number(stage.from), Quantity.number(stage.to))
      return from == to ? "\(from)/s" : "\(from)/s to \(to)/s"
    }
    let rates = stages.count > 4 ? "\(stages.count) steps" : stages.joined(separator: ", then ")
    return "\(rates) (\(pacing.rawValue)), at most \(streams), \(time)"
  }

  /// The same plan, its profile preceded by the warm-up at the profile's first rate.
  var withWarmUpInProfile: LoadPlan {
    guard case .open(let profile, let pacing) = load, let first = profile.stages.first,
      warmUp > .zero
    else { return self }
    var plan = self
    let stage = RateProfile.Stage(from: first.from, duration: warmUp)
    plan.load = .open(RateProfile([stage] + profile.stages), pacing)
    return plan
  }

  /// Refuses numbers that no run can keep.
  ///
  /// - Throws: `LoadPlanError`, which names the number and its bounds.
  public func check() throws(LoadPlanError) {
    try check("connections", connections, 1...Self.connectionsMax)
    try check("streams per connection", streamsPerConnection, 1...Self.streamsMax)
    try check("messages per stream", messagesPerStream, 0...Self.messagesMax)
    guard duration > .zero, duration <= Self.durationMax else {
      throw LoadPlanError("a run lasts between 1ns and 24h")
    }
    guard warmUp >= .zero, warmUp <= .seconds(3_600) else {
      throw LoadPlanError("warm-up lasts at most 1h")
    }
    if let deadline, deadline < .microseconds(1) || deadline > .seconds(3_600) {
      throw LoadPlanError("a deadline lies between 1us and 1h")
    }
    if callsMax == 0 { throw LoadPlanError("0 calls are no run") }
  }

  private func check(
    _ name: String, _ value: Int, _ bounds: ClosedRange<Int>
  ) throws(LoadPlanError) {
    guard bounds.contains(value) else {
      throw LoadPlanError(
        "\(name): \(value) does not lie between \(bounds.lowerBound) and \(bounds.upperBound)")
    }
  }
}
