import PaymentsContracts
import Platform
import Storage
import TypeContracts

/// Finds the accounts that the trade moves money between, and opens those that are missing.
struct TradeAccounts: Sendable {
  let ledger: LedgerStore

  /// The open account of a company's own money in a currency; opened if it has none, since money
  /// that is owed must have somewhere to go.
  func settlement(
    of organisation: String, _ currency: String, at now: Duration, in session: any SQLSession
  ) throws -> UUID {
    let owner = UUID(organisation) ?? .null
    let found = try session.first(
      """
      SELECT id FROM ledger_account
      WHERE organisation = $1 AND purpose = $2 AND currency = $3 AND state = $4
      ORDER BY number LIMIT 1
      """, .bytes(owner.bytes),
      .integer(Int64(Payments.AccountPurpose.settlement.rawValue)), .text(currency),
      .integer(Int64(Payments.AccountState.open.rawValue))
    ) { (row) throws(StorageError) in try row.bytes(0) }
    if let found, let id = UUID(bytes: found) { return id }
    return try open(
      NewAccount(
        id: DerivedID.of("settlement account", "\(organisation) \(currency)"),
        currencyCode: currency,
        purpose: .settlement, rule: .debitsNotAboveCredits, organisationID: owner), at: now,
      in: session)
  }

  /// The account that holds an order's money.
  func escrow(
    _ id: UUID, of order: String, _ currency: String, at now: Duration, in session: any SQLSession
  ) throws {
    _ = try open(
      NewAccount(
        id: id, currencyCode: currency, purpose: .escrow, rule: .debitsNotAboveCredits,
        orderID: UUID(order)), at: now, in: session)
  }

  private func open(
    _ account: NewAccount, at now: Duration, in session: any SQLSession
  ) throws -> UUID {
    _ = try ledger.openAccounts([account], at: now, by: .house, in: session)
    return account.id
  }
}
