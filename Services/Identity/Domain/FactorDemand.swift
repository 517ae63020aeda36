internal import Access

/// Which roles demand a second factor: those that decide on others' companies, or move money.
enum FactorDemand {
  private static let roles: Set<Role> = [.officer, .financeOperator, .platformOperator]

  /// Whether one of the roles does.
  static func isMade(by roles: Set<Role>) -> Bool { !self.roles.isDisjoint(with: roles) }
}
