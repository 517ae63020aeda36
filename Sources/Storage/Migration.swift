/// One step from an empty database to what the program needs. Steps are never changed once released.
public struct Migration: Sendable {
  /// Its place: 1, 2, 3, ...
  public let number: Int
  /// What it does, in a few words.
  public let name: String
  /// The highest migration of the oldest program that still runs on the result, so that an upgrade
  /// can roll over several copies. A step that only adds leaves it where it was.
  public let oldestProgram: Int
  /// The statements.
  public let sql: String

  /// A step.
  public init(_ number: Int, _ name: String, oldestProgram: Int, sql: String) {
    self.number = number
    self.name = name
    self.oldestProgram = oldestProgram
    self.sql = sql
  }
}

/// Brings a database to the newest migration, each in a transaction of its own.
struct Migrator {
  let migrations: [Migration]
  let appliedAt: Int64

  /// - Throws: `unfit` when the database has steps that this program cannot run on, or others than
  ///   the program's under the same numbers.
  func run(on connection: any SQLConnection) throws(StorageError) {
    for (index, migration) in migrations.enumerated() {
      guard migration.number == index + 1, (1...migration.number) ~= migration.oldestProgram else {
        throw StorageError(.invalid, "migration \(migration.number) is out of order")
      }
    }
    try transaction(on: connection) { () throws(StorageError) in
      try connection.execute(
        """
        CREATE TABLE IF NOT EXISTS schema_migration (
          number bigint PRIMARY KEY, name text NOT NULL, oldest_program bigint NOT NULL,
          statements text NOT NULL, applied_at bigint NOT NULL)
        """)
    }
    for migration in migrations {
      try transaction(on: connection) { () throws(StorageError) in
        let applied = try check(connection)
        guard applied < migration.number else { return }
        do throws(StorageError) {
          try connection.runScript(migration.sql)
        } catch {
          throw StorageError(
            error.code, "migration \(migration.number), \(migration.name): \(error.description)")
        }
        try connection.execute(
          "INSERT INTO schema_migration VALUES ($1, $2, $3, $4, $5)",
          .integer(Int64(migration.number)), .text(migration.name),
          .integer(Int64(migration.oldestProgram)), .text(migration.sql), .integer(appliedAt))
      }
    }
    try transaction(on: connection) { () throws(StorageError) in _ = try check(connection) }
  }

  /// The highest migration that the database has.
  private func check(_ connection: any SQLConnection) throws(StorageError) -> Int {
    var highest = 0
    var oldestProgram = 0
    try connection.run(
      "SELECT number, name, oldest_program, statements FROM schema_migration ORDER BY number", []
    ) { (row) throws(StorageError) in
      let number = Int(try row.integer(0))
      highest = number
      if number > migrations.count {
        oldestProgram = max(oldestProgram, Int(try row.integer(2)))
      } else if try row.text(3) != migrations[number - 1].sql {
        throw StorageError(
          .unfit,
          "migration \(number), \(try row.text(1)), was another one when it was applied to"
            + " this database: give a change a new number")
      }
    }
    guard oldestProgram <= migrations.count else {
      throw StorageError(
        .unfit,
        "the database was migrated to \(highest) by a newer program, and needs one of at"
          + " least \(oldestProgram); this one has \(migrations.count): install the newer program")
    }
    return highest
  }

  private func transaction(
    on connection: any SQLConnection, _ body: () throws(StorageError) -> Void
  ) throws(StorageError) {
    do throws(StorageError) {
      try connection.begin(.write)
      try connection.lockMigrations()
      try body()
      try connection.commit()
    } catch {
      connection.rollback()
      throw error
    }
  }
}
