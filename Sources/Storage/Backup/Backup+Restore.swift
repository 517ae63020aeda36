/// A rule of a service that its data must keep, such as ledgers that sum to zero.
public struct IntegrityRule: Sendable {
  /// What it says.
  public let name: String
  let faults: @Sendable (any SQLSession) throws -> [String]

  /// A rule; `faults` reads and says what breaks it.
  public init(
    _ name: String, faults: @escaping @Sendable (any SQLSession) throws -> [String]
  ) {
    self.name = name
    self.faults = faults
  }
}

extension Backup {
  /// Checks a backup: every file as it was written, the database whole, its rules kept.
  ///
  /// - Throws: `unfit` with the first thing that is wrong.
  @discardableResult
  public func verify(
    _ path: String, rules: [IntegrityRule] = []
  ) async throws -> BackupManifest {
    let threads = BlockingThreads(count: 1, waitingMax: 16)
    return try await threads.run { [self] in
      guard let file = try File(reading: "\(path)/\(BackupManifest.name)") else {
        throw StorageError(
          .unfit, "\(path) has no manifest: the backup was not finished, take another")
      }
      let text = try file.read(at: 0, countMax: 256 << 20)
      let manifest = try BackupManifest(String(decoding: text, as: UTF8.self))
      guard manifest.service == self.service else {
        throw StorageError(
          .unfit, "the backup is one of \(manifest.service), not of \(self.service)")
      }
      for entry in manifest.files {
        let wanted = FileDigest(byteCount: entry.byteCount, sha256: entry.sha256)
        guard try FileDigest.of("\(path)/\(entry.path)") == wanted else {
          throw StorageError(.unfit, "\(path)/\(entry.path) is missing or not as it was written")
        }
      }
      let copy = try SQLiteConnection.ofBackup("\(path)/\(Backup.database)", time: time)
      if let fault = try Integrity.faults(of: copy, rules: rules).first {
        throw StorageError(.unfit, "\(path): \(fault)")
      }
      return manifest
    }
  }

  /// Puts a backup, which is verified first, where there is nothing, for a service that is stopped.
  ///
  /// - Parameter blobFolder: Where the service keeps its blobs: empty or not there.
  /// - Throws: `unavailable` when a process has the database, `invalid` when something is there.
  public func restore(
    _ path: String, to location: DatabaseLocation, blobFolder: String?, migrations: [Migration],
    rules: [IntegrityRule] = [], progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws {
    let manifest = try await verify(path, rules: rules)
    let threads = BlockingThreads(count: 1, waitingMax: 16)
    let connector = Connector(location: location, options: DatabaseOptions(), time: time)
    try await threads.run { [self] in
      let lock = try connector.lock()
      defer { lock?.release() }
      let blobs = manifest.files.filter { $0.path != Backup.database }
      if let blobFolder {
        guard try Folder(path: blobFolder).names().allSatisfy({ $0 == "unfinished" }) else {
          throw Self.occupied(blobFolder)
        }
      } else if !blobs.isEmpty {
        throw StorageError(.invalid, "the backup has blobs: say where they go")
      }
      // Blobs first: rows come only when what they name is there.
      for (index, entry) in blobs.enumerated() {
        try Self.restore(entry, from: path, to: blobFolder ?? "")
        progress(.blobs(index + 1))
      }
      let file = "\(path)/\(Backup.database)"
      switch location {
      case .sqlite(let target): try Self.restore(file, to: target)
      case .postgreSQL:
        let source = try SQLiteConnection.ofBackup(file, time: time)
        try Self.restore(source, migrations, to: try connector.connect(.write)) {
          progress(.rows($0))
        }
      }
    }
  }

  private static func occupied(_ place: String) -> StorageError {
    StorageError(.invalid, "\(place) is not empty: a backup is restored to an empty place only")
  }

  private static func restore(
    _ entry: BackupManifest.Entry, from path: String, to folder: String
  ) throws(StorageError) {
    let parts = entry.path.split(separator: "/").map(String.init)
    try Folder(path: folder).create()
    let target = Folder(path: "\(folder)/\(parts[1])")
    try target.create()
    _ = try FileDigest.copying("\(path)/\(entry.path)", to: "\(target.path)/\(parts[2])")
    try target.sync()
  }

  private static func restore(_ file: String, to target: String) throws(StorageError) {
    let slash = target.lastIndex(of: "/")
    let folder = Folder(path: slash.map { String(target[..<$0]) } ?? ".")
    let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
    guard folder.byteCount(name) == nil, folder.byteCount("\(name)-wal") == nil else {
      throw occupied(target)
    }
    try folder.remove("\(name).restoring")
    _ = try FileDigest.copying(file, to: "\(target).restoring")
    try folder.take("\(target).restoring", as: name)
  }

  private static func restore(
    _ source: SQLiteConnection, _ migrations: [Migration], to target: any SQLConnection,
    progress: (Int) -> Void
  ) throws(StorageError) {
    do throws(StorageError) {
      try target.begin(.write)
      let isThere = try target.first(
        "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1"
      ) { (_) throws(StorageError) in true }
      try target.commit()
      if isThere == true { throw occupied("the database") }
      try Migrator(migrations: migrations, appliedAt: 0).run(on: target)
      let tables = try TableCopy.tables(of: source)
      try source.begin(.read)
      try target.begin(.write)
      try TableCopy.run(tables, from: source, to: target, progress: progress)
      try target.commit()
      source.rollback()
    } catch {
      target.rollback()
      source.rollback()
      throw error
    }
  }
}
