import OperationsContracts
import Platform
import RPC
import Storage
import TypeContracts
import WellKnownTypes

/// Backups and checks, which tell how far they are.
extension RuntimeHandler {
  func startBackup(
    _ request: Operations.StartBackupRequest,
    _ responses: ResponseWriter<SaraiType.Progress>, _ context: CallContext
  ) async throws {
    try checkName(request.serviceName)
    try await following { told in
      try await backups.make(request.id, label: request.label) { told(Self.counts($0)) }
    } tell: {
      try await responses.send($0)
    }
    try await responses.send(progress(.init(done: 1, total: 1, stage: "done")))
  }

  func listBackups(
    _ request: Operations.ListBackupsRequest, _ context: CallContext
  ) async throws -> Operations.ListBackupsResponse {
    try checkName(request.serviceName)
    guard request.page?.cursor ?? "" == "" else {
      throw RPCError(
        .invalidArgument, "all backups fit one page: leave the cursor empty", reason: .cursorInvalid
      )
    }
    return Operations.ListBackupsResponse(
      backups: Array(try await backups.list().prefix(500)), page: SaraiType.PageResponse())
  }

  func verifyBackup(
    _ request: Operations.VerifyBackupRequest,
    _ responses: ResponseWriter<Operations.VerifyBackupResponse>, _ context: CallContext
  ) async throws {
    try checkName(request.serviceName)
    try await responses.send(
      Operations.VerifyBackupResponse(progress: progress(.init(stage: "reading"))))
    let fault = try await backups.verify(request.backupId)
    try await responses.send(
      Operations.VerifyBackupResponse(
        finished: true, intact: fault == nil, fault: fault.map { String($0.prefix(1_000)) } ?? ""))
  }

  func checkIntegrity(
    _ request: Operations.CheckIntegrityRequest,
    _ responses: ResponseWriter<Operations.CheckIntegrityResponse>, _ context: CallContext
  ) async throws {
    try checkName(request.serviceName)
    try await responses.send(
      Operations.CheckIntegrityResponse(progress: progress(.init(stage: "checking"))))
    var faults = try await environment.database.faults(rules: rules)
    if let check = running.integrity {
      faults += try await check { done, total in
        let counts = Counts(done: done, total: total, stage: "checking")
        try await responses.send(Operations.CheckIntegrityResponse(progress: progress(counts)))
      }
    }
    for fault in faults { environment.log.error("the data is damaged", .text("fault", fault)) }
    try await responses.send(
      Operations.CheckIntegrityResponse(
        finished: true, faults: faults.prefix(100).map { String($0.prefix(1_000)) }))
  }

  // MARK: Progress

  /// How far something is.
  struct Counts: Sendable {
    var done: Int64 = 0
    var total: Int64 = 0
    var stage: String
  }

  private static func counts(_ progress: Backup.Progress) -> Counts {
    switch progress {
    case .pages(let done, let total):
      Counts(done: Int64(done), total: Int64(total), stage: "pages")
    case .rows(let done): Counts(done: Int64(done), stage: "rows")
    case .blobs(let done): Counts(done: Int64(done), stage: "blobs")
    }
  }

  private func progress(_ counts: Counts) -> SaraiType.Progress {
    SaraiType.Progress(
      doneCount: counts.done, totalCount: counts.total, stage: counts.stage,
      asOfAt: GoogleProtobuf.Timestamp(sinceEpoch: environment.time.sinceEpoch()))
  }

  /// Runs `work`, and tells the caller of the last of what it told meanwhile.
  private func following(
    _ work: @escaping @Sendable (@escaping @Sendable (Counts) -> Void) async throws -> Void,
    tell: (SaraiType.Progress) async throws -> Void
  ) async throws {
    let (counts, told) = AsyncStream.makeStream(
      of: Counts.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { told.finish() }
        try await work { told.yield($0) }
      }
      for await count in counts { try await tell(progress(count)) }
      try await group.next()
    }
  }
}
