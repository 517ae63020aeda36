import Testing

@testable import LoadTest

@Suite struct RateSearchTests {
  /// Searches a server that keeps the objective up to a capacity.
  private func search(capacity: Double, start: Double = 1_000) throws -> RateSearch {
    var search = RateSearch(try LatencyObjective(text: "p99<10ms"), start: start)
    while let rate = search.rate {
      let latency: Int64 = rate <= capacity ? 2_000_000 : 50_000_000
      search.probeEnded(
        .init(latency: latency, achievedRate: rate, achievedShare: 1, errorShare: 0))
    }
    return search
  }

  @Test(arguments: [1.5, 37, 999, 1_000, 1_001, 48_000, 1_234_567])
  func `the highest rate is found within the precision`(capacity: Double) throws {
    let best = try #require(try search(capacity: capacity).best)
    #expect(best.rate <= capacity)
    #expect(best.rate >= capacity * 0.96)
  }

  @Test func `a server that keeps nothing has no rate`() throws {
    let search = try search(capacity: 0)
    #expect(search.best == nil)
    #expect(search.probes.last?.rate == 1)
  }

  @Test func `a server that keeps everything ends at the generator's limit`() throws {
    #expect(try search(capacity: .infinity).best?.rate == 10_000_000)
  }

  @Test(arguments: [
    RateSearch.Outcome(latency: 1, achievedRate: 1_000, achievedShare: 1, errorShare: 0.01),
    RateSearch.Outcome(latency: 1, achievedRate: 900, achievedShare: 0.9, errorShare: 0),
    RateSearch.Outcome(
      latency: 10_000_000, achievedRate: 1_000, achievedShare: 1, errorShare: 0),
  ])
  func `errors, a rate that is not reached and a latency at the limit fail a probe`(
    outcome: RateSearch.Outcome
  ) throws {
    var search = RateSearch(try LatencyObjective(text: "p99<10ms"), start: 1_000)
    search.probeEnded(outcome)
    #expect(search.probes.first?.passed == false)
    // A second time, before it is believed.
    #expect(search.rate == 1_000)
    search.probeEnded(outcome)
    #expect(search.rate == 500)
  }

  @Test func `a probe that failed once and then passes has passed`() throws {
    var search = RateSearch(try LatencyObjective(text: "p99<10ms"), start: 1_000)
    search.probeEnded(.init(latency: 1, achievedRate: 1_000, achievedShare: 1, errorShare: 1))
    search.probeEnded(.init(latency: 1, achievedRate: 1_000, achievedShare: 1, errorShare: 0))
    #expect(search.rate == 2_000)
  }

  @Test(arguments: ["p99", "p100<1s", "p0<1s", "99<1s", "p99<0ms", "p99<10", "p99<1s<2s", "px<1s"])
  func `what is no objective is refused`(text: String) {
    #expect(throws: LoadPlanError.self) { try LatencyObjective(text: text) }
  }
}
