import Platform
import RPC
import ServiceKit
import Testing

@Suite struct MetricsTests {
  @Test func `counters, gauges and histograms are written as Prometheus reads them`() {
    let metrics = Metrics()
    let calls = metrics.counter("a_calls_total", "Calls.\nAll.", labels: "method", "code")
    calls.count("/a/B", "OK")
    calls["/a/B", "O\"K\\\n"].add(2)
    metrics.gauge("b_open", "Open.") { 2.5 }
    let durations = metrics.histogram("c_seconds", "Durations.")
    durations[[]].record(.microseconds(100))
    durations[[]].record(.milliseconds(3))
    durations[[]].record(.seconds(60))
    let text = metrics.text
    #expect(
      text.hasPrefix(
        #"""
        # HELP a_calls_total Calls.\nAll.
        # TYPE a_calls_total counter
        a_calls_total{method="/a/B",code="O\"K\\\n"} 2
        a_calls_total{method="/a/B",code="OK"} 1
        # HELP b_open Open.
        # TYPE b_open gauge
        b_open 2.5
        # HELP c_seconds Durations.
        # TYPE c_seconds histogram
        c_seconds_bucket{le="0.0001"} 1
        c_seconds_bucket{le="0.0002"} 1
        """#))
    #expect(text.contains("c_seconds_bucket{le=\"0.005\"} 2\n"))
    #expect(text.contains("c_seconds_bucket{le=\"10\"} 2\n"))
    #expect(
      text.hasSuffix("c_seconds_bucket{le=\"+Inf\"} 3\nc_seconds_sum 60.0031\nc_seconds_count 3\n"))
  }

  @Test func `callers cannot make series without end`() {
    let metrics = Metrics(seriesMax: 3)
    let calls = metrics.counter("calls_total", "Calls.", labels: "who")
    for caller in 0..<100 { calls.count("\(caller)") }
    #expect(metrics.text.split(separator: "\n").count == 2 + 4)
    #expect(metrics.text.contains("calls_total{who=\"other\"} 97\n"))
  }

  @Test func `calls are counted by method and code, and measured`() async throws {
    let metrics = Metrics()
    let calls = CallMetrics(metrics)
    let context = CallContext(
      MethodDescriptor(service: "a.B", name: "Get", kind: .unary), time: ManualTime())
    try await calls.callReceived(context)
    #expect(metrics.text.contains("sarai_rpc_server_calls_in_flight 1\n"))
    calls.callEnded(
      context,
      CallOutcome(error: RPCError(.notFound, "there is none"), duration: .milliseconds(2)))
    let text = metrics.text
    #expect(text.contains("sarai_rpc_server_calls_in_flight 0\n"))
    #expect(
      text.contains("sarai_rpc_server_calls_total{method=\"/a.B/Get\",code=\"NOT_FOUND\"} 1\n"))
    #expect(text.contains("sarai_rpc_server_duration_seconds_sum{method=\"/a.B/Get\"} 0.002\n"))
  }
}

extension Series {
  fileprivate subscript(_ values: String...) -> Metric { self[values] }
}
