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

  /// Which transfers have no entries yet, in a condition on one of `ledger_transfer t`.
  private static let isWaiting = "t.at > (SELECT entered_at FROM ledger_clock WHERE id = 1)"

  /// How both accounts of `ledger_transfer t` stood after it.
  private static let sumColumns = """
    t.debit_dp, t.debit_cp, t.debit_dr, t.debit_cr, t.credit_dp, t.credit_cp, t.credit_dr,
    t.credit_cr
    """

  /// An account's sums right after the last booking at or before an instant.
  func sums(
    of account: LedgerAccount, at instant: Int64, in session: any SQLSession
  ) throws(StorageError) -> AccountSums {
    let recent = try session.first(
      """
      SELECT t.debit, \(Self.sumColumns) FROM ledger_transfer t
      WHERE \(Self.isWaiting) AND t.at <= $2 AND (t.debit = $1 OR t.credit = $1)
      ORDER BY t.at DESC LIMIT 1
      """, .integer(account.number), .integer(instant)
    ) { (row) throws(StorageError) in
      try LedgerRows.sums(row, try row.integer(0) == account.number ? 1 : 5)
    }
    if let recent { return recent }
    return try enteredSums(of: account, at: instant, in: session)
  }

  /// The same, from transfers that have entries.
  func enteredSums(
    of account: LedgerAccount, at instant: Int64, in session: any SQLSession
  ) throws(StorageError) -> AccountSums {
    let last = try session.first(
      """
      SELECT t.debit, \(Self.sumColumns) FROM ledger_entry e JOIN ledger_transfer t ON t.at = e.at
      WHERE e.account = $1 AND e.at <= $2 ORDER BY e.at DESC LIMIT 1
      """, .integer(account.number), .integer(instant)
    ) { (row) throws(StorageError) in
      try LedgerRows.sums(row, try row.integer(0) == account.number ? 1 : 5)
    }
    return last ?? AccountSums()
  }

  /// The sums of each account that has moved since entries were last made, by its number.
  func recentSums(in session: any SQLSession) throws(StorageError) -> [Int64: AccountSums] {
    var sums: [Int64: AccountSums] = [:]
    try session.run(
      """
      SELECT t.debit, \(Self.sumColumns), t.credit FROM ledger_transfer t
      WHERE \(Self.isWaiting) ORDER BY t.at
      """, []
    ) { (row) throws(StorageError) in
      sums[try row.integer(0)] = try LedgerRows.sums(row, 1)
      sums[try row.integer(9)] = try LedgerRows.sums(row, 5)
    }
    return sums
  }

  /// An account's movements behind one instant and before another, oldest first.
  func statement(
    of account: LedgerAccount, after: Int64, before: Int64, countMax: Int,
    in session: any SQLSession
  ) throws(StorageError) -> [StoredTransfer] {
    try session.all(
      """
      SELECT * FROM (
        SELECT \(LedgerRows.transferColumns)
        FROM ledger_entry e JOIN \(LedgerRows.transferTables(joined: "e.at"))
        WHERE e.account = $1 AND e.at > $2 AND e.at < $3 ORDER BY e.at LIMIT $4) AS entered
      UNION ALL
      SELECT * FROM (
        SELECT \(LedgerRows.transferColumns) FROM \(LedgerRows.transferTables)
        WHERE \(Self.isWaiting) AND t.at > $2 AND t.at < $3 AND (t.debit = $1 OR t.credit = $1)
        ORDER BY t.at LIMIT $4) AS recent
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
    var sources = [(tables: LedgerRows.transferTables, condition: "", order: "t.at")]
    if let account = filter.account {
      values.append(.integer(account))
      let number = "$\(values.count)"
      sources = [
        (
          "ledger_entry e JOIN \(LedgerRows.transferTables(joined: "e.at"))",
          " AND e.account = \(number) AND e.at < $1 AND e.at >= $2", "e.at"
        ),
        (
          LedgerRows.transferTables,
          " AND \(Self.isWaiting) AND (t.debit = \(number) OR t.credit = \(number))", "t.at"
        ),
      ]
    }
    let parts = sources.enumerated().map { place, source in
      """
      SELECT * FROM (SELECT \(LedgerRows.transferColumns) FROM \(source.tables)
      WHERE \(conditions)\(source.condition) ORDER BY \(source.order) DESC LIMIT $3) AS part\(place)
      """
    }
    var transfers: [StoredTransfer] = []
    try session.run(
      parts.joined(separator: " UNION ALL ") + " ORDER BY 1 DESC LIMIT $3", values
    ) { (row) throws(StorageError) in transfers.append(try LedgerRows.transfer(row)) }
    return transfers
  }
}
