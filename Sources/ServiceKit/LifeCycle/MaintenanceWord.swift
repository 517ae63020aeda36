import Access
import Platform
import Storage

/// What a service's program can do instead of serving, mostly while the service is stopped.
enum MaintenanceWord: String, CaseIterable {
  case backup, restore, verify, check
  case addKey = "add-key"

  /// The first word, if it is one of these.
  init?(taking words: inout [String]) {
    guard let first = words.first, let word = Self(rawValue: first) else { return nil }
    words.removeFirst()
    self = word
  }

  /// What `--help` says of it.
  var meaning: String {
    switch self {
    case .backup: "copies the data of the stopped service to the new folder `--to`"
    case .restore: "puts the backup in `--from` where there is no data yet"
    case .verify: "reads the backup in `--from` whole and tells whether it is intact"
    case .check: "tells whether the data of the stopped service is whole and its rules are kept"
    case .addKey: "puts a new key before those of the key file; RotateKeyFile then uses it"
    }
  }

  /// Asks for the folder that it needs; empty if none.
  func folder(_ settings: inout Settings) -> String {
    switch self {
    case .backup: settings.text("to", "the new folder for the backup")
    case .restore, .verify: settings.text("from", "the folder of the backup")
    case .check, .addKey: ""
    }
  }
}

/// Does it.
struct Maintenance {
  let service: String
  let migrations: [Migration]
  let rules: [IntegrityRule]
  let settings: ServiceSettings
  let time: any TimeSource

  private var blobFolder: String { "\(settings.dataFolder)/blobs" }

  /// - Returns: what came of it, for the operator.
  /// - Throws: why it could not be done.
  func run(_ word: MaintenanceWord, _ folder: String) async throws -> String {
    let backup = Backup(service: service, program: SuiteVersion.text, time: time)
    switch word {
    case .backup:
      let manifest = try await onDatabase { database in
        let blobs = try BlobStore(folder: blobFolder, time: time, random: SystemRandom())
        return try await backup.make(of: database, blobs: blobs, into: folder)
      }
      return "backed up to \(folder), files: \(manifest.files.count)"
    case .restore:
      try SystemFiles.makeFolder(settings.dataFolder)
      try await backup.restore(
        folder, to: settings.database, blobFolder: blobFolder, migrations: migrations, rules: rules)
      return "restored from \(folder)"
    case .verify:
      try await backup.verify(folder, rules: rules)
      return "\(folder) is intact"
    case .check:
      let faults = try await onDatabase { try await $0.faults(rules: rules) }
      guard faults.isEmpty else { throw SettingsError(faults.joined(separator: "\n")) }
      return "the data is whole"
    case .addKey:
      try KeyFile.addKey(path: settings.keyFile, at: time.sinceEpoch(), SystemRandom())
      return "\(settings.keyFile) has a new key: have RotateKeyFile use it"
    }
  }

  private func onDatabase<Value: Sendable>(
    _ body: (Database) async throws -> Value
  ) async throws -> Value {
    try SystemFiles.makeFolder(settings.dataFolder)
    let database = try await Database(settings.database, migrations: migrations, time: time)
    let result: Result<Value, any Error>
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    await database.stop()
    return try result.get()
  }
}
