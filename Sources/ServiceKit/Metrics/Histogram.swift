import Platform

/// Durations, counted in buckets.
public final class Histogram: Sendable {
  /// The upper ends of the buckets: three to a power of ten, which tells a p99 within a half.
  private static let ends: [Duration] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000, 10_000_000,
  ].map { .microseconds($0) }

  private struct State {
    var counts = [Int](repeating: 0, count: Histogram.ends.count + 1)
    var sum = Duration.zero
  }

  private let state = Lock(State())

  init() {}

  /// Adds one duration.
  public func record(_ duration: Duration) {
    let bucket = Self.ends.firstIndex { duration <= $0 } ?? Self.ends.count
    state.withLock { state in
      state.counts[bucket] += 1
      state.sum += duration
    }
  }

  func render(
    _ name: String, _ labels: [(name: String, value: String)], into text: inout String
  ) {
    let state = state.withLock { $0 }
    var total = 0
    for (index, count) in state.counts.enumerated() {
      total += count
      let end = index < Self.ends.count ? MetricText.seconds(Self.ends[index]) : "+Inf"
      text += "\(name)_bucket\(MetricText.braces(labels + [("le", end)])) \(total)\n"
    }
    text += "\(name)_sum\(MetricText.braces(labels)) \(MetricText.seconds(state.sum))\n"
    text += "\(name)_count\(MetricText.braces(labels)) \(total)\n"
  }
}
