/// Two runs beside each other, metric by metric.
public struct ReportComparison: Sendable {
  /// What the difference of a metric means.
  public enum Verdict: String, Sendable {
    case better, worse
    /// Within what two runs of the same thing differ by.
    case same
  }

  /// One metric of both runs.
  public struct Metric: Sendable {
    /// What was measured.
    public let name: String
    /// In the earlier run.
    public let before: Double
    /// In the later run.
    public let after: Double
    /// Whether more is better, as for a rate.
    let moreIsBetter: Bool
    /// The part of the value that two runs of the same thing may differ by.
    let noise: Double
    /// How the values are written.
    let format: @Sendable (Double) -> String

    /// After over before; nil where there is nothing to divide by.
    public var ratio: Double? { before > 0 ? after / before : nil }

    /// What the difference means.
    public var verdict: Verdict {
      if (after - before).magnitude <= noise * before { return .same }
      return (after > before) == moreIsBetter ? .better : .worse
    }
  }

  /// The earlier run.
  public let before: LoadReport
  /// The later run.
  public let after: LoadReport
  /// The metrics that both have.
  public let metrics: [Metric]

  /// Compares two runs.
  public init(_ before: LoadReport, _ after: LoadReport) {
    self.before = before
    self.after = after
    var metrics = [
      Metric(
        name: "calls/s", before: before.rate, after: after.rate, moreIsBetter: true,
        noise: Self.noise(before, after) { $0.rate }, format: Quantity.number),
      Metric(
        name: "errors", before: before.errorShare, after: after.errorShare, moreIsBetter: false,
        noise: Self.noise(before.failureCount, after.failureCount), format: Quantity.percent),
    ]
    let (old, new) = (before.latency, after.latency)
    for percent in [50, 90, 99, 99.9, 99.99, 100] {
      let noise =
        percent <= 90
        ? Self.noise(before, after) { Double($0.p50) }
        : Self.noise(before, after) { Double($0.p99) }
      metrics.append(
        Metric(
          name: percent == 100 ? "max" : "p" + Quantity.fixed(percent, decimals: 2),
          before: Double(old.percentile(percent)), after: Double(new.percentile(percent)),
          moreIsBetter: false,
          // The rarest calls differ most from run to run.
          noise: percent > 99 ? max(noise, 0.2) : noise, format: { Quantity.latency(Int64($0)) }))
    }
    for (name, old, new) in [
      (
        "CPU client", before.microsecondsPerCall(before.clientCPU),
        after.microsecondsPerCall(after.clientCPU)
      ),
      (
        "CPU server", before.microsecondsPerCall(before.serverCPU),
        after.microsecondsPerCall(after.serverCPU)
      ),
    ] {
      guard let old, let new else { continue }
      metrics.append(
        Metric(
          name: name, before: old, after: new, moreIsBetter: false, noise: 0.05,
          format: { Quantity.number($0) + " µs/call" }))
    }
    self.metrics = metrics
  }

  /// Two standard errors of the difference of the medians, by the spread from second to second; at
  /// least 3 %. It goes by quartiles, so that one bad second does not hide a change of all others.
  private static func noise(
    _ before: LoadReport, _ after: LoadReport, _ value: (LoadReport.SecondSample) -> Double
  ) -> Double {
    let variance = [before, after].reduce(0.0) { sum, report in
      let values = report.seconds.map(value).sorted()
      let median = values.isEmpty ? 0 : values[values.count / 2]
      guard median > 0 else { return sum }
      let quartiles = values[values.count * 3 / 4] - values[values.count / 4]
      // For a normal distribution: deviation = 0.741 x the distance of the quartiles, and the
      // error of a median is 1.253 x deviation / root of the count.
      let error = 0.929 * quartiles / median
      return sum + error * error / Double(values.count)
    }
    return max(0.03, 2 * variance.squareRoot())
  }

  /// Two standard errors of the difference of two counts of rare events.
  private static func noise(_ before: UInt64, _ after: UInt64) -> Double {
    guard before > 0, after > 0 else { return 0 }
    return 2 * (1 / Double(before) + 1 / Double(after)).squareRoot()
  }

  /// The comparison for a terminal.
  public var text: String {
    let rows = metrics.map { metric in
      [
        metric.name, metric.format(metric.before), metric.format(metric.after),
        metric.ratio.map { Quantity.fixed($0, decimals: 2) + "x" } ?? "–", metric.verdict.rawValue,
      ]
    }
    let table = TextTable(rows: [["", "before", "after", "ratio", "verdict"]] + rows)
    return
      ([
        "before: \(before.run.target)  \(before.run.transport)  \(before.run.load)",
        "after:  \(after.run.target)  \(after.run.transport)  \(after.run.load)", "",
      ]
      + table.lines).joined(separator: "\n")
  }
}
