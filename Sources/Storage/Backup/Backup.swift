import Cryptography
public import Platform

/// Copies of a service's data, made while it serves. Whatever the engine, a backup holds a SQLite
/// file with all rows, the blobs, and a manifest; so it can be checked without a server, and restored
/// to either engine.
public struct Backup: Sendable {
  /// How far it has come.
  public enum Progress: Sendable, Hashable {
    case pages(done: Int, of: Int)
    case rows(Int)
    case blobs(Int)
  }

  static let database = "data.sqlite"

  let service: String
  private let program: String
  let time: any TimeSource

  /// Backups of a service by a program of some version.
  public init(service: String, program: String, time: any TimeSource) {
    self.service = service
    self.program = program
    self.time = time
  }

  /// Makes a backup in a folder that is not there yet or is empty.
  ///
  /// - Throws: `StorageError`. What was written by then has no manifest, and is refused by `verify`.
  @discardableResult
  public func make(
    of source: Database, blobs: BlobStore?, into path: String,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws -> BackupManifest {
    let folder = Folder(path: path)
    let threads = BlockingThreads(count: 1, waitingMax: 16)
    try await threads.run {
      try folder.create()
      guard try folder.names().isEmpty else {
        throw StorageError(.invalid, "\(path) is not empty: give a new folder for each backup")
      }
    }
    let madeAt = time.sinceEpoch().nanoseconds / 1_000
    return try await (blobs?.keepingAll ?? { try await $0() }) {
      try await source.copy(to: "\(path)/\(Self.database)", on: threads, progress: progress)
      var manifest = try await threads.run { [self] in
        try Self.describe(
          BackupManifest(
            service: service, program: program, madeAt: madeAt, schema: 0, outboxPosition: 0),
          "\(path)/\(Self.database)", time: time)
      }
      let database = try await threads.run { () throws(StorageError) -> FileDigest? in
        try FileDigest.synced("\(path)/\(Self.database)")
      }
      manifest.add(Self.database, database)
      // After the database: whatever its rows name is there.
      for folder in try await blobs?.folders() ?? [] {
        for (name, digest) in try await threads.run({ try Self.copyBlobs(folder, to: path) }) {
          manifest.add(name, digest)
        }
        progress(.blobs(manifest.files.count - 1))
      }
      let whole = manifest
      try await threads.run {
        let part = "\(path)/\(BackupManifest.name).part"
        let file = try File(creating: part)
        try file.write(Array(whole.text.utf8))
        try file.sync()
        try folder.take(part, as: BackupManifest.name)
      }
      return whole
    }
  }

  private static func copyBlobs(
    _ folder: Folder, to path: String
  ) throws(StorageError) -> [(String, FileDigest?)] {
    let part = folder.path.split(separator: "/").last ?? ""
    let names = try folder.names().filter(Blob.isName)
    if names.isEmpty { return [] }
    try Folder(path: "\(path)/blobs").create()
    let target = Folder(path: "\(path)/blobs/\(part)")
    try target.create()
    var copied: [(String, FileDigest?)] = []
    for name in names {
      copied.append(
        (
          "blobs/\(part)/\(name)",
          try FileDigest.copying("\(folder.path)/\(name)", to: "\(target.path)/\(name)")
        ))
    }
    try target.sync()
    return copied
  }

  /// The manifest with what the copy itself says.
  private static func describe(
    _ manifest: BackupManifest, _ path: String, time: any TimeSource
  ) throws(StorageError) -> BackupManifest {
    var manifest = manifest
    let copy = try SQLiteConnection.ofBackup(path, time: time)
    manifest.schema = Int(
      try copy.first("SELECT max(number) FROM schema_migration") { (row) throws(StorageError) in
        try row.optionalInteger(0) ?? 0
      } ?? 0)
    let hasOutbox = try copy.first("SELECT 1 FROM sqlite_master WHERE name = 'outbox_relay'") {
      (_) throws(StorageError) in true
    }
    if hasOutbox == true {
      manifest.outboxPosition =
        try copy.first("SELECT last_position FROM outbox_relay") { (row) throws(StorageError) in
          try row.integer(0)
        } ?? 0
    }
    return manifest
  }
}

extension BackupManifest {
  /// Adds a file, if it is there.
  mutating func add(_ path: String, _ digest: FileDigest?) {
    guard let digest else { return }
    files.append(Entry(path: path, byteCount: digest.byteCount, sha256: digest.sha256))
  }
}
