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

  private let contracts: ContractRules
  private let probe: AccessProbe
  private let reaches: [String: Reach]
  private let tokens: @Sendable (Seat) -> String
  private let names: [String: String]

  /// - Parameters:
  ///   - reaches: what each method reaches, by `Service.Method`.
  ///   - names: ids of the company's things, by what requests call them.
  ///   - tokens: gives a token, stepped up, for a seat.
  public init(
    _ probe: AccessProbe, _ contracts: ContractRules, _ reaches: [String: Reach],
    names: [String: String], tokens: @escaping @Sendable (Seat) -> String
  ) {
    self.probe = probe
    self.contracts = contracts
    self.reaches = reaches
    self.names = names
    self.tokens = tokens
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
  public func run(package: String) async -> (faults: [String], calls: Int) {
    var faults: [String] = []
    var calls = 0
    let rules = contracts.rules.filter { $0.method.service.hasPrefix(package + ".") }
    // Others first, so that the owner finds untouched what they must not have reached.
    for isOwner in [false, true] {
      for rule in rules {
        guard let reach = reaches[rule.shortName], let request = request(reach) else { continue }
        for role in seats(isOwner) {
          let seat = Seat(role: role, isOwner: isOwner)
          let outcome = await probe.call(rule.method.path, request, token: tokens(seat))
          calls += 1
          if let fault = fault(outcome, rule, seat) {
            faults.append("\(rule.shortName) by \(seat.words): \(fault), got \(outcome)")
          }
        }
      }
    }
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

  /// The owner comes last: what they do may end what is named.
  private func seats(_ isOwner: Bool) -> [Role?] {
    [nil] + Role.allCases.reversed().filter { !isOwner || $0.rawValue < Role.officer.rawValue }
  }

  private func request(_ reach: Reach) -> String? {
    let json: String
    switch reach {
    case .own(let text):
      guard let text else { return nil }
      json = text
    case .organisation(let text), .resource(let text): json = text
    case .anyone, .programme, .services, .absent: return nil
    }
    return names.reduce(json) { $0.replacing("{\($1.key)}", with: $1.value) }
  }

  private func fault(
    _ outcome: AccessProbe.Outcome, _ rule: ContractRules.Rule, _ seat: Seat
  ) -> String? {
    let grant = contracts.grants.first { $0.name == rule.permission }
    let isGrantedAll = seat.role.map { grant?.programme.contains($0) == true } ?? false
    let isGrantedOwn = seat.role.map { grant?.own.contains($0) == true } ?? false
    let isPerson = rule.audience == "AUDIENCE_PERSON"
    if !isPerson, !isGrantedAll, !isGrantedOwn {
      let expected: [RPCCode] =
        rule.isForOwnToo ? [.permissionDenied, .notFound] : [.permissionDenied]
      return expected.contains(outcome.code) ? nil : "must be refused for want of the permission"
    }
    if isGrantedAll { return nil }
    if seat.isOwner {
      return [.notFound, .permissionDenied, .unauthenticated, .unknown].contains(outcome.code)
        ? "must reach its own" : nil
    }
    return outcome.code == .notFound ? nil : "must not be found"
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
