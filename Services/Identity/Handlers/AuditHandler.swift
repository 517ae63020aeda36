internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// Reads, verifies and exports the audit log.
struct AuditHandler: Identity.AuditService {
  let environment: IdentityEnvironment

  /// How many entries one read of a long walk takes: a read transaction must stay short.
  private static let stretchMax = 500
  /// How much of an export one message carries.
  private static let chunkBytesMax = 64 << 10

  func listAuditEntries(
    _ request: Identity.ListAuditEntriesRequest, _ context: CallContext
  ) async throws -> Identity.ListAuditEntriesResponse {
    let page = try context.page(\.page, of: request)
    let filter = AuditLog.Filter(
      actorKey: request.actorId, organisationID: request.organisationId,
      objectID: request.objectId, action: request.action,
      occurred: try Self.range(request.occurred))
    let before = page.after?.first.flatMap { Int64($0) } ?? .max
    let found = try await environment.database.read { session in
      try AuditLog.entries(filter, before: before, countMax: page.size + 1, session)
    }
    let (entries, next) = page.cut(found) { [String($0.sequence)] }
    return Identity.ListAuditEntriesResponse(entries: entries, page: next)
  }

  func getAuditEntry(
    _ request: Identity.GetAuditEntryRequest, _ context: CallContext
  ) async throws -> Identity.AuditEntry {
    let entry = try await environment.database.read { session in
      try AuditLog.entry(request.sequence, session)
    }
    guard let entry else { throw IdentityError.notFound("AuditEntry") }
    return entry
  }

  func getAuditHead(
    _ request: Identity.GetAuditHeadRequest, _ context: CallContext
  ) async throws -> Identity.GetAuditHeadResponse {
    let head = try await environment.database.read { try AuditLog.head($0) }
    return Identity.GetAuditHeadResponse(
      sequence: head.sequence, hash_: head.hash,
      asOfAt: GoogleProtobuf.Timestamp(sinceEpoch: environment.time.sinceEpoch()))
  }

  func verifyAuditChain(
    _ request: Identity.VerifyAuditChainRequest,
    _ responses: ResponseWriter<Identity.VerifyAuditChainResponse>, _ context: CallContext
  ) async throws {
    var faults = FieldFaults()
    if request.fromSequence < 0 { faults.add("from_sequence", "OUT_OF_RANGE", "give 0 or more") }
    if request.toSequence < 0 { faults.add("to_sequence", "OUT_OF_RANGE", "give 0 or more") }
    if !request.anchorHash.isEmpty, request.anchorHash.count != AuditChain.start.count {
      faults.add("anchor_hash", "LENGTH", "give the 32 bytes of a hash")
    }
    try faults.check()
    let first = max(1, request.fromSequence)
    let (start, head) = try await environment.database.read { session in
      (try Self.chain(before: first, session), try AuditLog.head(session))
    }
    let last = request.toSequence == 0 ? head.sequence : request.toSequence
    var chain = start
    while let reached = chain, reached.sequence < last {
      let count = min(Self.stretchMax, Int(last - reached.sequence))
      let stored = try await environment.database.read { session in
        try AuditLog.entries(after: reached.sequence, countMax: count, session)
      }
      var next = reached
      // First as far as it goes: what is missing is missing behind that.
      let isIntact = stored.allSatisfy { stored in
        stored.entry.map { next.follow($0) } ?? false
      }
      guard isIntact, stored.count == count else {
        return try await answer(responses, first...last, next.sequence + 1)
      }
      chain = next
      if next.sequence < last {
        try await responses.send(
          Identity.VerifyAuditChainResponse(progress: progress(next.sequence, first...last)))
      }
    }
    guard let chain else { return try await answer(responses, first...max(first, last), first) }
    // The head says where the log ends, the anchor what it was known to be.
    let ends = chain.sequence != head.sequence || chain.hash == head.hash
    let isAnchored = request.anchorHash.isEmpty || request.anchorHash == chain.hash
    let broken = ends && isAnchored ? nil : max(first, chain.sequence)
    try await answer(responses, first...max(first, last), broken)
  }

  /// The chain up to before an entry; nil when the entry before is missing or no entry.
  private static func chain(before first: Int64, _ session: any SQLSession) throws -> AuditChain? {
    if first == 1 { return AuditChain() }
    let stored = try AuditLog.entries(after: first - 2, countMax: 1, session).first
    guard let entry = stored?.entry, entry.sequence == first - 1 else { return nil }
    return AuditChain(sequence: entry.sequence, hash: entry.hash_)
  }

  private func progress(_ done: Int64, _ range: ClosedRange<Int64>) -> SaraiType.Progress {
    SaraiType.Progress(
      doneCount: max(0, done - range.lowerBound + 1),
      totalCount: range.upperBound - range.lowerBound + 1, stage: "verifying",
      asOfAt: GoogleProtobuf.Timestamp(sinceEpoch: environment.time.sinceEpoch()))
  }

  private func answer(
    _ responses: ResponseWriter<Identity.VerifyAuditChainResponse>, _ range: ClosedRange<Int64>,
    _ broken: Int64?
  ) async throws {
    try await responses.send(
      Identity.VerifyAuditChainResponse(
        progress: progress(broken.map { $0 - 1 } ?? range.upperBound, range), finished: true,
        intact: broken == nil, firstBrokenSequence: broken ?? 0))
  }

  func exportAuditEntries(
    _ request: Identity.ExportAuditEntriesRequest,
    _ responses: ResponseWriter<SaraiType.BlobChunk>, _ context: CallContext
  ) async throws {
    let range = try Self.range(request.occurred)
    let origin = environment.origin(context)
    let id = environment.newID()
    // What leaves the house leaves a trace, before the first byte of it.
    let head = try await environment.database.write { session in
      try AuditLog.add("audit.export", to: "audit_log", id, by: origin, session: session)
      return try AuditLog.head(session)
    }
    var info: SaraiType.BlobInfo? = SaraiType.BlobInfo(
      id: id.description, fileName: "audit-\(head.sequence).ndjson",
      mediaType: "application/x-ndjson")
    var offset: Int64 = 0
    var lines: [UInt8] = []
    var last: Int64 = 0
    while last < head.sequence {
      let after = last
      let stored = try await environment.database.read { session in
        try AuditLog.entries(after: after, countMax: Self.stretchMax, session)
      }
      if stored.isEmpty { break }
      for one in stored where one.sequence <= head.sequence && range.contains(one.occurredAt) {
        let entry = try Identity.AuditEntry(decoding: one.bytes, as: .native)
        lines += try entry.encoded(as: .json)
        lines.append(UInt8(ascii: "\n"))
        while lines.count >= Self.chunkBytesMax { try await send(Self.chunkBytesMax) }
      }
      last = stored.last?.sequence ?? head.sequence
    }
    try await send(lines.count)

    func send(_ count: Int) async throws {
      try await responses.send(
        SaraiType.BlobChunk(info: info, offsetBytes: offset, chunk: Array(lines.prefix(count))))
      info = nil
      offset += Int64(count)
      lines.removeFirst(count)
    }
  }

  private static func range(
    _ range: SaraiType.TimeRange?
  ) throws(RPCError) -> Range<Int64> {
    let from = range?.fromAt?.sinceEpoch.wholeMicroseconds ?? 0
    let to = range?.toAt?.sinceEpoch.wholeMicroseconds ?? .max
    guard from >= 0, from < to else {
      throw FieldFaults.error("occurred", "RANGE_EMPTY", "give an end after the beginning")
    }
    return from..<to
  }
}
