import PaymentsContracts
import Platform
import TypeContracts

/// One account of the ledger. Instants are microseconds since 1970, here and in the whole ledger.
struct LedgerAccount: Sendable, Hashable {
  let id: UUID
  /// The ledger's own short name of it: 1, 2, 3, ... in the order of opening.
  let number: Int64
  let currencyCode: String
  let purpose: Payments.AccountPurpose
  let rule: Payments.BalanceRule
  /// Whose; nil for the house's own.
  let organisationID: UUID?
  /// The order whose money it holds.
  let orderID: UUID?
  let label: String
  let openedAt: Int64
  let openedBy: SaraiType.Actor
  var state: Payments.AccountState
  /// 1 when opened, one more with each change of its state.
  var version: Int64 = 1
  var changedAt: Int64
  var changedBy: SaraiType.Actor
  var sums = AccountSums()
  /// How many transfers have debited it.
  var debitCount: Int64 = 0

  /// What may still be moved out of it or, where it is owed to, into it.
  var available: Int64 {
    rule == .creditsNotAboveDebits ? sums.creditable : sums.debitable
  }
}

/// What a new account is to be. An id is used once; repeating it with the same content does no harm.
struct NewAccount: Sendable, Hashable {
  var id: UUID
  var currencyCode: String
  var purpose: Payments.AccountPurpose
  var rule: Payments.BalanceRule
  var organisationID: UUID?
  var orderID: UUID?
  var label = ""
}

extension LedgerAccount {
  /// What it was opened as.
  var asked: NewAccount {
    NewAccount(
      id: id, currencyCode: currencyCode, purpose: purpose, rule: rule,
      organisationID: organisationID, orderID: orderID, label: label)
  }
}
