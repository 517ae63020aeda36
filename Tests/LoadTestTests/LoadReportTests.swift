import LoadTest
import RPC
import Testing

@Suite struct LoadReportTests {
  private static let second: Int64 = 1_000_000_000

  /// A run of ten seconds behind one of warm-up: 100 calls a second of 2 ms, of which the tenth
  /// second's fail after 1 s.
  static func report(
    latency: Int64 = 2_000_000, lastSecondFails: Bool = true
  ) throws -> LoadReport {
    var plan = LoadPlan(.closed, mix: try MethodMix(text: "a.B/C,a.B/D"))
    plan.warmUp = .seconds(1)
    var recorder = LoadRecorder(plan)
    for second in 0..<11 {
      for call in 0..<100 {
        let start = Int64(second) * Self.second + Int64(call) * 9_000_000
        let fails = lastSecondFails && second == 10
        recorder.callStarted()
        recorder.callEnded(
          call % 2, fails ? .unavailable : .ok, intended: start,
          at: start + (fails ? Self.second : latency))
      }
      recorder.transferred(sent: 1_000, received: 2_000, at: Int64(second) * Self.second)
      _ = recorder.secondEnded(at: Int64(second + 1) * Self.second)
    }
    recorder.stopped(at: 11 * Self.second)
    var report = recorder.report(
      LoadReport.Run(
        target: "127.0.0.1:7001", transport: "grpc", load: "closed loop", startedAt: 1, seed: .max))
    report.clientCPU = 0.5
    report.serverCPU = 1.5
    return report
  }

  @Test func `warm-up is left out, everything else counts`() throws {
    let report = try Self.report()
    #expect(report.calls == 1_000)
    #expect(report.failureCount == 100)
    #expect(report.errorShare == 0.1)
    #expect(report.rate == 100)
    #expect(report.methods.map(\.calls) == [500, 500])
    #expect(report.failures.map(\.code) == [.unavailable])
    #expect(report.bytesSent == 10_000 && report.bytesReceived == 20_000)
    #expect(report.seconds.count == 10)
    #expect(report.seconds.map(\.rate) == Array(repeating: 100, count: 10))
    #expect(report.seconds.map(\.errorRate) == Array(repeating: 0, count: 9) + [100])
    #expect(report.seconds.first?.p99 == 2_000_000 && report.seconds.last?.max == Self.second)
  }

  @Test func `a call counts from its intended start, however late it was sent`() throws {
    var recorder = LoadRecorder(LoadPlan(.closed, mix: try MethodMix(text: "a.B/C")))
    recorder.callStarted()
    #expect(recorder.inFlight == 1)
    recorder.callEnded(0, .ok, intended: 0, at: 3 * Self.second)
    #expect(recorder.inFlight == 0)
    let run = try Self.report().run
    #expect(recorder.report(run).latency.max == 3 * Self.second)
  }

  @Test func `JSON gives the same report back`() throws {
    let report = try Self.report()
    let read = try LoadReport(json: try JSONValue(parsing: report.json.description.utf8))
    #expect(read.run == report.run && read.seconds == report.seconds)
    #expect(read.failures.map(\.count) == report.failures.map(\.count))
    #expect(read.calls == report.calls && read.rate == report.rate)
    #expect(read.clientCPU == 0.5 && read.serverCPU == 1.5)
    for percent in [0.1, 50, 99, 99.99] {
      #expect(read.latency.percentile(percent) == report.latency.percentile(percent))
    }
  }

  @Test(arguments: [
    "{}", "[]", #"{"format":2}"#, #"{"format":1,"run":{}}"#,
  ])
  func `JSON of another kind is refused`(text: String) throws {
    let json = try JSONValue(parsing: text.utf8)
    #expect(throws: LoadPlanError.self) { try LoadReport(json: json) }
  }

  @Test(arguments: ["1e300", "18446744073709551615", "-1", "1e9"])
  func `numbers outside any run are refused or shown, whatever they are`(number: String) throws {
    let text = try Self.report().json.description
    for name in [
      "second", "callsPerSecond", "calls", "elapsedSeconds", "maxNanoseconds", "p99Nanoseconds",
    ] {
      let changed = text.replacing(
        try Regex("\"\(name)\":[0-9.e-]+"), with: "\"\(name)\":\(number)")
      #expect(changed != text)
      guard let report = try? LoadReport(json: try JSONValue(parsing: changed.utf8)) else {
        continue
      }
      #expect(report.html.contains("<svg"))
      #expect(ReportComparison(report, report).text.contains("calls/s"))
    }
  }

  @Test func `the table is aligned and says what matters`() throws {
    let text = try Self.report().text
    #expect(text.contains(/calls +1,000 +100\/s  in 10 s/))
    #expect(text.contains("UNAVAILABLE  100"))
    #expect(text.contains("1,500 µs/call"))
    let rows = text.split(separator: "\n").filter { $0.contains("a.B/") || $0.contains("p99.9") }
    #expect(Set(rows.map(\.count)).count == 1)
  }

  @Test func `the page is one file, with charts, and quotes what it is given`() throws {
    var report = try Self.report()
    report.run.target = "<script>alert(1)</script>"
    let html = report.html
    #expect(!html.contains("<script"))
    #expect(html.contains("&lt;script&gt;"))
    #expect(!html.contains("http://") && !html.contains("https://") && !html.contains("src="))
    #expect(html.split(separator: "<svg").count == 5)
    #expect(!html.contains("nan") && !html.contains("inf\""))
  }

  @Test func `a run without a single call still has its reports`() throws {
    let plan = LoadPlan(.closed, mix: try MethodMix(text: "a.B/C"))
    let report = LoadRecorder(plan).report(try Self.report().run)
    #expect(report.text.contains("calls"))
    #expect(report.html.contains("<svg"))
    #expect(ReportComparison(report, report).metrics.allSatisfy { $0.verdict == .same })
  }

  @Test func `a comparison tells better from worse and from the same`() throws {
    let slow = try Self.report(latency: 4_000_000, lastSecondFails: false)
    let fast = try Self.report(lastSecondFails: false)
    func verdict(_ comparison: ReportComparison, _ name: String) -> ReportComparison.Verdict? {
      comparison.metrics.first { $0.name == name }?.verdict
    }
    #expect(verdict(ReportComparison(slow, fast), "p50") == .better)
    #expect(verdict(ReportComparison(fast, slow), "p50") == .worse)
    #expect(verdict(ReportComparison(fast, slow), "calls/s") == .same)
    #expect(ReportComparison(fast, slow).text.contains("2x"))
  }
}
