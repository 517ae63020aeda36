import Testing

@testable import LoadTest

@Suite struct CallScheduleTests {
  private static let second: Int64 = 1_000_000_000

  private func plan(
    _ rate: String, _ pacing: LoadPlan.Pacing, mix: String = "a.B/C", seed: UInt64 = 1
  ) throws -> LoadPlan {
    var plan = LoadPlan(
      .open(try RateProfile(text: rate, duration: .seconds(10)), pacing),
      mix: try MethodMix(text: mix))
    plan.seed = seed
    return plan
  }

  /// Every call of a schedule, taken at its very time.
  private func calls(_ plan: LoadPlan, lane: UInt64 = 0) -> [DueCall] {
    var schedule = CallSchedule(plan, lane: lane)
    var calls: [DueCall] = []
    while let due = schedule.due, let call = schedule.take(at: due) { calls.append(call) }
    return calls
  }

  @Test func `an even rate starts calls at even distances`() throws {
    let starts = calls(try plan("4:2s", .uniform)).map(\.intended)
    #expect(starts == (0..<8).map { $0 * Self.second / 4 })
  }

  @Test func `a ramp starts as many calls in each second as its rate says`() throws {
    let starts = calls(try plan("0-1000:10s", .uniform)).map(\.intended)
    #expect(starts.count == 5_000)
    for second in 0..<10 {
      let within = starts.filter { $0 / Self.second == Int64(second) }
      #expect(abs(within.count - (second * 100 + 50)) <= 1)
    }
    #expect(starts == starts.sorted())
  }

  @Test func `a falling ramp ends where it should`() throws {
    let starts = calls(try plan("1000-0:10s", .uniform)).map(\.intended)
    #expect(abs(starts.count - 5_000) <= 1)
    #expect(starts.allSatisfy { $0 < 10 * Self.second })
    #expect(abs(starts.filter { $0 < Self.second }.count - 950) <= 1)
  }

  @Test func `steps follow each other`() throws {
    let starts = calls(try plan("10:1s,100:1s,1:2s", .uniform)).map(\.intended)
    #expect(starts.filter { $0 < Self.second }.count == 10)
    #expect(starts.filter { (Self.second..<2 * Self.second).contains($0) }.count == 100)
    #expect(starts.count == 112)
  }

  @Test func `random starts are as many, and as spread, as those of independent callers`() throws {
    let starts = calls(try plan("1000:100s", .poisson)).map(\.intended)
    // The standard deviation of 100,000 arrivals is 316.
    #expect(abs(starts.count - 100_000) < 1_300)
    let gaps = zip(starts.dropFirst(), starts).map { Double($0 - $1) / 1e6 }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
    #expect((variance / (mean * mean) - 1).magnitude < 0.03)
    // One in e gaps is longer than the mean.
    let longer = Double(gaps.filter { $0 > mean }.count) / Double(gaps.count)
    #expect((longer - 0.3679).magnitude < 0.01)
  }

  @Test func `a seed repeats the run, another does not, and lanes differ`() throws {
    let first = calls(try plan("1000:1s", .poisson, mix: "a.B/C=1,a.B/D=1", seed: 9))
    #expect(first == calls(try plan("1000:1s", .poisson, mix: "a.B/C=1,a.B/D=1", seed: 9)))
    #expect(first != calls(try plan("1000:1s", .poisson, mix: "a.B/C=1,a.B/D=1", seed: 10)))
    #expect(first != calls(try plan("1000:1s", .poisson, mix: "a.B/C=1,a.B/D=1", seed: 9), lane: 1))
  }

  @Test func `nothing is due before its time, and after a stall everything is, from its own time`()
    throws
  {
    var schedule = CallSchedule(try plan("10:1s", .uniform))
    #expect(schedule.take(at: 0)?.intended == 0)
    #expect(schedule.take(at: 99_999_999) == nil)
    let late = (0..<20).compactMap { _ in schedule.take(at: 5 * Self.second)?.intended }
    #expect(late == (1..<10).map { $0 * 100_000_000 })
    #expect(schedule.due == nil)
  }

  @Test func `a closed loop's next call is due whenever it is asked for`() throws {
    var schedule = CallSchedule(LoadPlan(.closed, mix: try MethodMix(text: "a.B/C")))
    #expect(schedule.due == 0)
    #expect(schedule.take(at: 77) == DueCall(intended: 77, method: 0))
    #expect(schedule.take(at: 78) == DueCall(intended: 78, method: 0))
  }

  @Test func `methods are called as often as their weights say`() throws {
    let calls = calls(try plan("10000:1s", .uniform, mix: "a.B/C=80,a.B/D=15,a.B/E=5"))
    let shares = (0..<3).map { method in
      Double(calls.filter { $0.method == method }.count) / Double(calls.count)
    }
    for (share, expected) in zip(shares, [0.80, 0.15, 0.05]) {
      #expect((share - expected).magnitude < 0.015)
    }
  }

  @Test(arguments: [
    "", "a.B", "a.B/C=0", "a.B/C=x", "a.B/C=-1", "a.B/C,a.B/C", "/C", "a.B/", "a b/C",
  ])
  func `what is no mix is refused`(text: String) {
    #expect(throws: LoadPlanError.self) { try MethodMix(text: text) }
  }
}
