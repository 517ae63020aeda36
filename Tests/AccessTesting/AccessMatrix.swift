public import Access
import RPC

/// Tries every method of a service as every role of another company, and as those of the company that
/// owns what is named: what is refused, and how, is what the contract says.
public struct AccessMatrix: Sendable {
  /// Who calls: a role in the company that owns the things, or in another one.
  public struct Seat: Sendable, Hashable {
    /// The role; nil for a person without any.
    public var role: Role?
    /// Whether it is in the company that owns the things.
    public var isOwner: Bool

    /// A seat.
    public init(role: Role?, isOwner: Bool) {
      self.role = role
      self.isOwner = isOwner
    }
  }

  /// Things that nobody has touched, and who may call for them.
  public struct Scene: Sendable {
    /// Ids of the things, by what requests call them.
    public var names: [String: String]
    /// The token of the person whose own things are among them.
    public var person: String
    /// The tokens of the seats, stepped up.
    public var seats: [Seat: String]
    /// Makes an id, which requests call `new`.
    public var newID: @Sendable () -> String
    /// What shows the things to their owner: a method's path, and the request in JSON.
    public var views: [(token: String, path: String, request: String)]

    /// A scene.
    public init(
      names: [String: String], person: String, seats: [Seat: String],
      newID: @escaping @Sendable () -> String,
      views: [(token: String, path: String, request: String)]
    ) {
      self.names = names
      self.person = person
      self.seats = seats
      self.newID = newID
      self.views = views
    }

    func filled(_ request: String) -> String {
      names.reduce(request.replacing("{new}", with: newID())) {
        $0.replacing("{\($1.key)}", with: $1.value)
      }
    }
  }

  private let contracts: ContractRules
  private let probe: AccessProbe
  private let reaches: [String: Reach]
  private let scene: @Sendable () async throws -> Scene

  /// - Parameters:
  ///   - reaches: what each method reaches, by `Service.Method`.
  ///   - scene: makes things anew; each method is tried on its own.
  public init(
    _ probe: AccessProbe, _ contracts: ContractRules, _ reaches: [String: Reach],
    scene: @escaping @Sendable () async throws -> Scene
  ) {
    self.probe = probe
    self.contracts = contracts
    self.reaches = reaches
    self.scene = scene
  }

  /// What is wrong with the declarations: methods of a package without one, of the wrong kind, or of
  /// no method.
  public static func undeclared(
    _ reaches: [String: Reach], package: String, _ contracts: ContractRules
  ) -> [String] {
    let companies = Set(contracts.grants.filter { !$0.own.isEmpty }.map(\.name))
    let rules = contracts.rules.filter { $0.method.service.hasPrefix(package + ".") }
    let names = Set(rules.map(\.shortName))
    return rules.compactMap { rule in
      guard let reach = reaches[rule.shortName] else {
        return "\(rule.shortName) does not declare what it reaches"
      }
      return reach.fits(rule, companies: companies)
        ? nil : "\(rule.shortName) is declared as \(reach.name), which its access rule is not"
    } + reaches.keys.filter { !names.contains($0) }.map { "there is no method \($0)" }
  }

  /// Makes all calls.
  ///
  /// - Returns: what went otherwise than the contract says, a line each, and how many calls were made.
  public func run(package: String) async throws -> (faults: [String], calls: Int) {
    var faults: [String] = []
    var calls = 0
    let rules = contracts.rules.filter { $0.method.service.hasPrefix(package + ".") }
    for rule in rules {
      guard let request = reaches[rule.shortName]?.request else { continue }
      let scene = try await scene()
      let before = await views(scene)
      faults += before.filter { !$0.hasPrefix("ok ") }.map { "its owner must see it, got \($0)" }
      for seat in Self.companySeats(isOwner: false) {
        calls += 1
        faults += await trial(of: seat, rule, request, scene)
      }
      for (seen, was) in zip(await views(scene), before) where seen != was {
        faults.append("\(rule.shortName) by another company changed \(was) to \(seen)")
      }
      for seat in Self.programmeSeats {
        calls += 1
        faults += await trial(of: seat, rule, request, scene)
      }
      if rule.audience == "AUDIENCE_PERSON" {
        let outcome = await probe.call(
          rule.method.path, scene.filled(request), token: scene.person)
        calls += 1
        if let fault = Self.ownersFault(outcome) {
          faults.append("\(rule.shortName) by whose it is: \(fault), got \(outcome)")
        }
        continue
      }
      for seat in Self.companySeats(isOwner: true) {
        calls += 1
        faults += await trial(of: seat, rule, request, scene)
      }
    }
    let (unnamed, unnamedCalls) = await tryNobody(rules)
    return (faults + unnamed, calls + unnamedCalls)
  }

