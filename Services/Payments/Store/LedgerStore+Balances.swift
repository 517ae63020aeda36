import PaymentsContracts
import Platform
import Storage

/// What was, at any instant: bookings never change and instants rise with commits, so that what lies
/// at or before an instant that is past is the same for ever, and can be read piece by piece.
extension LedgerStore {
  /// The last instant given away: nothing is booked at or before it any more.
  func lastInstant(in session: any SQLSession) throws(StorageError) -> Int64 {
    try session.first("SELECT last_at FROM ledger_clock WHERE id = 1") {
      (row) throws(StorageError) in try row.integer(0)
    } ?? 0
  }

  /// An account's sums right after the last booking at or before an instant.
  func sums(
    of account: LedgerAccount, at instant: Int64, in session: any SQLSession
  ) throws(StorageError) -> AccountSums {
    let last = try session.first(
      """
      SELECT at, dp, cp, dr, cr FROM (
        SELECT at, dp, cp, dr, cr FROM (
          SELECT at, debit_dp AS dp, debit_cp AS cp, debit_dr AS dr, debit_cr AS cr
          FROM ledger_transfer WHERE debit = $1 AND at <= $2 ORDER BY at DESC LIMIT 1) AS debits
        UNION ALL
        SELECT at, dp, cp, dr, cr FROM (
          SELECT at, credit_dp AS dp, credit_cp AS cp, credit_dr AS dr, credit_cr AS cr
          FROM ledger_transfer WHERE credit = $1 AND at <= $2 ORDER BY at DESC LIMIT 1) AS credits
      ) AS last ORDER BY at DESC LIMIT 1
      """, .integer(account.number), .integer(instant)
    ) { (row) throws(StorageError) in try LedgerRows.sums(row, 1) }
    return last ?? AccountSums()
  }

  /// An account's movements behind one instant and before another, oldest first.
  func statement(
    of account: LedgerAccount, after: Int64, before: Int64, countMax: Int,
    in session: any SQLSession
  ) throws(StorageError) -> [StoredTransfer] {
    try session.all(
      """
      SELECT * FROM (
        SELECT \(LedgerRows.transferColumns) FROM \(LedgerRows.transferTables)
        WHERE t.debit = $1 AND t.at > $2 AND t.at < $3 ORDER BY t.at LIMIT $4) AS debits
      UNION ALL
      SELECT * FROM (
        SELECT \(LedgerRows.transferColumns) FROM \(LedgerRows.transferTables)
        WHERE t.credit = $1 AND t.at > $2 AND t.at < $3 ORDER BY t.at LIMIT $4) AS credits
      ORDER BY 1 LIMIT $4
      """, .integer(account.number), .integer(after), .integer(before),
      .integer(Int64(countMax)), as: LedgerRows.transfer)
  }

  /// What a list of accounts is narrowed by.
  struct AccountFilter: Sendable {
    var organisationID: UUID?
    var currencyCode = ""
    var purpose = Payments.AccountPurpose.unspecified
    var orderID: UUID?
  }

  /// Accounts in the order of opening.
  func accounts(
    _ filter: AccountFilter, after number: Int64, countMax: Int, in session: any SQLSession
  ) throws(StorageError) -> [LedgerAccount] {
    var conditions = ["a.number > $1"]
    var values: [SQLValue] = [.integer(number), .integer(Int64(countMax))]
    func narrow(_ column: String, _ value: SQLValue) {
      values.append(value)
      conditions.append("a.\(column) = $\(values.count)")
    }
    if let id = filter.organisationID { narrow("organisation", .bytes(id.bytes)) }
    if let id = filter.orderID { narrow("order_id", .bytes(id.bytes)) }
    if !filter.currencyCode.isEmpty { narrow("currency", .text(filter.currencyCode)) }
    if filter.purpose != .unspecified {
      narrow("purpose", .integer(Int64(filter.purpose.rawValue)))
    }
    var accounts: [LedgerAccount] = []
    try session.run(
      """
      SELECT \(LedgerRows.accountColumns) FROM ledger_account a
      WHERE \(conditions.joined(separator: " AND ")) ORDER BY a.number LIMIT $2
      """, values
    ) { (row) throws(StorageError) in accounts.append(try LedgerRows.account(row)) }
    return accounts
  }

  /// What a list of transfers is narrowed by.
  struct TransferFilter: Sendable {
    var account: Int64?
    var kind = Payments.TransferKind.unspecified
    var purpose = Payments.TransferPurpose.unspecified
    var referenceID: UUID?
    /// The first instant included.
    var from = Int64.min
  }

  /// Transfers before an instant, newest first.
  func transfers(
    _ filter: TransferFilter, before: Int64, countMax: Int, in session: any SQLSession
  ) throws(StorageError) -> [StoredTransfer] {
    var conditions = "t.at < $1 AND t.at >= $2"
    var values: [SQLValue] = [
      .integer(before), .integer(filter.from), .integer(Int64(countMax)),
    ]
    func narrow(_ column: String, _ value: SQLValue) {
      values.append(value)
      conditions += " AND t.\(column) = $\(values.count)"
    }
    if filter.kind != .unspecified { narrow("kind", .integer(Int64(filter.kind.rawValue))) }
    if filter.purpose != .unspecified {
      narrow("purpose", .integer(Int64(filter.purpose.rawValue)))
    }
    if let id = filter.referenceID { narrow("reference", .bytes(id.bytes)) }
    var sides = [""]
    if let account = filter.account {
      values.append(.integer(account))
      sides = [" AND t.debit = $\(values.count)", " AND t.credit = $\(values.count)"]
    }
    let parts = sides.enumerated().map { place, side in
      """
      SELECT * FROM (SELECT \(LedgerRows.transferColumns) FROM \(LedgerRows.transferTables)
      WHERE \(conditions)\(side) ORDER BY t.at DESC LIMIT $3) AS part\(place)
      """
    }
    var transfers: [StoredTransfer] = []
    try session.run(
      parts.joined(separator: " UNION ALL ") + " ORDER BY 1 DESC LIMIT $3", values
    ) { (row) throws(StorageError) in transfers.append(try LedgerRows.transfer(row)) }
    return transfers
  }
}
