/// What a membership makes of a person in an organisation: `sarai.identity.v1.Role`, by the same
/// numbers.
public enum Role: Int32, Sendable, Hashable, CaseIterable {
  /// Owns the company.
  case owner = 1
  /// Runs the company's account.
  case administrator
  /// Lists, quotes and ships.
  case seller
  /// Asks for quotations, funds and receives.
  case buyer
  /// Counts stock and ships.
  case warehouse
  /// Sees money, asks for payouts.
  case accountant
  /// Looks only.
  case viewer
  /// Of the authority: runs calls, verifies, selects.
  case officer
  /// Of the authority: loads series, writes reports.
  case analyst
  /// Trains, grades, certifies.
  case trainer
  /// Passes listings.
  case moderator
  /// Of the operator: runs money.
  case financeOperator
  /// Of the operator: runs the platform.
  case platformOperator

  /// As access tokens and options.proto write it: `finance_operator`.
  public var name: String {
    switch self {
    case .financeOperator: "finance_operator"
    case .platformOperator: "platform_operator"
    default: "\(self)"
    }
  }

  /// The role of that name; nil if there is none.
  public init?(name: some StringProtocol) {
    guard let role = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = role
  }
}
