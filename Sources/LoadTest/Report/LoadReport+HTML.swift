internal import RPC

extension LoadReport {
  /// The report as one self-contained page.
  public var html: String {
    let title = methods.count == 1 ? methods[0].method : "\(methods.count) methods"
    let all = [(name: "calls", style: "blue", report: self)]
    var charts = [ReportCharts.throughput(all), ReportCharts.latency(self)]
    charts += [ReportCharts.percentiles(all), ReportCharts.inFlight(self)]
    var body = "<h1>\(HTML.escaped(title))</h1>\n<p>\(HTML.escaped(run.target)) · "
    body += "\(HTML.escaped(run.transport)) · \(HTML.escaped(run.load))</p>\n"
    body += "<div class=\"tiles\">\n\(tiles)</div>\n<div class=\"charts\">\n"
    body += charts.map(\.svg).joined() + "</div>\n"
    if !probes.isEmpty { body += "<h2>Search</h2>\n" + HTML.table(probeRows) }
    body += "<h2>Methods</h2>\n" + HTML.table(methodRows)
    if failureCount > 0 { body += "<h2>Errors</h2>\n" + HTML.table(failureRows) }
    body += "<h2>Run</h2>\n" + HTML.table(runRows)
    body += "<footer>Latency counts from when a call was meant to start, failed calls too. "
    body += "Written by sarai bench.</footer>"
    return HTML.page(title: "\(title) – sarai bench", body)
  }

  private var tiles: String {
    let latency = latency
    var tiles = [
      HTML.tile(
        "Throughput", Quantity.number(rate) + "/s", "\(Quantity.grouped(Int64(calls))) calls"),
      HTML.tile("p50", Quantity.latency(latency.percentile(50)), "half are faster"),
      HTML.tile("p99", Quantity.latency(latency.percentile(99)), "1 in 100 is slower"),
      HTML.tile("p99.9", Quantity.latency(latency.percentile(99.9)), "1 in 1,000 is slower"),
      HTML.tile("Max", Quantity.latency(latency.max), "the slowest call"),
      HTML.tile(
        "Errors", Quantity.percent(errorShare), "\(Quantity.grouped(Int64(failureCount))) calls",
        style: failureCount > 0 ? "bad" : ""),
    ]
    if let server = microsecondsPerCall(serverCPU) {
      tiles.append(HTML.tile("Server CPU", Quantity.number(server) + " µs", "a call"))
    }
    if let client = microsecondsPerCall(clientCPU) {
      tiles.append(HTML.tile("Client CPU", Quantity.number(client) + " µs", "a call"))
    }
    return tiles.joined()
  }

  private var methodRows: [[String]] {
    let head =
      ["method", "calls", "errors", "mean"]
      + Self.columnPercents.map { "p" + Quantity.fixed($0, decimals: 2) } + ["max"]
    return [head]
      + methods.map { method in
        [
          HTML.escaped(method.method), Quantity.grouped(Int64(method.calls)),
          Quantity.grouped(Int64(method.failureCount)),
          Quantity.latency(Int64(method.latency.mean)),
        ] + Self.columnPercents.map { Quantity.latency(method.latency.percentile($0)) }
          + [Quantity.latency(method.latency.max)]
      }
  }

  private var failureRows: [[String]] {
    [["code", "calls", "share", "the first said"]]
      + failures.map { code, count in
        [
          code.name, Quantity.grouped(Int64(count)),
          Quantity.percent(Double(count) / Double(max(calls, 1))),
          HTML.escaped(failureDetails[code] ?? ""),
        ]
      }
  }

  private var probeRows: [[String]] {
    [["calls/s asked for", "achieved", "latency", "errors", "objective"]]
      + probes.map { probe in
        [
          Quantity.number(probe.rate), Quantity.number(probe.outcome.achievedRate),
          Quantity.latency(probe.outcome.latency), Quantity.percent(probe.outcome.errorShare),
          probe.passed
            ? "<span class=\"better\">kept</span>" : "<span class=\"worse\">failed</span>",
        ]
      }
  }

  private var runRows: [[String]] {
    [
      ["measured", "messages", "sent", "received", "connections lost", "never sent", "seed"],
      [
        Quantity.significant(elapsed) + " s", Quantity.grouped(Int64(messagesReceived)),
        Quantity.bytes(Double(bytesSent)), Quantity.bytes(Double(bytesReceived)),
        Quantity.grouped(Int64(connectionsLost)), Quantity.grouped(Int64(unsentCalls)),
        "\(run.seed)",
      ],
    ]
  }
}

extension ReportComparison {
  /// The comparison as one self-contained page.
  public var html: String {
    let both = [
      (name: "before", style: "grey", report: before),
      (name: "after", style: "blue", report: after),
    ]
    let charts = [
      ReportCharts.throughput(both), ReportCharts.percentiles(both), ReportCharts.p50(both),
      ReportCharts.p99(both),
    ]
    var body = "<h1>Two runs compared</h1>\n"
    for (name, _, report) in both {
      let run = "\(name): \(report.run.target) · \(report.run.transport) · \(report.run.load)"
      body += "<p>\(HTML.escaped(run))</p>\n"
    }
    body += "<div class=\"tiles\">\n"
    for metric in metrics where ["calls/s", "p50", "p99", "CPU server"].contains(metric.name) {
      let ratio = metric.ratio.map { Quantity.fixed($0, decimals: 2) + "x" } ?? "–"
      let style = ["better": "good", "worse": "bad"][metric.verdict.rawValue] ?? ""
      let note = "\(metric.format(metric.before)) → \(metric.format(metric.after))"
      body += HTML.tile(metric.name, ratio, note, style: style)
    }
    body += "</div>\n<div class=\"charts\">\n" + charts.map(\.svg).joined() + "</div>\n"
    let rows = metrics.map { metric in
      [
        metric.name, metric.format(metric.before), metric.format(metric.after),
        metric.ratio.map { Quantity.fixed($0, decimals: 2) + "x" } ?? "–",
        "<span class=\"\(metric.verdict.rawValue)\">\(metric.verdict.rawValue)</span>",
      ]
    }
    body += "<h2>Metric by metric</h2>\n"
    body += HTML.table([["", "before", "after", "ratio", "verdict"]] + rows)
    body += "<footer>Same: within what two runs differ by, judged by the spread from second to "
    body += "second. Written by sarai bench compare.</footer>"
    return HTML.page(title: "Two runs compared – sarai bench", body)
  }
}
