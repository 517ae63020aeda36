import Access
import AccessTesting
import CatalogContracts
import Cryptography
import GatewayContracts
import IdentityContracts
import OnboardingContracts
import OperationsContracts
import PaymentsContracts
import Platform
import RPC
import RPCContracts
import Testing
import Wire

/// Every method of every contract × every caller × every role × own and another's organisation: what
/// the interceptor decides is what the contracts say, read a second time. A method that declares no
/// access fails.
@Suite struct AccessMatrixTests {
  private enum Token: Hashable {
    case none
    case forged
    case person(Role?, steppedUp: Bool)
    case key(all: Bool)
  }

  /// What a request names as its organisation.
  private enum Organisation: CaseIterable {
    case own
    case other
    case none
  }

  private let samples = TokenSamples()
  private let contracts: ContractRules
  private let grants: [String: ContractRules.Grant]
  private let interceptor: AccessInterceptor
  private let time: ManualTime
  private let authorizations: [Token: String]
  private let roles: [Role?] = [nil] + Role.allCases

  init() throws {
    contracts = try ContractRules()
    grants = Dictionary(uniqueKeysWithValues: contracts.grants.map { ($0.name, $0) })
    let time = ManualTime(sinceEpoch: samples.now)
    self.time = time
    let keys = samples.keys
    interceptor = AccessInterceptor(
      try AccessPolicy([
        IdentityDescriptors.fileDescriptorSet, CatalogDescriptors.fileDescriptorSet,
        PaymentsDescriptors.fileDescriptorSet, OnboardingDescriptors.fileDescriptorSet,
        OperationsDescriptors.fileDescriptorSet, GatewayDescriptors.fileDescriptorSet,
      ]),
      TokenVerifier(realm: samples.realm, time: time) { keys }, naming: .insecure, time: time)

    var authorizations: [Token: String] = [:]
    for role in roles {
      for steppedUp in [false, true] {
        var token = samples.token(steppedUpAt: steppedUp ? samples.now : nil)
        token.roles = Set([role].compactMap(\.self))
        authorizations[.person(role, steppedUp: steppedUp)] = "Bearer " + samples.text(token)
      }
    }
    authorizations[.key(all: true)] =
      "Bearer " + samples.text(samples.keyToken(Set(Permission.all)))
    authorizations[.key(all: false)] = "Bearer " + samples.text(samples.keyToken([]))
    let foreign = samples.token(.platformOperator).signed(
      by: .generate(samples.random), named: samples.keyID, in: samples.realm)
    authorizations[.forged] = "Bearer " + foreign
    self.authorizations = authorizations
  }

  // MARK: What is decided

  private func decision(
    _ rule: ContractRules.Rule, _ caller: String?, _ token: Token, organisation: String? = nil
  ) async -> String {
    var metadata = Metadata()
    if let caller { metadata.add(CallerNaming.metadataName, caller) }
    if let authorization = authorizations[token] { metadata.add("authorization", authorization) }
    let context = CallContext(rule.method, metadata: metadata, time: time)
    do throws(RPCError) {
      try await interceptor.callReceived(context)
      if let organisation { try context.checkOrganisation(organisation) }
      return "ok"
    } catch {
      let info = error.details.first.flatMap {
        try? SaraiRPC.ErrorInfo(decoding: $0.value, as: .protobuf)
      }
      return "\(error.code) \(info?.reason ?? "")"
    }
  }

  // MARK: What the contracts say

  private func expectation(
    _ rule: ContractRules.Rule, _ caller: String?, _ token: Token,
    _ organisation: Organisation? = nil
  ) -> String {
    guard let caller, rule.callers.contains(caller) else {
      return "permissionDenied CALLER_NOT_ALLOWED"
    }
    if rule.audience == "AUDIENCE_SERVICE" { return "ok" }
    switch token {
    case .forged: return "unauthenticated TOKEN_INVALID"
    case .none:
      let isService = ["identity", "catalog", "payments", "onboarding"].contains(caller)
      return isService || rule.audience == "AUDIENCE_ANYONE"
        ? "ok" : "unauthenticated TOKEN_INVALID"
    case .key(let all):
      if rule.audience == "AUDIENCE_ANYONE" { return "ok" }
      guard rule.audience == "AUDIENCE_PERMISSION", all, !rule.needsStepUp else {
        return "permissionDenied PERMISSION_MISSING"
      }
      let isOfCompanies = grants[rule.permission]?.own.isEmpty == false
      guard isOfCompanies, !rule.organisationField.isEmpty, let organisation else { return "ok" }
      switch organisation {
      case .own: return "ok"
      case .other: return "notFound "
      case .none: return "invalidArgument FIELD_INVALID"
      }
    case .person(let role, let steppedUp):
      if rule.audience == "AUDIENCE_ANYONE" { return "ok" }
      let grant = rule.audience == "AUDIENCE_PERMISSION" ? grants[rule.permission] : nil
      let reaches = role.map {
        (own: grant?.own.contains($0) == true, all: grant?.programme.contains($0) == true)
      }
      let isGranted = reaches.map { $0.own || $0.all } ?? false
      if grant != nil, !isGranted, !rule.isForOwnToo {
        return "permissionDenied PERMISSION_MISSING"
      }
      if rule.needsStepUp, !steppedUp { return "unauthenticated STEP_UP_REQUIRED" }
      guard !rule.organisationField.isEmpty, let organisation else { return "ok" }
      if reaches?.all == true { return "ok" }
      switch organisation {
      case .own: return isGranted ? "ok" : "permissionDenied PERMISSION_MISSING"
      case .other: return "notFound "
      case .none: return rule.isForOwnToo ? "ok" : "invalidArgument FIELD_INVALID"
      }
    }
  }

  // MARK: All of it

  @Test func `there are as many methods as the contracts have`() {
    #expect(contracts.rules.count > 400)
  }

  @Test func `every method knows its callers`() async {
    let names = [
      "gateway", "operator", "identity", "catalog", "payments", "onboarding", "mallory", nil,
    ]
    for rule in contracts.rules {
      for caller in names {
        for token: Token in [.none, .forged, .person(.platformOperator, steppedUp: true)] {
          let decision = await decision(rule, caller, token)
          #expect(
            decision == expectation(rule, caller, token),
            "\(rule.method.path) \(caller ?? "nobody") \(token)")
        }
      }
    }
  }

  @Test func `every method knows every role, stepped up or not, and API keys`() async {
    let tokens: [Token] =
      roles.flatMap { [.person($0, steppedUp: false), .person($0, steppedUp: true)] }
      + [.key(all: true), .key(all: false)]
    for rule in contracts.rules where rule.callers.contains("gateway") {
      for token in tokens {
        let decision = await decision(rule, "gateway", token)
        #expect(
          decision == expectation(rule, "gateway", token), "\(rule.method.path) \(token)")
      }
    }
  }

  @Test func `no role reaches another's organisation, but those of the programme`() async {
    let rules = contracts.rules.filter { !$0.organisationField.isEmpty }
    #expect(rules.count > 40)
    var refused = 0
    for rule in rules {
      for token in authorizations.keys {
        for organisation in Organisation.allCases {
          let id =
            switch organisation {
            case .own: "\(samples.organisation)"
            case .other: "\(samples.apiKey)"
            case .none: ""
            }
          let decision = await decision(rule, "gateway", token, organisation: id)
          #expect(
            decision == expectation(rule, "gateway", token, organisation),
            "\(rule.method.path) \(token) \(organisation)")
          if decision == "notFound " { refused += 1 }
        }
      }
    }
    #expect(refused > 100)
  }
}
