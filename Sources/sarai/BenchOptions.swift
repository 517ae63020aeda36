import LoadTest
import Platform
import Terminal

/// What the command line of `sarai bench` asks for.
struct BenchOptions: Sendable {
  static let help = """
    Usage: sarai bench TARGET METHOD [OPTION...]
           sarai bench TARGET --mix METHOD=WEIGHT,... [OPTION...]
           sarai bench compare BEFORE.json AFTER.json

    Calls a service as fast as it answers, or at a rate, and reports what it did.

      sarai bench 127.0.0.1:7002 sarai.catalog.v1.CatalogService/Search --proto Proto -c 8 -m 32
      sarai bench 127.0.0.1:7002 ... --rate 100-5000:60s --html ramp.html
      sarai bench 127.0.0.1:7002 ... --search 'p99<10ms'

    What is called
      TARGET            HOST:PORT (of a name, its first address), or unix:PATH
      METHOD            package.Service/Method
      --mix LIST        several methods with weights: a.v1.B/Get=80,a.v1.B/List=20
      --proto DIR       a folder of .proto files; can be given several times
      --descriptors F   or a descriptor set, as `schemac describe` writes it; without either, the
                        server's reflection
      --data JSON       the request, or @FILE; METHOD=JSON for one method of a mix. Strings may hold
                        {{seq}} {{uuid}} {{int 1 100}} {{choice a b c}} {{string 64}}. Without it,
                        requests are generated from the schema
      --fill            generate the fields that --data leaves out
      --size N          length of generated strings and bytes (16)
      --requests N      different requests, made beforehand and sent in turn (1000)
      --messages N      messages that a client stream sends (10)

    How
      --protocol P      grpc, native or json (grpc)
      -H 'NAME: VALUE'  a header; can be given several times
      --tls             TLS; implied by the next three
      --ca FILE         who the server's certificate must come from; without it, those of the system
      --cert FILE, --key FILE
                        the client's certificate and its key
      --server-name N   the name that the server's certificate must have (TARGET's host)

    How much
      -c N              connections (1)
      -m N              calls at once on each (1)
      --rate R          calls a second, whatever the server does, with latency counted from when a
                        call was meant to start: 1000, or 100-5000:60s for a ramp, and several of
                        these, joined by commas, for steps
      --pacing P        uniform or poisson (poisson)
      --search GOAL     find the highest rate that keeps p99<10ms; each probe takes --duration
      --duration T      how long to measure: 500ms, 10s, 5m (10s)
      --calls N         stop after so many calls
      --warm-up T       time before, left out of the results (1s)
      --deadline T      time that a call may take
      --seed N          what random choices start from (1)

    What comes out
      --json FILE       the result, for `sarai bench compare` and other programs
      --html FILE       one self-contained page with charts
      --quiet           no progress

    Ctrl-C ends the run early, with its report. Ends with 1 if every call failed.
    """

  static let valued: Set<String> = [
    "--mix", "--proto", "--descriptors", "--data", "--size", "--requests", "--messages",
    "--protocol", "-H", "--ca", "--cert", "--key", "--server-name", "-c", "-m", "--rate",
    "--pacing", "--search", "--duration", "--calls", "--warm-up", "--deadline", "--seed", "--json",
    "--html",
  ]

  let arguments: Arguments
  let target: String
  let plan: LoadPlan
  let search: LatencyObjective?
  private let pacing: LoadPlan.Pacing
  let callProtocol: CallProtocol
  let headers: [(name: String, value: String)]
  let json: String?
  let html: String?
  let isQuiet: Bool

