/// Which role grants what: the list in sarai/options/v1/options.proto, row by row. A test compares
/// the two, so that they never drift apart.
enum PermissionTable {
  /// One permission with the roles that grant it.
  struct Row: Sendable {
    let name: String
    /// Roles that grant it within their organisation.
    let own: [Role]
    /// Roles that grant it over the whole programme.
    let programme: [Role]

    init(_ name: String, own: [Role] = [], programme: [Role] = []) {
      self.name = name
      self.own = own
      self.programme = programme
    }
  }

  private static let everyRole = Role.allCases

  /// All permissions there are; a permission's number is its place here.
  static let rows = [
    // Company.
    Row("identity.organisation.read", own: everyRole, programme: [.officer, .platformOperator]),
    Row("identity.organisation.write", own: [.owner, .administrator]),
    Row("identity.member.write", own: [.owner, .administrator]),
    Row("identity.organisation.own", own: [.owner]),
    Row("identity.api_key.write", own: [.owner, .administrator]),
    Row("identity.case.read", own: [.owner, .administrator], programme: [.officer]),
    Row("identity.case.write", own: [.owner, .administrator]),
    Row("catalog.store.write", own: [.owner, .administrator, .seller]),
    Row(
      "catalog.product.read",
      own: [.owner, .administrator, .seller, .warehouse, .accountant, .viewer],
      programme: [.moderator]),
    Row("catalog.product.write", own: [.owner, .administrator, .seller]),
    Row("catalog.stock.read", own: [.owner, .administrator, .seller, .warehouse]),
    Row("catalog.stock.write", own: [.owner, .administrator, .warehouse]),
    Row("catalog.quotation.read", own: [.owner, .administrator, .seller, .buyer, .accountant]),
    Row("catalog.quotation.sell", own: [.owner, .administrator, .seller]),
    Row("catalog.quotation.buy", own: [.owner, .administrator, .buyer]),
    Row(
      "payments.account.read", own: [.owner, .administrator, .accountant, .buyer],
      programme: [.financeOperator]),
    Row("payments.wallet.write", own: [.owner, .accountant]),
    Row("payments.exchange.write", own: [.owner, .accountant, .buyer]),
    Row(
      "payments.order.read",
      own: [.owner, .administrator, .seller, .buyer, .warehouse, .accountant],
      programme: [.financeOperator]),
    Row("payments.order.buy", own: [.owner, .administrator, .buyer]),
    Row("payments.order.sell", own: [.owner, .administrator, .seller, .warehouse]),
    Row("payments.dispute.write", own: [.owner, .administrator, .seller, .buyer]),
    Row("payments.payout.write", own: [.owner, .accountant]),
    Row("payments.webhook.write", own: [.owner, .administrator]),
    Row("onboarding.application.read", own: [.owner, .administrator], programme: [.officer]),
    Row("onboarding.application.write", own: [.owner, .administrator]),
    Row("onboarding.training.enrol", own: [.owner, .administrator]),
    Row(
      "onboarding.hosting.read", own: [.owner, .administrator, .viewer],
      programme: [.platformOperator]),
    Row("onboarding.hosting.write", own: [.owner, .administrator]),
    // Authority.
    Row("identity.organisation.search", programme: [.officer, .analyst, .platformOperator]),
    Row("identity.organisation.suspend", programme: [.officer, .platformOperator]),
    Row("identity.case.review", programme: [.officer]),
    Row("identity.case.confirm", programme: [.officer]),
    Row("catalog.category.write", programme: [.analyst, .platformOperator]),
    Row("catalog.listing.moderate", programme: [.moderator, .officer]),
    Row("onboarding.programme.write", programme: [.officer]),
    Row("onboarding.application.review", programme: [.officer]),
    Row("onboarding.application.confirm", programme: [.officer]),
    Row("onboarding.selection.run", programme: [.officer]),
    Row("onboarding.selection.publish", programme: [.officer]),
    Row("onboarding.analysis.read", programme: [.analyst, .officer]),
    Row("onboarding.analysis.write", programme: [.analyst]),
    Row("onboarding.training.plan", programme: [.trainer, .officer]),
    Row("onboarding.training.grade", programme: [.trainer]),
    Row("onboarding.certificate.issue", programme: [.trainer]),
    Row("onboarding.outcome.read", programme: [.officer, .analyst]),
    Row("onboarding.outcome.write", programme: [.officer]),
    // Operator.
    Row("identity.person.admin", programme: [.platformOperator]),
    Row("identity.relation.read", programme: [.platformOperator]),
    Row("identity.relation.write", programme: [.platformOperator]),
    Row("identity.audit.read", programme: [.platformOperator, .officer]),
    Row("identity.key.rotate", programme: [.platformOperator]),
    Row("identity.service.write", programme: [.platformOperator]),
    Row("catalog.index.rebuild", programme: [.platformOperator]),
    Row("payments.ledger.read", programme: [.financeOperator]),
    Row("payments.ledger.write", programme: [.financeOperator]),
    Row("payments.exchange.admin", programme: [.financeOperator]),
    Row("payments.wallet.admin", programme: [.financeOperator]),
    Row("payments.dispute.decide", programme: [.financeOperator]),
    Row("payments.refund.make", programme: [.financeOperator]),
    Row("payments.refund.check", programme: [.financeOperator]),
    Row("payments.payout.make", programme: [.financeOperator]),
    Row("payments.payout.check", programme: [.financeOperator]),
    Row("payments.provider.admin", programme: [.financeOperator]),
    Row("payments.reconciliation.write", programme: [.financeOperator]),
    Row("payments.alert.write", programme: [.financeOperator]),
    Row("onboarding.provisioning.read", programme: [.platformOperator, .officer]),
    Row("onboarding.provisioning.steer", programme: [.platformOperator]),
    Row("onboarding.hosting.admin", programme: [.platformOperator]),
    Row("operations.runtime.read", programme: [.platformOperator]),
    Row("operations.runtime.write", programme: [.platformOperator]),
  ]

  static let numbers = Dictionary(
    uniqueKeysWithValues: rows.enumerated().map { ($1.name, UInt8($0)) })
}
