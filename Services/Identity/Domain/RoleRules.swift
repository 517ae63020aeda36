internal import Access
internal import IdentityContracts

/// Which roles there are in which kind of organisation, and who gives them.
enum RoleRules {
  /// A member has at least one role and at most these.
  static let countMax = 5

  /// What an owner or administrator runs: nobody's trade.
  private static let everywhere: Set<Role> = [.owner, .administrator, .viewer]
  private static let authority: Set<Role> = [.officer, .analyst, .trainer, .moderator]
  private static let platform: Set<Role> = [.financeOperator, .platformOperator]
  private static let company: Set<Role> = [.seller, .buyer, .warehouse, .accountant]

  /// The roles of a kind of organisation.
  static func roles(in kind: Identity.OrganisationKind) -> Set<Role> {
    switch kind {
    case .company: everywhere.union(company)
    case .authority, .trainingProvider: everywhere.union(authority)
    case .platform: everywhere.union(platform)
    default: []
    }
  }

  /// Whether who has the roles of `giver` may give, change or end a membership with these.
  static func mayGive(
    _ roles: Set<Role>, as giver: Set<Role>, in kind: Identity.OrganisationKind
  ) -> Bool {
    guard roles.isSubset(of: Self.roles(in: kind)) else { return false }
    return giver.contains(.owner) || giver.contains(.administrator) && !roles.contains(.owner)
  }

  /// What someone has who becomes the owner: the owner's role holds all that a company's others do.
  static func onBecomingOwner(_ roles: Set<Role>) -> Set<Role> {
    roles.subtracting(everywhere).subtracting(company).union([.owner])
  }

  /// What an owner has after another took over.
  static func onHandingOver(_ roles: Set<Role>) -> Set<Role> {
    roles.subtracting([.owner]).union([.administrator])
  }

  /// The contract's roles as the rules have them; nil when one is unknown.
  static func roles(_ roles: [Identity.Role]) -> Set<Role>? {
    let known = roles.compactMap { Role(rawValue: $0.rawValue) }
    return known.count == roles.count ? Set(known) : nil
  }
}

extension Set<Role> {
  /// As the contract lists them.
  var messages: [Identity.Role] {
    map(\.rawValue).sorted().map { Identity.Role(rawValue: $0) }
  }

  /// As a number that a column holds: a bit for each.
  var bits: Int64 { reduce(0) { $0 | 1 << Int64($1.rawValue) } }

  /// Those of such a number.
  init(bits: Int64) { self = Set(Role.allCases.filter { bits & 1 << Int64($0.rawValue) != 0 }) }

  /// As the audit log names them.
  var names: String { map(\.name).sorted().joined(separator: " ") }
}
