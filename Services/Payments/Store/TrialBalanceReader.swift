import PaymentsContracts
import Storage

/// All accounts summed by currency and purpose. The present standing is one query over the accounts;
/// an earlier instant is that, less what was booked since, piece by piece: recent instants, which are
/// asked for most, cost little.
struct TrialBalanceReader: Sendable {
  /// What the accounts of one currency and purpose have in common.
  struct Key: Sendable, Hashable {
    let currencyCode: String
    let purpose: Payments.AccountPurpose
  }

  /// Their sums: of many accounts, so wider than 64 bits.
  struct Sums: Sendable, Hashable {
    var debitsPosted: Int128 = 0
    var creditsPosted: Int128 = 0
    var debitsPending: Int128 = 0
    var creditsPending: Int128 = 0
    var accountCount: Int64 = 0
    var debitCount: Int64 = 0
  }

  /// How many instants are taken back in one read, so that none lasts long.
  private static let pieceMax: Int64 = 50_000

  private let database: Database
  private let ledger: LedgerStore

  init(_ database: Database, _ ledger: LedgerStore) {
    self.database = database
    self.ledger = ledger
  }

  /// The sums at an instant, and which that was.
  ///
  /// - Parameter instant: nil for now.
  func sums(at instant: Int64?) async throws -> (sums: [Key: Sums], at: Int64) {
    var (sums, last) = try await database.read { [ledger] session in
      (try present(in: session), try ledger.lastInstant(in: session))
    }
    guard let instant, instant < last else { return (sums, last) }
    var upTo = last
    while upTo > instant {
      let (piece, first) = try await database.read { [upTo] session in
        try taken(after: instant, upTo: upTo, in: session)
      }
      for (key, part) in piece {
        sums[key, default: Sums()].debitsPosted -= part.debitsPosted
        sums[key, default: Sums()].creditsPosted -= part.creditsPosted
        sums[key, default: Sums()].debitsPending -= part.debitsPending
        sums[key, default: Sums()].creditsPending -= part.creditsPending
        sums[key, default: Sums()].debitCount -= part.debitCount
      }
      upTo = first - 1
    }
    for (key, count) in try await database.read({ try openedSince(instant, in: $0) }) {
      sums[key, default: Sums()].accountCount -= count
    }
    return (sums.filter { $0.value.accountCount > 0 }, instant)
  }

  private func present(in session: any SQLSession) throws(StorageError) -> [Key: Sums] {
    let columns = ["debits_posted", "credits_posted", "debits_pending", "credits_pending"]
    // Sums of 64-bit numbers may need more: halves of 32 bits each do not.
    let halves = columns.flatMap { column in
      [
        "CAST(sum(\(column) / 4294967296) AS bigint)",
        "CAST(sum(\(column) % 4294967296) AS bigint)",
      ]
    }
    var found: [Key: Sums] = [:]
    try session.run(
      """
      SELECT currency, purpose, count(*), CAST(sum(debit_count) AS bigint),
      \(halves.joined(separator: ", ")) FROM ledger_account GROUP BY currency, purpose
      """, []
    ) { (row) throws(StorageError) in
      found[try key(row)] = Sums(
        debitsPosted: try wide(row, 4), creditsPosted: try wide(row, 6),
        debitsPending: try wide(row, 8),
        creditsPending: try wide(row, 10), accountCount: try row.integer(2),
        debitCount: try row.integer(3))
    }
    return found
  }

  /// A sum in two halves.
  private func wide(_ row: borrowing Row, _ column: Int) throws(StorageError) -> Int128 {
    Int128(try row.integer(column)) << 32 + Int128(try row.integer(column + 1))
  }

  private func key(_ row: borrowing Row) throws(StorageError) -> Key {
    Key(
      currencyCode: try row.text(0),
      purpose: Payments.AccountPurpose(rawValue: Int32(try row.integer(1))))
  }

  /// What the last transfers up to an instant changed, and the first instant of them.
  private func taken(
    after: Int64, upTo: Int64, in session: any SQLSession
  ) throws(StorageError) -> (changes: [Key: Sums], first: Int64) {
    let first = try session.first(
      """
      SELECT min(at) FROM (SELECT at FROM ledger_transfer WHERE at > $1 AND at <= $2
      ORDER BY at DESC LIMIT $3) AS piece
      """, .integer(after), .integer(upTo), .integer(Self.pieceMax)
    ) { (row) throws(StorageError) in try row.optionalInteger(0) }.flatMap(\.self)
    guard let first else { return ([:], after + 1) }
    var changes: [Key: Sums] = [:]
    for (side, isDebit) in [("debit", true), ("credit", false)] {
      try session.run(
        """
        SELECT a.currency, a.purpose, t.kind, t.amount, coalesce(p.amount, 0)
        FROM ledger_transfer t JOIN ledger_account a ON a.number = t.\(side)
        LEFT JOIN ledger_pending p ON p.at = t.pending_at
        WHERE t.at >= $1 AND t.at <= $2
        """, [.integer(first), .integer(upTo)]
      ) { (row) throws(StorageError) in
        let kind = Payments.TransferKind(rawValue: Int32(try row.integer(2)))
        let amount = Int128(try row.integer(3))
        let held = Int128(try row.integer(4))
        let posted = kind == .immediate || kind == .postPending ? amount : 0
        let pending = kind == .pending ? amount : -held
        let key = try self.key(row)
        var sums = changes[key] ?? Sums()
        if isDebit {
          sums.debitsPosted += posted
          sums.debitsPending += pending
          sums.debitCount += 1
        } else {
          sums.creditsPosted += posted
          sums.creditsPending += pending
        }
        changes[key] = sums
      }
    }
    return (changes, first)
  }

  private func openedSince(
    _ instant: Int64, in session: any SQLSession
  ) throws(StorageError) -> [(Key, Int64)] {
    try session.all(
      """
      SELECT currency, purpose, count(*) FROM ledger_account WHERE opened_at > $1
      GROUP BY currency, purpose
      """, .integer(instant)
    ) { (row) throws(StorageError) in (try key(row), try row.integer(2)) }
  }
}
