/// How often something was how large: steps that double, as a histogram of Prometheus wants them.
public struct StepCounts: Sendable, Hashable {
  /// The upper bounds of the steps but the last, which has none.
  public let bounds: [Int]
  /// How often something lay within each step; one more than there are bounds.
  public private(set) var counts: [Int]
  /// All sizes together.
  public private(set) var sum = 0

  init(from first: Int, steps: Int) {
    bounds = (0..<steps).map { first << $0 }
    counts = Array(repeating: 0, count: steps + 1)
  }

  mutating func add(_ size: Int) {
    counts[bounds.firstIndex { size <= $0 } ?? bounds.count] += 1
    sum += size
  }
}
