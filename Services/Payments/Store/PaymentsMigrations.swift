import Storage

/// Every step of the database, in order; a step is never changed once released.
enum PaymentsMigrations {
  static let all = [
    Migration(1, "outbox", oldestProgram: 1, sql: Outbox.tables),
    Migration(2, "leases", oldestProgram: 1, sql: Lease.table),
    Migration(3, "ledger", oldestProgram: 1, sql: LedgerMigration.sql),
  ]
}
