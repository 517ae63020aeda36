import Platform

/// What a process counts and measures, as Prometheus reads it.
///
/// Any task may use it. The number of series is bounded: what labels would add beyond is counted in
/// a series whose labels are all `other`.
public final class Metrics: Sendable {
  private struct Family {
    let name: String
    let help: String
    let kind: String
    let render: @Sendable (inout String) -> Void
  }

  private let families = Lock<[Family]>([])
  private let seriesMax: Int

  /// Nothing yet.
  ///
  /// - Parameter seriesMax: of each metric.
  public init(seriesMax: Int = 2_000) { self.seriesMax = seriesMax }

  /// Something that only grows. Its name ends in `_total`.
  public func counter(_ name: String, _ help: String, labels: String...) -> Series<Counter> {
    precondition(name.hasSuffix("_total"), "a counter's name ends in _total")
    let series = Series(labels: labels, countMax: seriesMax) { Counter() }
    add(name, help, "counter") { text in
      series.forEach { labels, counter in
        text += "\(name)\(MetricText.braces(labels)) \(counter.value)\n"
      }
    }
    return series
  }

  /// Something that goes up and down, read whenever somebody asks.
  public func gauge(_ name: String, _ help: String, _ read: @escaping @Sendable () -> Double) {
    add(name, help, "gauge") { text in text += "\(name) \(MetricText.number(read()))\n" }
  }

  /// How a metric that is read elsewhere behaves.
  public enum SampledKind: String, Sendable {
    /// Only grows; its name ends in `_total`.
    case counter
    /// Goes up and down.
    case gauge
  }

  /// Something that others count, read whenever somebody asks: a value for each combination of label
  /// values.
  public func sampled(
    _ name: String, _ help: String, _ kind: SampledKind, labels: [String] = [],
    _ read: @escaping @Sendable () -> [(values: [String], value: Double)]
  ) {
    precondition(
      (kind == .counter) == name.hasSuffix("_total"), "a counter's name ends in _total")
    add(name, help, kind.rawValue) { text in
      for sample in read() {
        let braces = MetricText.braces(Array(zip(labels, sample.values)))
        text += "\(name)\(braces) \(MetricText.number(sample.value))\n"
      }
    }
  }

  /// Durations, in buckets from 0.1 ms to 10 s. Its name ends in `_seconds`.
  public func histogram(_ name: String, _ help: String, labels: String...) -> Series<Histogram> {
    precondition(name.hasSuffix("_seconds"), "a histogram's name ends in its unit, _seconds")
    let series = Series(labels: labels, countMax: seriesMax) { Histogram() }
    add(name, help, "histogram") { text in
      series.forEach { labels, histogram in histogram.render(name, labels, into: &text) }
    }
    return series
  }

  func add(
    _ name: String, _ help: String, _ kind: String,
    _ render: @escaping @Sendable (inout String) -> Void
  ) {
    families.withLock { families in
      precondition(!families.contains { $0.name == name }, "the metric \(name) is there twice")
      families.append(Family(name: name, help: help, kind: kind, render: render))
    }
  }

  /// All of it in Prometheus's text format, version 0.0.4.
  public var text: String {
    var text = ""
    for family in families.withLock({ $0 }).sorted(by: { $0.name < $1.name }) {
      text += "# HELP \(family.name) \(MetricText.help(family.help))\n"
      text += "# TYPE \(family.name) \(family.kind)\n"
      family.render(&text)
    }
    return text
  }
}

/// A metric for each combination of label values.
public final class Series<Metric: Sendable>: Sendable {
  private let labels: [String]
  private let countMax: Int
  private let make: @Sendable () -> Metric
  private let metrics = Lock<[[String]: Metric]>([:])

  init(labels: [String], countMax: Int, _ make: @escaping @Sendable () -> Metric) {
    self.labels = labels
    self.countMax = countMax
    self.make = make
    if labels.isEmpty { _ = self[[]] }
  }

  /// The metric of these label values; keep it where it is used often.
  public subscript(values: [String]) -> Metric {
    precondition(values.count == labels.count, "a value for each label")
    return metrics.withLock { metrics in
      if let metric = metrics[values] { return metric }
      let key = metrics.count < countMax ? values : labels.map { _ in "other" }
      if let metric = metrics[key] { return metric }
      let metric = make()
      metrics[key] = metric
      return metric
    }
  }

  func forEach(_ body: ([(name: String, value: String)], Metric) -> Void) {
    let sorted = metrics.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    for (values, metric) in sorted { body(Array(zip(labels, values)), metric) }
  }
}

extension Series<Counter> {
  /// Counts one.
  public func count(_ values: String...) { self[values].add(1) }
}
