import PaymentsContracts
import Platform
import Storage
import TypeContracts

/// The ledger within a transaction of the caller's: what orders, wallets, exchange and payouts move
/// money by. All or nothing of the transaction stands, so money and the reason for it agree.
///
/// However many transfers there are, the work is the same few statements: take instants, find what
/// is known of the ids, read the accounts, judge in memory, write accounts, transfers and holds.
struct LedgerStore: Sendable {
  /// Transfers of one caller, judged in order; no chain leads out of it.
  struct Batch: Sendable {
    var transfers: [NewTransfer]
    var actor: SaraiType.Actor
  }

  /// How many pending transfers are timed out at once; more wait for the next booking or the job.
  static let timeOutsMax = 1_000
  /// How many transfers wait for their entries before a booking makes these.
  static let waitingMax: Int64 = 4_096

  /// Judges transfers in order and books those that stand; each stands alone unless linked.
  ///
  /// - Parameter now: the time of day; what is due by then times out first.
  /// - Returns: one result a transfer, in order.
  func createTransfers(
    _ transfers: [NewTransfer], at now: Duration, by actor: SaraiType.Actor,
    in session: any SQLSession
  ) throws -> [LedgerResult] {
    try book([Batch(transfers: transfers, actor: actor)], at: now, in: session)[0]
  }

  /// The same where all must stand: link them, so that none does otherwise.
  ///
  /// - Throws: `PaymentsError` of the first refusal that is not another's consequence.
  @discardableResult
  func move(
    _ transfers: [NewTransfer], at now: Duration, by actor: SaraiType.Actor,
    in session: any SQLSession
  ) throws -> [BookedTransfer] {
    let results = try createTransfers(transfers, at: now, by: actor, in: session)
    if let cause = results.first(where: { !$0.isDone && $0.outcome != .linkedFailed })
      ?? results.first(where: { !$0.isDone }), let refusal = cause.refusal
    {
      throw refusal
    }
    return results.compactMap(\.booked)
  }

  /// Books many callers' batches, one after the other.
  ///
  /// - Returns: one list of results a batch, in order.
  func book(
    _ batches: [Batch], at now: Duration, in session: any SQLSession
  ) throws -> [[LedgerResult]] {
    let now = now.nanoseconds / 1_000
    let transferCount = batches.reduce(0) { $0 + $1.transfers.count }
    let (base, due, waitingCount) = try takeInstants(transferCount, at: now, in: session)
    var judge = LedgerJudge(lastAt: base, now: now)
    let overdue = try due.map { $0 <= now } == true ? overdue(at: now, in: session) : []
    // Instants that follow those just taken: nobody else takes any before this commit.
    if !overdue.isEmpty { _ = try takeInstants(overdue.count, at: now, in: session) }
    try load(batches, overdue, into: &judge, in: session)
    let service = SaraiType.Actor(kind: .service, serviceName: "payments")
    for hold in overdue {
      judge.timeOut(hold.transfer, as: Self.timeOutID(of: hold.transfer), by: service)
    }
    let results = batches.map { judge.judge($0.transfers, by: $0.actor) }
    try write(judge, in: session)
    if waitingCount >= Self.waitingMax {
      try makeEntries(upTo: base + Int64(transferCount + overdue.count), in: session)
    }
    return results
  }

  /// Ends pending transfers whose time is over.
  ///
  /// - Returns: whether there may be more.
  func timeOutDue(at now: Duration, in session: any SQLSession) throws -> Bool {
    let instant = now.nanoseconds / 1_000
    let first = try session.first(
      "SELECT min(times_out_at) FROM ledger_pending WHERE state = 1"
    ) { (row) throws(StorageError) in try row.optionalInteger(0) }
    guard let due = first.flatMap(\.self), due <= instant else { return false }
    _ = try book([], at: now, in: session)
    return true
  }

  /// The id of the transfer by which the ledger itself ends a pending one: the same wherever and
  /// whenever it is made.
  static func timeOutID(of pending: UUID) -> UUID { DerivedID.of("time-out", pending) }

  // MARK: Reading what is to be judged against

  /// Takes the clock's row, so that nobody else books before this commit, and instants from it.
  ///
  /// - Returns: the instant before the first that was taken, when the next pending transfer is due, and
  ///   how many transfers wait for their entries.
  private func takeInstants(
    _ count: Int, at now: Int64, in session: any SQLSession
  ) throws(StorageError) -> (base: Int64, due: Int64?, waitingCount: Int64) {
    let row = try session.first(
      """
      UPDATE ledger_clock SET last_at = CASE WHEN last_at < $1 THEN $1 ELSE last_at END + $2,
        waiting_count = waiting_count + $2
      WHERE id = 1
      RETURNING last_at, (SELECT min(times_out_at) FROM ledger_pending WHERE state = 1),
        waiting_count
      """, .integer(now), .integer(Int64(count))
    ) { (row) throws(StorageError) in
      (
        base: try row.integer(0) - Int64(count), due: try row.optionalInteger(1),
        waitingCount: try row.integer(2)
      )
    }
    guard let row else { throw StorageError(.unfit, "the row of ledger_clock is missing") }
    return row
  }

