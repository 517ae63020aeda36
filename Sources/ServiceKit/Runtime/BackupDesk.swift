import OperationsContracts
import Platform
import RPC
import Storage
import WellKnownTypes

/// The backups of a service: a folder each, one under way at a time.
final class BackupDesk: Sendable {
  private let folder: String
  private let backup: Backup
  private let rules: [IntegrityRule]
  private let environment: ServiceEnvironment
  private let isRunning = Lock(false)

  init(_ folder: String, _ rules: [IntegrityRule], _ environment: ServiceEnvironment) {
    self.folder = folder
    self.rules = rules
    self.environment = environment
    backup = Backup(
      service: environment.name, program: SuiteVersion.text, time: environment.time)
  }

  /// Makes one; one of that id that is whole already is left as it is.
  ///
  /// - Throws: `invalidArgument` for an id that is no UUID, `alreadyExists` (ID_REUSED) for another
  ///   label, `failedPrecondition` (BACKUP_RUNNING), `resourceExhausted` (DISK_FULL).
  func make(
    _ id: String, label: String, progress: @escaping @Sendable (Backup.Progress) -> Void
  ) async throws {
    var faults = FieldFaults()
    if UUID(id) == nil { faults.add("id", "NOT_UUID", "a UUID in lower case") }
    if label.count > 60 || label.contains(where: \.isNewline) {
      faults.add("label", "TOO_LONG", "60 characters at most, on one line")
    }
    try faults.check()
    guard
      isRunning.withLock({ isRunning in
        defer { isRunning = true }
        return !isRunning
      })
    else {
      throw RPCError(
        .failedPrecondition, reason: "BACKUP_RUNNING", domain: "operations",
        "a backup is under way: wait for its end")
    }
    defer { isRunning.withLock { $0 = false } }
    let place = "\(folder)/\(id)"
    if try await find(id) != nil {
      guard labelText(id) == label else { throw RequestRecords.idReused(id) }
      return
    }
    try SystemFiles.makeFolder(folder)
    // What one that was broken off has left.
    try await Backup.discard(place)
    do {
      try SystemFiles.write("\(place).label", label)
      try await backup.make(
        of: environment.database, blobs: environment.blobs, into: place, progress: progress)
    } catch {
      environment.log.error("the backup failed", .text("id", id), .text("cause", "\(error)"))
      try? await Backup.discard(place)
      if let error = error as? StorageError, error.code == .unavailable {
        throw RPCError(
          .resourceExhausted, reason: "DISK_FULL", domain: "operations",
          "the backup's disk is full or failing: make room, then try again")
      }
      throw error
    }
    environment.log.info("backed up", .text("id", id), .text("folder", place))
  }

  /// All that are whole, the newest first.
  func list() async throws -> [Operations.Backup] {
    guard SystemFiles.exists(folder) else { return [] }
    return try await Backup.list(in: folder)
      .sorted { $0.manifest.madeAt > $1.manifest.madeAt }.map(described)
  }

  /// Reads one whole.
  ///
  /// - Returns: what is wrong with it; nil when nothing is.
  func verify(_ id: String) async throws -> String? {
    guard try await find(id) != nil else {
      throw RPCError(.notFound, "there is no backup `\(id.prefix(40))`: ListBackups names them")
    }
    do {
      try await backup.verify("\(folder)/\(id)", rules: rules)
      return nil
    } catch let error as StorageError where error.code == .unfit {
      return error.description
    }
  }

  private func find(_ id: String) async throws -> Backup.Listed? {
    guard UUID(id) != nil, SystemFiles.exists(folder) else { return nil }
    return try await Backup.list(in: folder).first { $0.name == id }
  }

  private func labelText(_ id: String) -> String {
    (try? SystemFiles.text("\(folder)/\(id).label")) ?? ""
  }

  private func described(_ listed: Backup.Listed) -> Operations.Backup {
    Operations.Backup(
      id: listed.name, serviceName: environment.name, label: labelText(listed.name),
      startedAt: GoogleProtobuf.Timestamp(sinceEpoch: .microseconds(listed.manifest.madeAt)),
      endedAt: GoogleProtobuf.Timestamp(sinceEpoch: listed.endedAt),
      sizeBytes: listed.byteCount, sha256: listed.sha256,
      outboxPosition: listed.manifest.outboxPosition, location: "\(folder)/\(listed.name)")
  }
}
