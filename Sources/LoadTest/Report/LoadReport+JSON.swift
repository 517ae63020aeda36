internal import RPC

extension LoadReport {
  /// The form of the JSON that this version writes and reads.
  private static let formatVersion = 1.0

  /// The percentiles that tables have a column for.
  static let columnPercents = [50, 90, 99, 99.9, 99.99]

  /// The percentiles that the JSON names.
  private static let percents = [50, 75, 90, 95, 99, 99.9, 99.99]

  /// The report as JSON; `LoadReport(json:)` reads it.
  public var json: JSONValue {
    .object([
      .init("format", .number(Self.formatVersion)),
      .init("run", runJSON),
      .init("totals", totalsJSON),
      .init("methods", .array(methods.map(\.json))),
      .init("seconds", .array(seconds.map(\.json))),
      .init("probes", .array(probes.map(\.json))),
      .init("failureDetails", .object(detailMembers)),
    ])
  }

  private var detailMembers: [JSONValue.Member] {
    failures.compactMap { failure in
      failureDetails[failure.code].map { .init(failure.code.name, .string($0)) }
    }
  }

  private var runJSON: JSONValue {
    .object([
      .init("target", .string(run.target)), .init("transport", .string(run.transport)),
      .init("load", .string(run.load)), .init("startedAt", .number(run.startedAt)),
      .init("seed", .string("\(run.seed)")),
    ])
  }

  private var totalsJSON: JSONValue {
    let latency = latency
    var members: [JSONValue.Member] = [
      .init("elapsedSeconds", .number(elapsed)), .init("calls", .number(calls)),
      .init("callsInTime", .number(callsInTime)), .init("unsentCalls", .number(unsentCalls)),
      .init("errors", .number(failureCount)), .init("callsPerSecond", .number(rate)),
      .init("messagesReceived", .number(messagesReceived)),
      .init("bytesSent", .number(bytesSent)), .init("bytesReceived", .number(bytesReceived)),
      .init("connectionsLost", .number(connectionsLost)),
      .init("meanNanoseconds", .number(latency.mean)),
      .init("maxNanoseconds", .number(latency.max)),
    ]
    for percent in Self.percents {
      let name = Quantity.fixed(percent, decimals: 2)
      members.append(.init("p\(name)Nanoseconds", .number(latency.percentile(percent))))
    }
    if let clientCPU { members.append(.init("clientCPUSeconds", .number(clientCPU))) }
    if let serverCPU { members.append(.init("serverCPUSeconds", .number(serverCPU))) }
    return .object(members)
  }

  /// Reads what `json` wrote.
  ///
  /// - Throws: `LoadPlanError`, which names what is missing.
  public init(json: JSONValue) throws(LoadPlanError) {
    let document = JSONObject(json, "the report")
    guard try document.number("format") == Self.formatVersion else {
      throw LoadPlanError("the report is of another version of sarai bench; run it again")
    }
    let run = try document.object("run")
    self.init(
      run: Run(
        target: try run.text("target"), transport: try run.text("transport"),
        load: try run.text("load"), startedAt: try run.integer("startedAt"),
        seed: UInt64(try run.text("seed")) ?? 0))
    let totals = try document.object("totals")
    elapsed = try totals.number("elapsedSeconds")
    callsInTime = try totals.count("callsInTime")
    unsentCalls = try totals.count("unsentCalls")
    bytesSent = try totals.count("bytesSent")
    bytesReceived = try totals.count("bytesReceived")
    connectionsLost = try totals.count("connectionsLost")
    clientCPU = json["totals"]?["clientCPUSeconds"]?.double
    serverCPU = json["totals"]?["serverCPUSeconds"]?.double
    for method in try document.objects("methods") { methods.append(try MethodSummary(method)) }
    for second in try document.objects("seconds") { seconds.append(try SecondSample(second)) }
    for code in RPCCode.allCases {
      failureDetails[code] = json["failureDetails"]?[code.name]?.text
    }
    for probe in try document.objects("probes") { probes.append(try RateSearch.Probe(probe)) }
  }
}

extension LoadReport.MethodSummary {
  fileprivate var json: JSONValue {
    let codes = RPCCode.allCases.compactMap { code in
      failures[code].map { JSONValue.Member(code.name, .number($0)) }
    }
    return .object([
      .init("method", .string(method)), .init("calls", .number(calls)),
      .init("messagesReceived", .number(messagesReceived)), .init("errors", .object(codes)),
      .init(
        "histogramNanosecondsAndCounts",
        .array(latency.occupied.map { .array([.number($0.nanoseconds), .number($0.count)]) })),
    ])
  }

