import ServiceKit
import Storage

/// Every step of the database, in order. A step, once released, is never changed.
enum PaymentsMigrations {
  /// The statements of each subject; its place is its number.
  private static let subjects: [(name: String, sql: String)] = [
    ("events and jobs", Outbox.tables + Lease.table),
    ("repeated calls and limits", RequestRecords.tables + ServiceLimit.table),
    ("ledger", LedgerMigration.sql),
    ("exchange", ExchangeStore.tables),
    ("wallets", WalletStore.tables),
    ("orders and disputes", TradeTables.tradeTables),
    ("payouts and providers", TradeTables.payoutTables),
    ("entries of the ledger", LedgerMigration.entries),
  ]

  /// The steps.
  static let all = subjects.enumerated().map { index, subject in
    Migration(index + 1, subject.name, oldestProgram: 1, sql: subject.sql)
  }
}
