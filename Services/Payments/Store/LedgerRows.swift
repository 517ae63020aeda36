import PaymentsContracts
import Platform
import Storage

/// How accounts and transfers stand in the ledger's rows.
enum LedgerRows {
  /// How many values of rows go into one statement at most.
  static let rowsMax = 1_000

  // MARK: Accounts

  static let accountColumns = """
    a.number, a.id, a.currency, a.purpose, a.rule, a.organisation, a.order_id, a.label,
    a.opened_at, a.opened_by, a.state, a.version, a.changed_at, a.changed_by, a.debits_posted,
    a.credits_posted, a.debits_pending, a.credits_pending, a.debit_count
    """

  static func account(_ row: borrowing Row) throws(StorageError) -> LedgerAccount {
    var account = LedgerAccount(
      id: try id(row, 1), number: try row.integer(0), currencyCode: try row.text(2),
      purpose: Payments.AccountPurpose(rawValue: Int32(try row.integer(3))),
      rule: Payments.BalanceRule(rawValue: Int32(try row.integer(4))),
      organisationID: try optionalID(row, 5), orderID: try optionalID(row, 6),
      label: try row.text(7), openedAt: try row.integer(8),
      openedBy: ActorBytes.actor(try row.bytes(9)),
      state: Payments.AccountState(rawValue: Int32(try row.integer(10))),
      version: try row.integer(11), changedAt: try row.integer(12),
      changedBy: ActorBytes.actor(try row.bytes(13)))
    account.sums = try sums(row, 14)
    account.debitCount = try row.integer(18)
    return account
  }

  static let standingColumns = """
    a.number, a.id, a.currency, a.rule, a.state, a.debits_posted, a.credits_posted,
    a.debits_pending, a.credits_pending, a.debit_count
    """

  static func standing(_ row: borrowing Row) throws(StorageError) -> AccountStanding {
    AccountStanding(
      id: try id(row, 1), number: try row.integer(0), currencyCode: try row.text(2),
      rule: Payments.BalanceRule(rawValue: Int32(try row.integer(3))),
      state: Payments.AccountState(rawValue: Int32(try row.integer(4))), sums: try sums(row, 5),
      debitCount: try row.integer(9))
  }

  static func sums(_ row: borrowing Row, _ column: Int) throws(StorageError) -> AccountSums {
    AccountSums(
      debitsPosted: try row.integer(column), creditsPosted: try row.integer(column + 1),
      debitsPending: try row.integer(column + 2), creditsPending: try row.integer(column + 3))
  }

  // MARK: Transfers

  /// What of a draft cannot be told from what was booked.
  private struct Flags: OptionSet {
    let rawValue: Int64
    static let linked = Flags(rawValue: 1)
    /// A post or void that named the currency.
    static let currencyStated = Flags(rawValue: 2)
    /// A post that named the amount.
    static let amountStated = Flags(rawValue: 4)
  }

  static let transferColumns = """
    t.at, t.id, t.kind, t.flags, t.purpose, t.debit, t.credit, t.amount, t.pending_at, t.timeout,
    t.reference, t.note, t.actor, t.debit_dp, t.debit_cp, t.debit_dr, t.debit_cr, t.credit_dp,
    t.credit_cp, t.credit_dr, t.credit_cr, d.id, c.id, d.currency, o.id, p.state, p.posted_amount,
    h.amount
    """

  static let transferTables = "ledger_transfer t \(furtherTables)"

  /// The same behind a table that says which.
  static func transferTables(joined column: String) -> String {
    "ledger_transfer t ON t.at = \(column) \(furtherTables)"
  }

  private static let furtherTables = """
    JOIN ledger_account d ON d.number = t.debit
    JOIN ledger_account c ON c.number = t.credit
    LEFT JOIN ledger_transfer o ON o.at = t.pending_at
    LEFT JOIN ledger_pending h ON h.at = t.pending_at
    LEFT JOIN ledger_pending p ON p.at = t.at
    """