  private func overdue(
    at now: Int64, in session: any SQLSession
  ) throws(StorageError) -> [PendingHold] {
    try session.all(
      """
      SELECT t.id, p.at, p.debit, p.credit, p.amount, t.purpose, p.times_out_at
      FROM ledger_pending p JOIN ledger_transfer t ON t.at = p.at
      WHERE p.state = 1 AND p.times_out_at <= $1 ORDER BY p.times_out_at, p.at LIMIT $2
      """, .integer(now), .integer(Int64(Self.timeOutsMax))
    ) { (row) throws(StorageError) in
      PendingHold(
        transfer: try LedgerRows.id(row, 0), at: try row.integer(1),
        debitNumber: try row.integer(2), creditNumber: try row.integer(3),
        amount: try row.integer(4),
        purpose: Payments.TransferPurpose(rawValue: Int32(try row.integer(5))),
        timesOutAt: try row.integer(6))
    }
  }

  private func load(
    _ batches: [Batch], _ overdue: [PendingHold], into judge: inout LedgerJudge,
    in session: any SQLSession
  ) throws(StorageError) {
    var transferIDs: Set<UUID> = []
    var accountIDs: Set<UUID> = []
    for batch in batches {
      for transfer in batch.transfers where transfer.fault == nil {
        transferIDs.insert(transfer.id)
        if let pending = transfer.pendingID { transferIDs.insert(pending) }
        if let debit = transfer.debitID { accountIDs.insert(debit) }
        if let credit = transfer.creditID { accountIDs.insert(credit) }
      }
    }
    var numbers = Set(overdue.flatMap { [$0.debitNumber, $0.creditNumber] })
    for stored in try transfers(transferIDs, in: session) {
      judge.add(stored.booked)
      guard let hold = stored.hold else { continue }
      judge.add(hold)
      if hold.state == .waiting { numbers.formUnion([hold.debitNumber, hold.creditNumber]) }
    }
    for hold in overdue { judge.add(hold) }
    for account in try standings(accountIDs, in: session) {
      judge.add(account)
      numbers.remove(account.number)
    }
    for account in try standings(numbers: numbers, in: session) { judge.add(account) }
  }

  // MARK: Writing

  /// Makes the entries that are missing, of all transfers up to the last instant taken.
  private func makeEntries(upTo last: Int64, in session: any SQLSession) throws(StorageError) {
    let waiting = "at > (SELECT entered_at FROM ledger_clock WHERE id = 1)"
    try session.send(
      """
      INSERT INTO ledger_entry (account, at)
      SELECT account, at FROM (
        SELECT debit AS account, at FROM ledger_transfer WHERE \(waiting)
        UNION ALL SELECT credit, at FROM ledger_transfer WHERE \(waiting)) AS moved
      ORDER BY account, at
      """, [], rows: nil)
    try session.send(
      "UPDATE ledger_clock SET entered_at = $1, waiting_count = 0 WHERE id = 1", [.integer(last)],
      rows: nil)
  }

  private func write(_ judge: LedgerJudge, in session: any SQLSession) throws(StorageError) {
    for part in judge.changedAccounts.sorted().chunks(of: LedgerRows.rowsMax) {
      var rows = SQLRows(.integer, .integer, .integer, .integer, .integer, .integer)
      for place in part {
        let account = judge.accounts[place]
        rows.append(
          .integer(account.number), .integer(account.sums.debitsPosted),
          .integer(account.sums.creditsPosted), .integer(account.sums.debitsPending),
          .integer(account.sums.creditsPending), .integer(account.debitCount))
      }
      try session.send(
        """
        WITH change (number, dp, cp, dr, cr, debits) AS ($rows)
        UPDATE ledger_account SET debits_posted = change.dp, credits_posted = change.cp,
          debits_pending = change.dr, credits_pending = change.cr, debit_count = change.debits
        FROM change WHERE ledger_account.number = change.number
        """, [], rows: rows)
    }
    var actor: (SaraiType.Actor, [UInt8])?
    for part in judge.booked.chunks(of: LedgerRows.rowsMax) {
      var rows = LedgerRows.emptyTransferRows()
      for entry in part {
        if actor?.0 != entry.actor { actor = (entry.actor, ActorBytes.bytes(entry.actor)) }
        LedgerRows.append(entry, actor?.1 ?? [], to: &rows)
      }
      try session.send(
        """
        INSERT INTO ledger_transfer (at, id, kind, flags, purpose, debit, credit, amount, pending_at,
          timeout, reference, note, actor, debit_dp, debit_cp, debit_dr, debit_cr, credit_dp,
          credit_cp, credit_dr, credit_cr) $rows
        """, [], rows: rows)
    }
    for part in judge.changedHolds.sorted().chunks(of: LedgerRows.rowsMax) {
      var rows = SQLRows(
        .integer, .integer, .integer, .integer, .integer, .integer, .integer)
      for hold in part.compactMap({ judge.holds[$0] }) {
        rows.append(
          .integer(hold.at), .integer(hold.debitNumber), .integer(hold.creditNumber),
          .integer(hold.amount), .optional(hold.timesOutAt),
          .integer(Int64(hold.state.rawValue)), .integer(hold.postedAmount))
      }
      try session.send(
        """
        WITH hold (at, debit, credit, amount, times_out_at, state, posted) AS ($rows)
        INSERT INTO ledger_pending (at, debit, credit, amount, times_out_at, state, posted_amount)
        SELECT at, debit, credit, amount, times_out_at, state, posted FROM hold WHERE true
        ON CONFLICT (at) DO UPDATE SET state = excluded.state, posted_amount = excluded.posted_amount
        """, [], rows: rows)
    }
  }
}

extension Array {
  /// The elements in parts of at most `count`.
  func chunks(of count: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: self.count, by: count).map { self[$0..<Swift.min($0 + count, self.count)] }
  }
}
