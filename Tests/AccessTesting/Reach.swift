/// What a method can reach, as a test of its service declares: nobody may add a method without
/// saying so. Requests are JSON in which `{name}` stands for an id of the one company's things.
public enum Reach: Sendable {
  /// Nothing that belongs to anybody.
  case anyone
  /// What is the person's own; without a request nothing can be named but one's own.
  case own(String? = nil)
  /// What belongs to the organisation that the request names.
  case organisation(String)
  /// What belongs to a company and is named by its id; for some the service demands a permission that
  /// depends on what is found.
  case resource(String, holding: String? = nil)
  /// The whole programme, by roles that no company has.
  case programme
  /// Whatever other services ask for; no person is let in.
  case services
  /// Nothing yet: this release does not have the method.
  case absent

  /// The request that names one of the things; nil where none can be named.
  var request: String? {
    switch self {
    case .own(let request): request
    case .organisation(let request), .resource(let request, _): request
    case .anyone, .programme, .services, .absent: nil
    }
  }

  /// The permission that decides in the end; nil where it is the contract's.
  var holding: String? {
    if case .resource(_, let permission) = self { permission } else { nil }
  }

  var name: String {
    switch self {
    case .anyone: "anyone"
    case .own: "own"
    case .organisation: "organisation"
    case .resource: "resource"
    case .programme: "programme"
    case .services: "services"
    case .absent: "absent"
    }
  }

  /// Which kind a method must be declared as.
  func fits(_ rule: ContractRules.Rule, companies: Set<String>) -> Bool {
    switch (self, rule.audience) {
    case (.absent, _), (.anyone, "AUDIENCE_ANYONE"), (.own, "AUDIENCE_PERSON"),
      (.services, "AUDIENCE_SERVICE"):
      true
    case (.organisation, "AUDIENCE_PERMISSION"): !rule.organisationField.isEmpty
    case (.resource, "AUDIENCE_PERMISSION"):
      rule.organisationField.isEmpty && companies.contains(rule.permission)
    case (.programme, "AUDIENCE_PERMISSION"): !companies.contains(rule.permission)
    default: false
    }
  }
}
