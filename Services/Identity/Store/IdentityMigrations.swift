internal import ServiceKit
internal import Storage

/// All steps of identity's database, in their order. A step, once released, is never changed.
enum IdentityMigrations {
  /// The statements of each subject; its place is its number.
  private static let subjects: [(name: String, sql: String)] = [
    ("people", PersonMigration.sql),
    ("factors", FactorMigration.sql),
    ("sessions", SessionMigration.sql),
    ("audit", AuditMigration.sql),
    ("events", Outbox.tables + Lease.table),
    ("organisations", OrganisationMigration.sql),
    ("relations", RelationMigration.sql),
    ("credentials", CredentialMigration.sql),
    ("verification", CaseMigration.sql),
    ("service", RequestRecords.tables + ServiceLimit.table),
  ]

  /// The steps.
  static let all = subjects.enumerated().map { index, subject in
    Migration(index + 1, subject.name, oldestProgram: 1, sql: subject.sql)
  }
}
