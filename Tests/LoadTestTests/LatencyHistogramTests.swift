import Testing

@testable import LoadTest

@Suite struct LatencyHistogramTests {
  static let percents = [0, 1, 25, 50, 75, 90, 99, 99.9, 99.99, 100]

  /// Latencies over all magnitudes, an hour and more among them.
  private func latencies(seed: UInt64, count: Int = 20_000) -> [Int64] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { _ in
      Int64.random(in: 0...8_000_000_000_000, using: &random)
        >> Int64.random(in: 0..<40, using: &random)
    }
  }

  private func histogram(_ values: some Sequence<Int64>) -> LatencyHistogram {
    values.reduce(into: LatencyHistogram()) { $0.record($1) }
  }

  @Test(arguments: [1, 2, 3] as [UInt64], percents)
  func `a percentile is within a thousandth above that of the sorted values`(
    seed: UInt64, percent: Double
  ) {
    let values = latencies(seed: seed)
    let sorted = values.map { min($0, LatencyHistogram.nanosecondsMax) }.sorted()
    let rank = max(1, Int((Double(sorted.count) * percent / 100).rounded(.up)))
    let exact = sorted[rank - 1]
    let found = histogram(values).percentile(percent)
    #expect(found >= exact)
    #expect(Double(found - exact) <= Double(exact) / 1_000)
  }

  @Test func `the extremes and the mean are exact`() {
    let values = latencies(seed: 4).map { $0 % 1_000_000_000 }
    let found = histogram(values)
    #expect(found.max == values.max())
    #expect(found.min == values.min())
    let mean = Double(values.reduce(0, +)) / Double(values.count)
    #expect((found.mean - mean).magnitude <= mean * 1e-9)
  }

  @Test func `merging counts as recording everything in one does`() {
    let values = latencies(seed: 5)
    var merged = histogram(values.prefix(500))
    merged.merge(histogram(values.dropFirst(500)))
    merged.merge(LatencyHistogram())
    #expect(merged.occupied.map(\.count) == histogram(values).occupied.map(\.count))
    #expect(merged.count == UInt64(values.count))
    for percent in Self.percents {
      #expect(merged.percentile(percent) == histogram(values).percentile(percent))
    }
  }

  @Test func `nothing is left after a reset`() {
    var found = histogram(latencies(seed: 6))
    found.reset()
    #expect(found == LatencyHistogram())
    #expect(found.percentile(99) == 0)
    #expect(found.mean == 0)
  }

  @Test func `what is below nothing or above an hour counts at the bound`() {
    let found = histogram([-5, .max])
    #expect(found.min == 0)
    #expect(found.max == LatencyHistogram.nanosecondsMax)
    #expect(found.count == 2)
  }

  @Test func `the buckets that hold something give the whole histogram back`() {
    let original = histogram(latencies(seed: 7))
    var copy = LatencyHistogram()
    for (nanoseconds, count) in original.occupied { copy.record(nanoseconds, times: count) }
    for percent in Self.percents where percent > 0 {
      #expect(copy.percentile(percent) == original.percentile(percent))
    }
  }
}
