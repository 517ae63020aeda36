/// A call that is due.
public struct DueCall: Sendable, Equatable {
  /// When it was meant to start, in nanoseconds since the run's start: what its latency counts from.
  public let intended: Int64
  /// The method's index in the mix.
  public let method: Int
}

/// Says when the next call is due and which method it calls. It knows no clock: time comes in.
///
/// An open loop's calls become due by the profile alone. Whoever falls behind takes them late, one
/// after the other, each with the time at which it should have started, so that a stall of the
/// server, or of the generator, counts in full.
public struct CallSchedule: Sendable {
  private let mix: MethodMix
  private let arrivals: Arrivals?
  private var random: SeededRandom
  /// The open loop's next call, drawn in advance.
  private var next: Int64?
  /// How many calls the profile has asked for, a fraction under random pacing.
  private var callsSoFar: Double

  private struct Arrivals {
    let profile: RateProfile
    let pacing: LoadPlan.Pacing
  }

  /// The schedule of a plan.
  ///
  /// - Parameter lane: distinguishes schedules that share a plan, each on a thread of its own.
  public init(_ plan: LoadPlan, lane: UInt64 = 0) {
    mix = plan.mix
    random = SeededRandom(seed: plan.seed &+ lane &* 0xD134_2543_DE82_EF95)
    callsSoFar = 0
    if case .open(let profile, let pacing) = plan.load {
      arrivals = Arrivals(profile: profile, pacing: pacing)
      if pacing == .poisson { callsSoFar = gap() }
      next = profile.nanoseconds(ofCall: callsSoFar)
    } else {
      arrivals = nil
    }
  }

  /// When the next call is due, in nanoseconds since the start; nil when an open loop has no more.
  ///
  /// A closed loop's next call is due at once.
  public var due: Int64? { arrivals == nil ? 0 : next }

  /// Takes the next call if it is due at `now`.
  public mutating func take(at now: Int64) -> DueCall? {
    guard let arrivals else { return DueCall(intended: now, method: mix.pick(&random)) }
    guard let intended = next, intended <= now else { return nil }
    callsSoFar += gap()
    next = arrivals.profile.nanoseconds(ofCall: callsSoFar)
    return DueCall(intended: intended, method: mix.pick(&random))
  }

  /// Takes all calls that are due at `now`, and gives how many there were.
  mutating func takeAll(until now: Int64) -> UInt64 {
    guard arrivals != nil else { return 0 }
    var count: UInt64 = 0
    while take(at: now) != nil { count += 1 }
    return count
  }

  /// The distance to the next call in calls: one at even pacing; random with mean one, so that the
  /// rate itself may change along the profile.
  private mutating func gap() -> Double {
    guard arrivals?.pacing == .poisson else { return 1 }
    return -Logarithm.natural(random.fraction())
  }
}
