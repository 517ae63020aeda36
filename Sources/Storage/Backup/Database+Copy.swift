import Platform

extension Database {
  /// Writes one state of the database to a new SQLite file, while it goes on.
  func copy(
    to path: String, on threads: BlockingThreads,
    progress: @escaping @Sendable (Backup.Progress) -> Void
  ) async throws {
    switch connector.location {
    case .sqlite:
      let backup = try await onWriter { connection in
        guard let connection = connection as? SQLiteConnection else {
          throw StorageError(.invalid, "the connection is none of SQLite")
        }
        return try connection.backup(to: path)
      }
      do {
        while true {
          try Task.checkCancellation()
          // Between two steps others write.
          let (done, total, isOver) = try await onWriter { _ in try backup.step() }
          progress(.pages(done: done, of: total))
          if isOver { break }
        }
      } catch {
        try? await onWriter { _ in backup.finish() }
        throw error
      }
      try await onWriter { _ in backup.finish() }
    case .postgreSQL:
      let (connector, migrations) = (connector, migrations)
      try await threads.run {
        // Its statements are many and short; the snapshot lasts as long as they do.
        let source = try connector.connect(.read)
        let target = try SQLiteConnection(
          path: path, role: .write, timeMax: .seconds(1_000_000), time: connector.time)
        try Migrator(migrations: migrations, appliedAt: 0).run(on: target)
        try target.runScript("PRAGMA foreign_keys = OFF")
        let tables = try TableCopy.tables(of: target)
        do throws(StorageError) {
          try source.begin(.read)
          try target.begin(.write)
          try TableCopy.run(tables, from: source, to: target) { progress(.rows($0)) }
          try target.commit()
          source.rollback()
        } catch {
          source.rollback()
          target.rollback()
          throw error
        }
        // One file, without a log beside it.
        try target.runScript("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")
      }
    }
  }
}
