import PaymentsContracts
import Platform
import Storage
import TypeContracts

/// Accounts: opened, found, frozen and closed.
extension LedgerStore {
  /// Opens accounts, all or none; those that exist with the same content are left as they are.
  ///
  /// - Returns: the accounts as they were opened, in the order asked for.
  /// - Throws: `PaymentsError`: `idReused`, `refused` (CURRENCY_UNKNOWN); `StorageError`.
  func openAccounts(
    _ asked: [NewAccount], at now: Duration, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> [LedgerAccount] {
    for account in asked where CurrencyTable[account.currencyCode] == nil {
      throw PaymentsError.currencyUnknown(account.currencyCode)
    }
    var found = Dictionary(
      uniqueKeysWithValues: try accounts(Set(asked.map(\.id)), in: session).map {
        ($0.id, $0.asOpened)
      })
    let new = asked.filter { found[$0.id] == nil }
    let (number, instant) = try takeNumbers(
      new.count, at: now.nanoseconds / 1_000, in: session)
    for (place, account) in new.enumerated() {
      let at = instant + Int64(place) + 1
      // Of two with one id the first is the account.
      if found[account.id] != nil { continue }
      found[account.id] = LedgerAccount(
        id: account.id, number: number + Int64(place) + 1, currencyCode: account.currencyCode,
        purpose: account.purpose, rule: account.rule, organisationID: account.organisationID,
        orderID: account.orderID, label: account.label, openedAt: at, openedBy: actor,
        state: .open, changedAt: at, changedBy: actor)
    }
    let opened = asked.compactMap { found[$0.id] }
    for (account, content) in zip(opened, asked) where account.asked != content {
      throw PaymentsError.idReused("account")
    }
    try insert(Set(new.map(\.id)).compactMap { found[$0] }, in: session)
    return opened
  }

  private func takeNumbers(
    _ count: Int, at now: Int64, in session: any SQLSession
  ) throws -> (number: Int64, instant: Int64) {
    if count == 0 { return (0, 0) }
    let taken = try session.first(
      """
      UPDATE ledger_clock SET last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END + $2,
        last_account = last_account + $2 WHERE id = 1 RETURNING last_account, last_at
      """, .integer(now), .integer(Int64(count))
    ) { (row) throws(StorageError) in
      (number: try row.integer(0) - Int64(count), instant: try row.integer(1) - Int64(count))
    }
    guard let taken else { throw StorageError(.unfit, "the row of ledger_clock is missing") }
    return taken
  }

  private func insert(
    _ accounts: [LedgerAccount], in session: any SQLSession
  ) throws(StorageError) {
    for part in accounts.sorted(by: { $0.number < $1.number }).chunks(of: LedgerRows.rowsMax) {
      var rows = SQLRows(
        .integer, .bytes, .text, .integer, .integer, .bytes, .bytes, .text, .integer, .bytes,
        .integer)
      for account in part {
        rows.append(
          .integer(account.number), .bytes(account.id.bytes), .text(account.currencyCode),
          .integer(Int64(account.purpose.rawValue)), .integer(Int64(account.rule.rawValue)),
          .optional(account.organisationID?.bytes), .optional(account.orderID?.bytes),
          .text(account.label), .integer(account.openedAt),
          .bytes(ActorBytes.bytes(account.openedBy)), .integer(Int64(account.state.rawValue)))
      }
      try session.execute(
        """
        WITH opened (number, id, currency, purpose, rule, organisation, order_id, label, at, actor,
          state) AS ($rows)
        INSERT INTO ledger_account (number, id, currency, purpose, rule, organisation, order_id,
          label, opened_at, opened_by, state, version, changed_at, changed_by, debits_posted,
          credits_posted, debits_pending, credits_pending, debit_count)
        SELECT number, id, currency, purpose, rule, organisation, order_id, label, at, actor,
          state, 1, at, actor, 0, 0, 0, 0, 0 FROM opened
        """, rows: rows)
    }
  }

  /// Freezes, unfreezes or closes an account; nothing changes if it is so already.
  ///
  /// - Throws: `PaymentsError`: `notFound`, `refused` (ACCOUNT_NOT_EMPTY, ACCOUNT_CLOSED).
  func setState(
    _ state: Payments.AccountState, of id: UUID, at now: Duration, by actor: SaraiType.Actor,
    in session: any SQLSession
  ) throws -> LedgerAccount {
    _ = try timeOutDue(at: now, in: session)
    guard var account = try accounts([id], in: session).first else {
      throw PaymentsError.notFound("account")
    }
    if account.state == state { return account }
    if account.state == .closed {
      throw PaymentsError.refused(
        .accountClosed, "the account is closed for good: open another")
    }
    if state == .closed, !account.sums.isEmpty {
      throw PaymentsError.refused(
        .accountNotEmpty,
        "the account has a balance or pending transfers: move the money, and post or void these")
    }
    account.state = state
    account.version += 1
    account.changedAt = max(now.nanoseconds / 1_000, account.changedAt)
    account.changedBy = actor
    try session.execute(
      """
      UPDATE ledger_account SET state = $1, version = $2, changed_at = $3, changed_by = $4
      WHERE number = $5
      """, .integer(Int64(state.rawValue)), .integer(account.version),
      .integer(account.changedAt), .bytes(ActorBytes.bytes(actor)), .integer(account.number))
    return account
  }

  /// An account as it stands, less what is due to time out; nil if there is none.
  func account(
    _ id: UUID, at now: Duration, in session: any SQLSession
  ) throws(StorageError) -> LedgerAccount? {
    try standing([id], at: now.nanoseconds / 1_000, in: session).first
  }

  /// Accounts as they stand at one instant: what is due to time out counts as returned.
  func standing(
    _ ids: Set<UUID>, at now: Int64, in session: any SQLSession
  ) throws(StorageError) -> [LedgerAccount] {
    try released(try accounts(ids, in: session), at: now, in: session)
  }

  /// Takes from accounts what is due to time out and not yet booked so.
  func released(
    _ accounts: [LedgerAccount], at now: Int64, in session: any SQLSession
  ) throws(StorageError) -> [LedgerAccount] {
    var debits: [Int64: Int64] = [:]
    var credits: [Int64: Int64] = [:]
    try session.run(
      """
      SELECT debit, credit, amount FROM ledger_pending WHERE state = 1 AND times_out_at <= $1
      """, [.integer(now)]
    ) { (row) throws(StorageError) in
      let amount = try row.integer(2)
      debits[try row.integer(0), default: 0] += amount
      credits[try row.integer(1), default: 0] += amount
    }
    if debits.isEmpty { return accounts }
    return accounts.map { account in
      var account = account
      account.sums.debitsPending -= debits[account.number] ?? 0
      account.sums.creditsPending -= credits[account.number] ?? 0
      return account
    }
  }

  /// Accounts as their rows say.
  func accounts(
    _ ids: Set<UUID>, in session: any SQLSession
  ) throws(StorageError) -> [LedgerAccount] {
    var accounts: [LedgerAccount] = []
    for part in Array(ids).chunks(of: SQLRows.valuesMax) {
      accounts += try session.all(
        "SELECT \(LedgerRows.accountColumns) FROM ledger_account a WHERE a.id IN ($rows)",
        rows: .keys(part.map(\.bytes)), as: LedgerRows.account)
    }
    return accounts
  }

  /// What of accounts decides whether money may move.
  func standings(
    _ ids: Set<UUID>, in session: any SQLSession
  ) throws(StorageError) -> [AccountStanding] {
    var standings: [AccountStanding] = []
    for part in Array(ids).chunks(of: SQLRows.valuesMax) {
      standings += try session.all(
        "SELECT \(LedgerRows.standingColumns) FROM ledger_account a WHERE a.id IN ($rows)",
        rows: .keys(part.map(\.bytes)), as: LedgerRows.standing)
    }
    return standings
  }

  /// The same by number.
  func standings(
    numbers: Set<Int64>, in session: any SQLSession
  ) throws(StorageError) -> [AccountStanding] {
    var standings: [AccountStanding] = []
    for part in Array(numbers).chunks(of: SQLRows.valuesMax) {
      standings += try session.all(
        "SELECT \(LedgerRows.standingColumns) FROM ledger_account a WHERE a.number IN ($rows)",
        rows: .keys(part), as: LedgerRows.standing)
    }
    return standings
  }

  /// Transfers by id, in no order; unknown ids are left out.
  func transfers(
    _ ids: Set<UUID>, in session: any SQLSession
  ) throws(StorageError) -> [StoredTransfer] {
    var transfers: [StoredTransfer] = []
    for part in Array(ids).chunks(of: SQLRows.valuesMax) {
      transfers += try session.all(
        """
        SELECT \(LedgerRows.transferColumns) FROM \(LedgerRows.transferTables)
        WHERE t.id IN ($rows)
        """, rows: .keys(part.map(\.bytes)), as: LedgerRows.transfer)
    }
    return transfers
  }
}

extension LedgerAccount {
  /// As it was when it was opened.
  var asOpened: LedgerAccount {
    LedgerAccount(
      id: id, number: number, currencyCode: currencyCode, purpose: purpose, rule: rule,
      organisationID: organisationID, orderID: orderID, label: label, openedAt: openedAt,
      openedBy: openedBy, state: .open, changedAt: openedAt, changedBy: openedBy)
  }
}

extension PaymentsError {
  /// A code that the table lacks.
  static func currencyUnknown(_ code: String) -> PaymentsError {
    .refused(
      .currencyUnknown,
      "\"\(code.prefix(16))\" is no currency of ISO 4217 with a minor unit: see ListCurrencies")
  }
}
