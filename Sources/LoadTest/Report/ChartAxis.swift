/// Where an axis has its marks.
enum ChartAxis {
  /// Round values from 0 to at least `max`, about five of them.
  static func linear(_ max: Double, _ format: (Double) -> String) -> [Chart.Tick] {
    guard max > 0, max.isFinite else { return [(0, format(0)), (1, format(1))] }
    let rough = max / 4
    var power = 1.0
    while power * 10 <= rough { power *= 10 }
    while power > rough { power /= 10 }
    let step = [1, 2, 2.5, 5, 10].first { $0 * power >= rough }.map { $0 * power } ?? rough
    let count = Int((max / step).rounded(.up))
    return (0...count).map { (Double($0) * step, format(Double($0) * step)) }
  }

  /// 1, 2 and 5 of every power of ten around the values; only 1 where they would crowd.
  static func logarithmic(_ values: [Double], _ format: (Double) -> String) -> [Chart.Tick] {
    let positive = values.filter { $0 > 0 }
    guard let low = positive.min(), let high = positive.max() else {
      return [(1, format(1)), (10, format(10))]
    }
    let steps = high / low > 300 ? [1.0] : [1.0, 2, 5]
    var all: [Double] = []
    var power = 1.0
    while power <= high * 10 {
      all += steps.map { $0 * power }
      power *= 10
    }
    let first = all.lastIndex { $0 <= low } ?? 0
    let last = all.firstIndex { $0 >= high } ?? all.count - 1
    return all[first...Swift.max(last, first + 1)].map { ($0, format($0)) }
  }

  /// Whole seconds from 0 to `end`, about six of them.
  static func time(_ end: Double) -> [Chart.Tick] {
    let steps = [1.0, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400]
    let step = steps.first { end / $0 <= 6 } ?? 14_400
    return stride(from: 0, through: Swift.max(end, step), by: step).map { second in
      let isMinutes = step >= 60
      return (second, isMinutes ? "\(Int(second / 60)) min" : "\(Int(second)) s")
    }
  }
}
