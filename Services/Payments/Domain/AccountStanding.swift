import PaymentsContracts
import Platform

/// What of an account decides whether money may move, and is changed by that.
struct AccountStanding: Sendable, Hashable {
  let id: UUID
  let number: Int64
  let currencyCode: String
  let rule: Payments.BalanceRule
  let state: Payments.AccountState
  var sums: AccountSums
  /// How many transfers have debited it.
  var debitCount: Int64
}