  static func transfer(_ row: borrowing Row) throws(StorageError) -> StoredTransfer {
    let kind = Payments.TransferKind(rawValue: Int32(try row.integer(2)))
    let flags = Flags(rawValue: try row.integer(3))
    let isEnd = kind == .postPending || kind == .voidPending
    let amount = try row.integer(7)
    let debit = BookedTransfer.Side(
      accountID: try id(row, 21), number: try row.integer(5), after: try sums(row, 13))
    let credit = BookedTransfer.Side(
      accountID: try id(row, 22), number: try row.integer(6), after: try sums(row, 17))
    let currency = try row.text(23)
    let asked = NewTransfer(
      id: try id(row, 1), kind: kind, debitID: isEnd ? nil : debit.accountID,
      creditID: isEnd ? nil : credit.accountID,
      amount: isEnd && !flags.contains(.amountStated) ? 0 : amount,
      currencyCode: isEnd && !flags.contains(.currencyStated) ? "" : currency,
      pendingID: try optionalID(row, 24), timeout: try row.optionalInteger(9),
      isLinked: flags.contains(.linked),
      purpose: Payments.TransferPurpose(rawValue: Int32(try row.integer(4))),
      referenceID: try optionalID(row, 10), note: try row.optionalText(11) ?? "")
    let booked = BookedTransfer(
      asked: asked, at: try row.integer(0), debit: debit, credit: credit, amount: amount,
      currencyCode: currency, actor: ActorBytes.actor(try row.bytes(12)),
      pendingAt: try row.optionalInteger(8))
    guard let state = try row.optionalInteger(25) else {
      return StoredTransfer(
        booked: booked, hold: nil, heldAmount: try row.optionalInteger(27) ?? 0)
    }
    return StoredTransfer(
      booked: booked,
      hold: PendingHold(
        transfer: asked.id, at: booked.at, debitNumber: debit.number, creditNumber: credit.number,
        amount: amount, purpose: asked.purpose, timesOutAt: booked.timesOutAt,
        state: Payments.PendingState(rawValue: Int32(state)),
        postedAmount: try row.integer(26)))
  }

  static func emptyTransferRows() -> SQLRows {
    SQLRows(
      .integer, .bytes, .integer, .integer, .integer, .integer, .integer, .integer, .integer,
      .integer, .bytes, .text, .bytes, .integer, .integer, .integer, .integer, .integer, .integer,
      .integer, .integer)
  }

  static func append(_ entry: BookedTransfer, _ actor: [UInt8], to rows: inout SQLRows) {
    let asked = entry.asked
    let isEnd = entry.pendingAt != nil
    var flags: Flags = asked.isLinked ? .linked : []
    if isEnd, !asked.currencyCode.isEmpty { flags.insert(.currencyStated) }
    if isEnd, asked.amount != 0 { flags.insert(.amountStated) }
    let debit = entry.debit.after
    let credit = entry.credit.after
    rows.append(
      .integer(entry.at), .bytes(asked.id.bytes), .integer(Int64(asked.kind.rawValue)),
      .integer(flags.rawValue), .integer(Int64(asked.purpose.rawValue)),
      .integer(entry.debit.number), .integer(entry.credit.number), .integer(entry.amount),
      .optional(entry.pendingAt), .optional(asked.timeout), .optional(asked.referenceID?.bytes),
      asked.note.isEmpty ? .null : .text(asked.note), .bytes(actor),
      .integer(debit.debitsPosted), .integer(debit.creditsPosted),
      .integer(debit.debitsPending), .integer(debit.creditsPending),
      .integer(credit.debitsPosted), .integer(credit.creditsPosted),
      .integer(credit.debitsPending), .integer(credit.creditsPending))
  }

  // MARK: Identifiers

  static func id(_ row: borrowing Row, _ column: Int) throws(StorageError) -> UUID {
    guard let id = UUID(bytes: try row.bytes(column)) else {
      throw StorageError(.unfit, "an identifier of the ledger is not of 16 bytes")
    }
    return id
  }

  static func optionalID(_ row: borrowing Row, _ column: Int) throws(StorageError) -> UUID? {
    row.isNull(column) ? nil : try id(row, column)
  }
}

/// A transfer with what became of it.
struct StoredTransfer: Sendable, Hashable {
  let booked: BookedTransfer
  /// For pending ones.
  let hold: PendingHold?
  /// For posts and voids: what was reserved.
  var heldAmount: Int64 = 0
}
