import PaymentsContracts
import Platform
import Storage

/// What must be true of the ledger, whatever happened: found out by going through all of it once,
/// piece by piece, while it is used.
struct LedgerCheck: Sendable {
  private static let accountsMax = 2_000
  private static let transfersMax = 5_000
  /// Faults that are told; where there are more, these say enough.
  private static let faultsMax = 20

  private let database: Database
  private let ledger: LedgerStore
  private var faults: [String] = []

  init(_ database: Database, _ ledger: LedgerStore) {
    self.database = database
    self.ledger = ledger
  }

  /// - Parameter progress: is told how many transfers of how many have been looked at.
  /// - Returns: what is broken, in words; nothing if all is well.
  mutating func run(
    _ progress: (_ done: Int64, _ total: Int64) async throws -> Void
  ) async throws -> [String] {
    try await checkCurrencies()
    try await checkAccounts()
    try await checkTransfers(progress)
    return faults
  }

  private mutating func note(_ holds: Bool, _ fault: @autoclosure () -> String) {
    if !holds, faults.count < Self.faultsMax { faults.append(fault()) }
  }

  /// Each currency's debits equal its credits, posted and pending.
  private mutating func checkCurrencies() async throws {
    let (sums, _) = try await TrialBalanceReader(database, ledger).sums(at: nil)
    for (currency, parts) in Dictionary(grouping: sums, by: \.key.currencyCode) {
      let posted = parts.reduce(Int128(0)) { $0 + $1.value.creditsPosted - $1.value.debitsPosted }
      let pending = parts.reduce(Int128(0)) {
        $0 + $1.value.creditsPending - $1.value.debitsPending
      }
      note(posted == 0, "\(currency): posted credits less debits are \(posted), not 0")
      note(pending == 0, "\(currency): pending credits less debits are \(pending), not 0")
    }
  }

  /// No balance is what its rule forbids, and each is what its last transfer left.
  private mutating func checkAccounts() async throws {
    var after: Int64 = 0
    while true {
      let found = try await database.read { [ledger, after] session in
        let accounts = try ledger.accounts(
          LedgerStore.AccountFilter(), after: after, countMax: Self.accountsMax, in: session)
        let recent = try ledger.recentSums(in: session)
        return try accounts.map { account in
          let last =
            try recent[account.number]
            ?? ledger.enteredSums(of: account, at: .max, in: session)
          return (account, last)
        }
      }
      guard let last = found.last else { return }
      after = last.0.number
      for (account, sums) in found {
        note(
          account.sums == sums,
          "account \(account.id) is not as its last transfer left it: \(account.sums)")
        note(
          account.rule == .free || account.available >= 0,
          "account \(account.id) has \(account.available), which its rule forbids")
      }
    }
  }

  /// Each transfer leaves both accounts changed by what it moved, and by nothing else.
  private mutating func checkTransfers(
    _ progress: (_ done: Int64, _ total: Int64) async throws -> Void
  ) async throws {
    let (end, total) = try await database.read { [ledger] session in
      let total = try session.first(
        "SELECT CAST(coalesce(sum(debit_count), 0) AS bigint) FROM ledger_account"
      ) { (row) throws(StorageError) in try row.integer(0) }
      return (try ledger.lastInstant(in: session), total ?? 0)
    }
    var standing: [Int64: AccountSums] = [:]
    var after: Int64 = 0
    var done: Int64 = 0
    while true {
      let found = try await database.read { [after] session in
        try Self.movements(after: after, upTo: end, in: session)
      }
      guard let last = found.last else { return }
      after = last.at
      for movement in found {
        for (number, left, isDebit) in [
          (movement.debit, movement.debitAfter, true),
          (movement.credit, movement.creditAfter, false),
        ] {
          let expected = movement.applied(to: standing[number] ?? AccountSums(), isDebit: isDebit)
          note(expected == left, "the transfer at \(movement.at) does not add up")
          standing[number] = left
        }
      }
      done += Int64(found.count)
      try await progress(done, total)
    }
  }

  private struct Movement: Sendable {
    let at: Int64
    let kind: Payments.TransferKind
    let debit: Int64
    let credit: Int64
    let amount: Int64
    let held: Int64
    let debitAfter: AccountSums
    let creditAfter: AccountSums

    func applied(to sums: AccountSums, isDebit: Bool) -> AccountSums {
      let posted = kind == .immediate || kind == .postPending ? amount : 0
      let pending = kind == .pending ? amount : -held
      var sums = sums
      if isDebit {
        sums.debitsPosted &+= posted
        sums.debitsPending &+= pending
      } else {
        sums.creditsPosted &+= posted
        sums.creditsPending &+= pending
      }
      return sums
    }
  }

  private static func movements(
    after: Int64, upTo: Int64, in session: any SQLSession
  ) throws(StorageError) -> [Movement] {
    try session.all(
      """
      SELECT t.at, t.kind, t.debit, t.credit, t.amount, coalesce(p.amount, 0), t.debit_dp,
        t.debit_cp, t.debit_dr, t.debit_cr, t.credit_dp, t.credit_cp, t.credit_dr, t.credit_cr
      FROM ledger_transfer t LEFT JOIN ledger_pending p ON p.at = t.pending_at
      WHERE t.at > $1 AND t.at <= $2 ORDER BY t.at LIMIT $3
      """, .integer(after), .integer(upTo), .integer(Int64(transfersMax))
    ) { (row) throws(StorageError) in
      Movement(
        at: try row.integer(0), kind: Payments.TransferKind(rawValue: Int32(try row.integer(1))),
        debit: try row.integer(2), credit: try row.integer(3), amount: try row.integer(4),
        held: try row.integer(5), debitAfter: try LedgerRows.sums(row, 6),
        creditAfter: try LedgerRows.sums(row, 10))
    }
  }
}
