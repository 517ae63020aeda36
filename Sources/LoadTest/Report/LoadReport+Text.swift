internal import RPC

extension LoadReport {
  /// The report for a terminal.
  public var text: String {
    var lines = ["\(run.target)  \(run.transport)", run.load, ""]
    if !probes.isEmpty { lines += probeLines + [""] }
    lines += summaryLines + [""] + methodLines
    if failureCount > 0 { lines += [""] + failureLines }
    return lines.joined(separator: "\n")
  }

  /// One line of progress.
  public static func progress(_ sample: SecondSample) -> String {
    let errors = sample.errorRate > 0 ? "  \(Quantity.number(sample.errorRate)) errors/s" : ""
    return "\(Int(sample.second + 0.5) + 1)s  \(Quantity.number(sample.rate))/s"
      + "  p50 \(Quantity.latency(sample.p50))  p99 \(Quantity.latency(sample.p99))"
      + "  max \(Quantity.latency(sample.max))  \(sample.inFlight) in flight\(errors)"
  }

  private var summaryLines: [String] {
    var rows = [
      [
        "calls", Quantity.grouped(Int64(calls)), "\(Quantity.number(rate))/s",
        "in \(Quantity.significant(elapsed)) s",
      ],
      ["errors", Quantity.grouped(Int64(failureCount)), Quantity.percent(errorShare)],
    ]
    if messagesReceived != calls {
      let perSecond = elapsed > 0 ? Double(messagesReceived) / elapsed : 0
      rows.append(
        [
          "messages", Quantity.grouped(Int64(messagesReceived)),
          "\(Quantity.number(perSecond))/s",
        ])
    }
    for (name, bytes) in [("sent", bytesSent), ("received", bytesReceived)] where elapsed > 0 {
      rows.append(
        [name, Quantity.bytes(Double(bytes)), Quantity.bytes(Double(bytes) / elapsed) + "/s"])
    }
    for (name, cpu) in [("CPU client", clientCPU), ("CPU server", serverCPU)] {
      guard let cpu, let perCall = microsecondsPerCall(cpu) else { continue }
      let share = elapsed > 0 ? "\(Quantity.percent(cpu / elapsed)) of a core" : ""
      rows.append([name, Quantity.number(perCall) + " µs/call", share])
    }
    if unsentCalls > 0 {
      rows.append(
        [
          "never sent", Quantity.grouped(Int64(unsentCalls)),
          "no stream was free: the server is too slow, or -c and -m too low",
        ])
    }
    if connectionsLost > 0 {
      rows.append(["connections lost", Quantity.grouped(Int64(connectionsLost))])
    }
    return TextTable(rows: rows).lines
  }

  private var methodLines: [String] {
    let percents = Self.columnPercents
    var rows = [
      ["method", "calls", "errors", "mean"]
        + percents.map { "p" + Quantity.fixed($0, decimals: 2) } + ["max"]
    ]
    func row(_ name: String, _ latency: LatencyHistogram, _ failureCount: UInt64) -> [String] {
      [
        name, Quantity.grouped(Int64(latency.count)), Quantity.grouped(Int64(failureCount)),
        Quantity.latency(Int64(latency.mean)),
      ] + percents.map { Quantity.latency(latency.percentile($0)) }
        + [Quantity.latency(latency.max)]
    }
    rows += methods.map { row($0.method, $0.latency, $0.failureCount) }
    if methods.count > 1 { rows.append(row("all", latency, failureCount)) }
    return TextTable(rows: rows).lines
  }

  private var failureLines: [String] {
    let rows = failures.map { [$0.code.name, Quantity.grouped(Int64($0.count))] }
    return zip(TextTable(rows: rows).lines, failures).map { line, failure in
      failureDetails[failure.code].map { "\(line)  \($0)" } ?? line
    }
  }

  private var probeLines: [String] {
    let rows = probes.map { probe in
      [
        "\(Quantity.number(probe.rate))/s", probe.passed ? "kept" : "failed",
        "\(Quantity.number(probe.outcome.achievedRate))/s",
        Quantity.latency(probe.outcome.latency), Quantity.percent(probe.outcome.errorShare),
      ]
    }
    return TextTable(rows: [["probed", "objective", "achieved", "latency", "errors"]] + rows).lines
  }
}