  fileprivate init(_ object: JSONObject) throws(LoadPlanError) {
    self.init(method: try object.text("method"))
    messagesReceived = try object.count("messagesReceived")
    for code in RPCCode.allCases {
      guard let count = try object.object("errors").value[code.name]?.double else { continue }
      failures[code] = count <= 0x1p40 ? UInt64(exactly: count) : nil
    }
    for entry in try object.elements("histogramNanosecondsAndCounts") {
      let pair = entry.elements?.compactMap(\.double) ?? []
      guard pair.count == 2, let value = Int64(exactly: pair[0]),
        let count = UInt64(exactly: pair[1]), pair[1] <= 0x1p40
      else { throw LoadPlanError("a bucket of a histogram in the report is no pair of numbers") }
      latency.record(value, times: count)
    }
  }
}

extension LoadReport.SecondSample {
  fileprivate var json: JSONValue {
    .object([
      .init("second", .number(second)), .init("callsPerSecond", .number(rate)),
      .init("errorsPerSecond", .number(errorRate)), .init("p50Nanoseconds", .number(p50)),
      .init("p99Nanoseconds", .number(p99)), .init("maxNanoseconds", .number(max)),
      .init("inFlight", .number(inFlight)),
    ])
  }

  fileprivate init(_ object: JSONObject) throws(LoadPlanError) {
    second = try object.number("second")
    guard (0...2 * Double(LoadPlan.durationMax.components.seconds)).contains(second) else {
      throw LoadPlanError("a sample of the report lies outside any run: second \(second)")
    }
    rate = try object.number("callsPerSecond")
    errorRate = try object.number("errorsPerSecond")
    p50 = try object.integer("p50Nanoseconds")
    p99 = try object.integer("p99Nanoseconds")
    max = try object.integer("maxNanoseconds")
    inFlight = Int(try object.integer("inFlight"))
  }
}

extension RateSearch.Probe {
  fileprivate var json: JSONValue {
    .object([
      .init("rate", .number(rate)), .init("passed", .bool(passed)),
      .init("latencyNanoseconds", .number(outcome.latency)),
      .init("achievedRate", .number(outcome.achievedRate)),
      .init("achievedShare", .number(outcome.achievedShare)),
      .init("errorShare", .number(outcome.errorShare)),
    ])
  }

  fileprivate init(_ object: JSONObject) throws(LoadPlanError) {
    self.init(
      rate: try object.number("rate"),
      outcome: RateSearch.Outcome(
        latency: try object.integer("latencyNanoseconds"),
        achievedRate: try object.number("achievedRate"),
        achievedShare: try object.number("achievedShare"),
        errorShare: try object.number("errorShare")),
      passed: object.value["passed"] == .bool(true))
  }
}

/// An object of a report, whose members must be there.
private struct JSONObject {
  let value: JSONValue
  let place: String

  init(_ value: JSONValue, _ place: String) {
    self.value = value
    self.place = place
  }

  private func missing(_ name: String, _ kind: String) -> LoadPlanError {
    LoadPlanError("\(place) has no \(kind) `\(name)`: it was not written by `sarai bench --json`")
  }

  func text(_ name: String) throws(LoadPlanError) -> String {
    guard let text = value[name]?.text else { throw missing(name, "text") }
    return text
  }

  func number(_ name: String) throws(LoadPlanError) -> Double {
    // What a double holds exactly: sums and charts of such numbers stay within theirs.
    guard let number = value[name]?.double, number.magnitude <= 0x1p53 else {
      throw missing(name, "number within bounds")
    }
    return number
  }

  func integer(_ name: String) throws(LoadPlanError) -> Int64 {
    guard let integer = Int64(exactly: try number(name)) else { throw missing(name, "number") }
    return integer
  }

  func count(_ name: String) throws(LoadPlanError) -> UInt64 {
    guard let count = UInt64(exactly: try number(name)) else { throw missing(name, "count") }
    return count
  }

  func object(_ name: String) throws(LoadPlanError) -> JSONObject {
    guard let member = value[name], case .object = member else { throw missing(name, "object") }
    return JSONObject(member, "\(place)'s `\(name)`")
  }

  func elements(_ name: String) throws(LoadPlanError) -> [JSONValue] {
    guard let elements = value[name]?.elements else { throw missing(name, "list") }
    return elements
  }

  func objects(_ name: String) throws(LoadPlanError) -> [JSONObject] {
    try elements(name).map { JSONObject($0, "an element of `\(name)`") }
  }
}