  /// Makes all calls as somebody who presents no token.
  private func tryNobody(_ rules: [ContractRules.Rule]) async -> (faults: [String], calls: Int) {
    var faults: [String] = []
    var calls = 0
    for rule in rules where rule.audience != "AUDIENCE_ANYONE" {
      let mayCall = rule.callers.contains("gateway")
      // Not what the gateway may do for itself: a stream of events would never end.
      if mayCall, rule.audience == "AUDIENCE_SERVICE" { continue }
      let expected: RPCCode = mayCall ? .unauthenticated : .permissionDenied
      let outcome = await probe.call(rule.method.path, "{}", token: nil)
      calls += 1
      if outcome.code != expected {
        faults.append("\(rule.shortName) by nobody: \(expected), got \(outcome)")
      }
    }
    return (faults, calls)
  }

  /// Who sits in a company, or has no role; its owner comes last: what they do may end what is named.
  private static func companySeats(isOwner: Bool) -> [Seat] {
    ([nil] + Role.allCases.reversed())
      .filter { ($0?.rawValue ?? 0) < Role.officer.rawValue }
      .map { Seat(role: $0, isOwner: isOwner) }
  }

  private static let programmeSeats = Role.allCases
    .filter { $0.rawValue >= Role.officer.rawValue }
    .map { Seat(role: $0, isOwner: false) }

  private func trial(
    of seat: Seat, _ rule: ContractRules.Rule, _ request: String, _ scene: Scene
  ) async -> [String] {
    let outcome = await probe.call(
      rule.method.path, scene.filled(request), token: scene.seats[seat])
    guard let fault = fault(outcome, rule, seat) else { return [] }
    return ["\(rule.shortName) by \(seat.words): \(fault), got \(outcome)"]
  }

  private func views(_ scene: Scene) async -> [String] {
    var seen: [String] = []
    for view in scene.views {
      seen.append("\(await probe.call(view.path, view.request, token: view.token))")
    }
    return seen
  }

  private func fault(
    _ outcome: AccessProbe.Outcome, _ rule: ContractRules.Rule, _ seat: Seat
  ) -> String? {
    // What is taken away may be taken away again: such an answer tells nothing to whom it isn't.
    if rule.audience == "AUDIENCE_PERSON" {
      let tellsNothing = outcome.code == .ok && outcome.text == "{}"
      return outcome.code == .notFound || tellsNothing ? nil : "must not be found"
    }
    let narrower = reaches[rule.shortName]?.holding
    let grant = contracts.grants.first { $0.name == narrower ?? rule.permission }
    let isGrantedAll = seat.role.map { grant?.programme.contains($0) == true } ?? false
    let isGrantedOwn = seat.role.map { grant?.own.contains($0) == true } ?? false
    if !isGrantedAll, !isGrantedOwn {
      let expected: [RPCCode] =
        rule.isForOwnToo || narrower != nil ? [.permissionDenied, .notFound] : [.permissionDenied]
      return expected.contains(outcome.code) ? nil : "must be refused for want of the permission"
    }
    if isGrantedAll { return nil }
    if seat.isOwner { return Self.ownersFault(outcome) }
    return outcome.code == .notFound ? nil : "must not be found"
  }

  /// What becomes of what is one's own may depend on its state, and on nothing else.
  private static func ownersFault(_ outcome: AccessProbe.Outcome) -> String? {
    [.ok, .failedPrecondition, .aborted, .alreadyExists, .resourceExhausted].contains(outcome.code)
      ? nil : "must reach its own"
  }
}

extension AccessMatrix.Seat {
  var words: String {
    "\(role?.name ?? "a person without a role") of \(isOwner ? "the" : "another") company"
  }
}

extension ContractRules.Rule {
  /// `Service.Method`.
  public var shortName: String {
    "\(method.service.split(separator: ".").last ?? "").\(method.name)"
  }
}
