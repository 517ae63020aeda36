import Storage

/// Every step of the database, in order; a step is never changed once released.
enum PaymentsMigrations {
  static let all = [
    Migration(1, "outbox", oldestProgram: 1, sql: Outbox.tables),
    Migration(2, "leases", oldestProgram: 1, sql: Lease.table),
    Migration(3, "ledger", oldestProgram: 1, sql: LedgerMigration.sql),
    Migration(4, "repeated calls", oldestProgram: 1, sql: RequestLog.table),
    Migration(5, "exchange", oldestProgram: 1, sql: ExchangeStore.tables),
    Migration(6, "wallets", oldestProgram: 1, sql: WalletStore.tables),
  ]
}
