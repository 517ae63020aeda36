import Platform

/// How many calls a second an open loop is to start, over time.
public struct RateProfile: Sendable, Equatable {
  /// A stretch of time over which the rate goes evenly from one value to another.
  public struct Stage: Sendable, Equatable {
    /// Calls a second when it begins.
    public var from: Double
    /// Calls a second when it ends.
    public var to: Double
    /// How long it lasts.
    public var duration: Duration

    /// A stage; without `to` the rate stays.
    public init(from: Double, to: Double? = nil, duration: Duration) {
      self.from = from
      self.to = to ?? from
      self.duration = duration
    }

    fileprivate var seconds: Double { Double(duration.nanoseconds) / 1e9 }
    fileprivate var callCount: Double { (from + to) / 2 * seconds }

    /// The second within the stage by which `calls` have started.
    fileprivate func second(ofCall calls: Double) -> Double {
      let slope = (to - from) / seconds
      // from * t + slope / 2 * t^2 = calls, solved so that a slope near 0 loses no digits.
      let root = (from * from + 2 * slope * calls).squareRoot()
      return calls == 0 ? 0 : 2 * calls / (from + root)
    }
  }

  /// The stages, one after the other.
  public let stages: [Stage]

  /// A profile of stages.
  public init(_ stages: [Stage]) { self.stages = stages }

  /// How long all stages last.
  public var duration: Duration { stages.reduce(.zero) { $0 + $1.duration } }

  /// The highest rate that it asks for.
  public var rateMax: Double { stages.reduce(0) { max($0, $1.from, $1.to) } }

  /// How many calls it expects.
  public var callCount: Double { stages.reduce(0) { $0 + $1.callCount } }

  /// When the profile has asked for `calls` calls, in nanoseconds; nil if it never does.
  func nanoseconds(ofCall calls: Double) -> Int64? {
    var left = calls
    var start = Duration.zero
    for stage in stages {
      if left < stage.callCount {
        return start.nanoseconds + Int64(stage.second(ofCall: left) * 1e9)
      }
      left -= stage.callCount
      start += stage.duration
    }
    return nil
  }
}

extension RateProfile {
  /// Reads `1000` (for the run's duration), `1000:30s`, `100-5000:60s`, and several joined by
  /// commas: `100:10s,100-2000:30s,2000:60s`.
  ///
  /// - Throws: `LoadPlanError`, which says what is wrong.
  public init(text: String, duration: Duration) throws(LoadPlanError) {
    var stages: [Stage] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: ":", maxSplits: 1).map(String.init)
      let ends = (halves.first ?? "").split(separator: "-", omittingEmptySubsequences: false)
        .map { Double(String($0)) }
      let length = halves.count == 2 ? Duration(loadText: halves[1]) : duration
      guard (1...2).contains(ends.count), let from = ends[0], let to = ends[ends.count - 1],
        let length, length > .zero
      else {
        throw LoadPlanError(
          "`\(part)` is no rate; write 1000, 1000:30s, or 100-5000:60s for a ramp")
      }
      guard [from, to].allSatisfy({ (0...LoadPlan.rateMax).contains($0) }), from + to > 0 else {
        throw LoadPlanError("`\(part)`: rates lie between 0 and 10000000 calls a second")
      }
      stages.append(Stage(from: from, to: to, duration: length))
    }
    self.init(stages)
  }
}