  init(_ words: ArraySlice<String>) throws(CommandFailure) {
    arguments = try Arguments(
      words, options: Self.valued, flags: ["--fill", "--tls", "--quiet"], help: Self.help)
    guard let target = arguments.files.first else {
      throw .usage("`bench` needs a TARGET, such as 127.0.0.1:7002; see `sarai bench --help`")
    }
    self.target = target
    let name = try arguments.optional("--protocol") ?? "grpc"
    guard let callProtocol = CallProtocol(rawValue: name) else {
      throw .usage("`--protocol` is grpc, native or json, not `\(name)`")
    }
    self.callProtocol = callProtocol
    headers = try HeaderOption.headers(arguments)
    json = try arguments.optional("--json")
    html = try arguments.optional("--html")
    isQuiet = arguments.has("--quiet")
    do {
      search = try arguments.optional("--search").map { (text) throws(LoadPlanError) in
        try LatencyObjective(text: text)
      }
      pacing = try Self.pacing(arguments)
      plan = try Self.plan(arguments, pacing)
      try plan.check()
    } catch let error as LoadPlanError {
      throw .usage("\(error)")
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw .usage("\(error)")
    }
    if search != nil, try arguments.optional("--rate") != nil {
      throw .usage("`--search` looks for the rate: leave `--rate` out")
    }
  }

  /// The plan of one probe of a search.
  func plan(atRate rate: Double) -> LoadPlan {
    var plan = plan
    let profile = RateProfile([RateProfile.Stage(from: rate, duration: plan.duration)])
    plan.load = .open(profile, pacing)
    return plan
  }

  /// A whole number within bounds.
  static func number(
    _ arguments: Arguments, _ option: String, _ bounds: ClosedRange<Int>
  ) throws(CommandFailure) -> Int? {
    guard let text = try arguments.optional(option) else { return nil }
    guard let number = Int(text), bounds.contains(number) else {
      throw .usage(
        "`\(option)` is a whole number from \(bounds.lowerBound) to \(bounds.upperBound), not "
          + "`\(text)`")
    }
    return number
  }

  private static func duration(
    _ arguments: Arguments, _ option: String
  ) throws(CommandFailure) -> Duration? {
    guard let text = try arguments.optional(option) else { return nil }
    guard let duration = Duration(loadText: text) else {
      throw .usage("`\(option)` is a time such as 500ms, 10s or 5m, not `\(text)`")
    }
    return duration
  }

  private static func pacing(_ arguments: Arguments) throws -> LoadPlan.Pacing {
    let name = try arguments.optional("--pacing") ?? "poisson"
    guard let pacing = LoadPlan.Pacing(rawValue: name) else {
      throw CommandFailure.usage("`--pacing` is uniform or poisson, not `\(name)`")
    }
    return pacing
  }

  private static func plan(_ arguments: Arguments, _ pacing: LoadPlan.Pacing) throws -> LoadPlan {
    let mix = try mix(arguments)
    let duration = try duration(arguments, "--duration") ?? .seconds(10)
    var plan = LoadPlan(.closed, mix: mix)
    plan.duration = duration
    plan.warmUp = try Self.duration(arguments, "--warm-up") ?? .seconds(1)
    if let rate = try arguments.optional("--rate") {
      let profile = try RateProfile(text: rate, duration: duration)
      plan.load = .open(profile, pacing)
      plan.duration = profile.duration
    } else if try arguments.optional("--pacing") != nil, try arguments.optional("--search") == nil {
      throw CommandFailure.usage("`--pacing` goes with `--rate` or `--search`")
    }
    plan.connections = try number(arguments, "-c", 1...LoadPlan.connectionsMax) ?? 1
    plan.streamsPerConnection = try number(arguments, "-m", 1...LoadPlan.streamsMax) ?? 1
    plan.messagesPerStream = try number(arguments, "--messages", 0...LoadPlan.messagesMax) ?? 10
    plan.callsMax = try number(arguments, "--calls", 1...Int.max).map { UInt64($0) }
    plan.deadline = try Self.duration(arguments, "--deadline")
    plan.seed = UInt64(try number(arguments, "--seed", 0...Int.max) ?? 1)
    return plan
  }

  private static func mix(_ arguments: Arguments) throws -> MethodMix {
    switch (arguments.files.count, try arguments.optional("--mix")) {
    case (1, let text?): return try MethodMix(text: text)
    case (2, nil): return try MethodMix(text: arguments.files[1])
    case (1, nil):
      throw CommandFailure.usage(
        "name the METHOD to call, such as sarai.catalog.v1.CatalogService/Search")
    case (_, .some): throw CommandFailure.usage("`--mix` names the methods: leave METHOD out")
    default:
      throw CommandFailure.usage(
        "`\(arguments.files[2])` is one word too many; use --mix for several methods")
    }
  }
}
