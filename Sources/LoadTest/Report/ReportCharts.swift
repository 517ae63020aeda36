/// The charts of one report, or of two beside each other.
enum ReportCharts {
  /// Points that a chart shows at most; more are joined.
  private static let pointsMax = 240

  static func throughput(_ reports: [(name: String, style: String, report: LoadReport)]) -> Chart {
    var lines = reports.map { entry in
      Chart.Line(
        name: entry.name, style: entry.style, points: points(entry.report, { $0.rate }, mean),
        isFilled: reports.count == 1)
    }
    if reports.count == 1, let entry = reports.first, entry.report.failureCount > 0 {
      lines.append(
        Chart.Line(
          name: "errors", style: "red", points: points(entry.report, { $0.errorRate }, mean),
          isFilled: true))
    }
    let high = lines.flatMap { $0.points.map(\.y) }.max() ?? 0
    return Chart(
      label: "Calls a second", lines: lines, xTicks: time(reports.map(\.report)),
      yTicks: ChartAxis.linear(high, axisNumber), isLogarithmic: false, yFormat: Quantity.number,
      xFormat: second)
  }

  static func latency(_ report: LoadReport) -> Chart {
    latency(
      "Latency over time",
      [
        .init(name: "max", style: "grey", points: points(report, { Double($0.max) }, highest)),
        .init(name: "p99", style: "orange", points: points(report, { Double($0.p99) }, highest)),
        .init(name: "p50", style: "blue", points: points(report, { Double($0.p50) }, mean)),
      ], [report])
  }

  static func p50(_ reports: [(name: String, style: String, report: LoadReport)]) -> Chart {
    latency("p50 over time", reports) { Double($0.p50) }
  }

  static func p99(_ reports: [(name: String, style: String, report: LoadReport)]) -> Chart {
    latency("p99 over time", reports) { Double($0.p99) }
  }

  private static func latency(
    _ label: String, _ reports: [(name: String, style: String, report: LoadReport)],
    _ value: (LoadReport.SecondSample) -> Double
  ) -> Chart {
    let lines = reports.map { entry in
      Chart.Line(
        name: entry.name, style: entry.style, points: points(entry.report, value, highest))
    }
    return latency(label, lines, reports.map(\.report))
  }

  static func inFlight(_ report: LoadReport) -> Chart {
    let points = points(report, { Double($0.inFlight) }, mean)
    return Chart(
      label: "Calls in flight", lines: [.init(name: "in flight", style: "blue", points: points)],
      xTicks: time([report]),
      yTicks: ChartAxis.linear(points.map(\.y).max() ?? 0, axisNumber), isLogarithmic: false,
      yFormat: Quantity.number, xFormat: second)
  }

  /// Latency by percentile, on an axis where each nine takes the same place.
  static func percentiles(_ reports: [(name: String, style: String, report: LoadReport)]) -> Chart {
    // x is the number of nines: 0 for the lowest, 1 for 90 %, 4 for 99.99 %.
    let steps = stride(from: 0, through: 4, by: 0.05)
    let lines = reports.map { entry in
      let latency = entry.report.latency
      return Chart.Line(
        name: entry.name, style: entry.style,
        points: steps.map { (x: $0, y: Double(latency.percentile(percent(nines: $0)))) })
    }
    let values = lines.flatMap { $0.points.map(\.y) }
    return Chart(
      label: "Latency by percentile", lines: lines,
      xTicks: [(0, "0"), (1, "90 %"), (2, "99 %"), (3, "99.9 %"), (4, "99.99 %")],
      yTicks: ChartAxis.logarithmic(values, axisLatency), isLogarithmic: true,
      yFormat: { Quantity.latency(Int64($0)) },
      xFormat: { Quantity.fixed(percent(nines: $0), decimals: 3) + " %" })
  }

  // MARK: Parts

  private static func percent(nines: Double) -> Double {
    // 10^-n by its whole part and twentieths, for want of a power function.
    var rest = 1.0
    for _ in 0..<Int((nines * 20).rounded()) { rest *= 0.891_250_938_133_745_6 }
    return 100 * (1 - rest)
  }

  private static func latency(
    _ label: String, _ lines: [Chart.Line], _ reports: [LoadReport]
  ) -> Chart {
    Chart(
      label: label, lines: lines, xTicks: time(reports),
      yTicks: ChartAxis.logarithmic(lines.flatMap { $0.points.map(\.y) }, axisLatency),
      isLogarithmic: true, yFormat: { Quantity.latency(Int64($0)) }, xFormat: second)
  }

  private static func time(_ reports: [LoadReport]) -> [Chart.Tick] {
    ChartAxis.time(reports.compactMap { $0.seconds.last?.second }.max() ?? 0)
  }

  private static func second(_ value: Double) -> String {
    "second \(Quantity.fixed(value, decimals: 1))"
  }

  private static func axisLatency(_ value: Double) -> String { Quantity.latency(Int64(value)) }

  /// Short enough for the margin: 250k, 1.5M.
  private static func axisNumber(_ value: Double) -> String {
    switch value {
    case 1e6...: Quantity.significant(value / 1e6) + "M"
    case 1e4...: Quantity.significant(value / 1e3) + "k"
    default: Quantity.number(value)
    }
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }

  private static func highest(_ values: [Double]) -> Double { values.max() ?? 0 }

  private static func points(
    _ report: LoadReport, _ value: (LoadReport.SecondSample) -> Double,
    _ join: ([Double]) -> Double
  ) -> [(x: Double, y: Double)] {
    let samples = report.seconds
    let width = (samples.count + pointsMax - 1) / pointsMax
    return stride(from: 0, to: samples.count, by: max(width, 1)).map { start in
      let part = samples[start..<min(start + width, samples.count)]
      return (x: samples[start].second, y: join(part.map(value)))
    }
  }
}
