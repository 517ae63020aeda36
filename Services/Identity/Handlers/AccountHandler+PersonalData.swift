internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes
internal import Wire

/// What the law lets people take away: a copy of their data, and its erasure.
extension AccountHandler {
  // MARK: Export

  /// Chunks of a download are this long at most.
  private static let chunkBytesMax = 64 << 10

  func exportMyData(
    _ request: Identity.ExportMyDataRequest,
    _ responses: ResponseWriter<SaraiType.BlobChunk>, _ context: CallContext
  ) async throws {
    let id = try context.person()
    let origin = environment.origin(context)
    let document = try await environment.database.write { session in
      let document = try export(of: id, at: origin.occurredAt, session)
      try AuditLog.add("person.export", to: "person", id, by: origin, session: session)
      return document
    }
    let info = SaraiType.BlobInfo(
      id: environment.newID().description, fileName: "sarai-identity.json",
      mediaType: "application/json", sizeBytes: Int64(document.count),
      sha256: SHA256.digest(document),
      uploadedAt: GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt),
      uploadedBy: origin.actor)
    var offset = 0
    repeat {
      let end = min(offset + Self.chunkBytesMax, document.count)
      try await responses.send(
        SaraiType.BlobChunk(
          info: offset == 0 ? info : nil, offsetBytes: Int64(offset),
          chunk: Array(document[offset..<end])))
      offset = end
    } while offset < document.count
  }

  private func export(
    of id: UUID, at now: Duration, _ session: any SQLSession
  ) throws -> [UInt8] {
    let person = try PersonStore.message(
      try PersonStore.get(id, session), at: now, environment.vault, session)
    let sessions = try SessionStore.list(
      of: id, endedSince: .zero, at: now, after: nil, countMax: 1_000, session)
    let entries = try AuditLog.entries(
      AuditLog.Filter(actorKey: id.description), before: .max, countMax: 10_000, session)
    func json(_ message: some Message) throws -> String {
      String(decoding: try message.encoded(as: .json), as: UTF8.self)
    }
    func list(_ messages: [some Message]) throws -> String {
      "[" + (try messages.map(json)).joined(separator: ",\n") + "]"
    }
    let members: [(String, String)] = [
      ("person", try json(person)),
      ("memberships", try list(try MembershipStore.all(of: id, session).map(\.message))),
      ("authenticators", try list(try FactorStore.all(of: id, session).map(\.message))),
      ("sessions", try list(sessions.map { $0.message(isPresent: false, at: now) })),
      ("erasures", try list(try ErasureStore.all(of: id, session).map(\.message))),
      ("auditEntries", try list(entries)),
    ]
    let body = members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ",\n")
    return Array("{\n\(body)\n}\n".utf8)
  }

  // MARK: Erasure

  func requestErasure(
    _ request: Identity.RequestErasureRequest, _ context: CallContext
  ) async throws -> Identity.Erasure {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    return try await environment.once(request, id: id, context) { session, origin in
      // One wish at a time: another one is the same wish.
      if let open = try ErasureStore.all(of: person, session).first(where: {
        $0.message.state == .waiting || $0.message.state == .running
      }) {
        return open.message
      }
      guard try !MembershipStore.isOnlyOwner(person, session) else {
        throw IdentityError.refused(.ownerLast)
      }
      let now = origin.occurredAt
      let erasure = ErasureRecord(
        message: Identity.Erasure(
          id: id.description, personId: person.description, state: .waiting,
          requestedAt: GoogleProtobuf.Timestamp(sinceEpoch: now),
          effectiveAt: GoogleProtobuf.Timestamp(
            sinceEpoch: now + ErasureRecord.withdrawnWithin)))
      try ErasureStore.insert(erasure, session)
      var record = try PersonStore.get(person, session)
      try change(&record, to: .erasing, origin, session)
      try AuditLog.add("erasure.request", to: "erasure", id, by: origin, session: session)
      return erasure.message
    }
  }

  func withdrawErasure(
    _ request: Identity.WithdrawErasureRequest, _ context: CallContext
  ) async throws -> Identity.Erasure {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var erasure = try ErasureStore.get(id, session)
      guard erasure.message.personId == person.description else {
        throw IdentityError.notFound("Erasure")
      }
      switch erasure.message.state {
      case .withdrawn: return erasure.message
      case .waiting: break
      default: throw IdentityError.refused(.erasureDone)
      }
      erasure.message.state = .withdrawn
      try ErasureStore.update(erasure, session)
      var record = try PersonStore.get(person, session)
      if record.state == .erasing { try change(&record, to: .active, origin, session) }
      try AuditLog.add("erasure.withdraw", to: "erasure", id, by: origin, session: session)
      return erasure.message
    }
  }

  func getErasure(
    _ request: Identity.GetErasureRequest, _ context: CallContext
  ) async throws -> Identity.Erasure {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let erasure = try await environment.database.read { session in
      try ErasureStore.get(id, session)
    }
    guard erasure.message.personId == person.description else {
      throw IdentityError.notFound("Erasure")
    }
    return erasure.message
  }

  func reportErasure(
    _ request: Identity.ReportErasureRequest, _ context: CallContext
  ) async throws -> Identity.Erasure {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.range(request.retained.count, "retained", 0...100)
    try faults.check()
    let service = context.caller.serviceName ?? ""
    let origin = environment.origin(context)
    return try await environment.database.write { session in
      var erasure = try ErasureStore.get(id, session)
      guard erasure.message.state == .running else { return erasure.message }
      guard erasure.reported.insert(service).inserted else { return erasure.message }
      for var kept in request.retained {
        kept.serviceName = service
        erasure.message.retained.append(kept)
      }
      if erasure.reported.isSuperset(of: ErasureRecord.services) {
        erasure.message.state = .done
        erasure.message.completedAt = GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt)
      }
      try ErasureStore.update(erasure, session)
      try AuditLog.add(
        "erasure.report", to: "erasure", id, reason: service, by: origin, session: session)
      return erasure.message
    }
  }

  /// Erases the people whose 14 days are over: a background job.
  ///
  /// - Returns: how many.
  @discardableResult
  func eraseDue() async throws -> Int {
    let origin = Origin(service: "identity", at: environment.time.sinceEpoch())
    let ended = try await environment.database.write { session in
      try ErasureStore.due(at: origin.occurredAt, countMax: 50, session).map {
        try erase($0, origin, session)
      }
    }
    for sessions in ended { environment.refuse(sessions) }
    return ended.count
  }

  /// What identity keeps: the audit log, which names the person by id alone.
  private func erase(
    _ erasure: ErasureRecord, _ origin: Origin, _ session: any SQLSession
  ) throws -> [UUID] {
    var erasure = erasure
    guard let id = UUID(erasure.message.personId) else { return [] }
    var person = try PersonStore.get(id, session)
    erasure.message.state = .running
    erasure.message.retained.append(
      Identity.RetainedRecord(
        serviceName: "identity", what: "audit log, by the person's number alone",
        legalBasis: "Anti-Money Laundering Act 2010, section 7C",
        keepUntil: nil))
    try ErasureStore.update(erasure, session)
    let ended = try SessionStore.endAll(
      of: id, at: origin.occurredAt, newID: environment.newID, session)
    try ApiKeyStore.revokeAll(of: id, by: origin, newID: environment.newID, session)
    try MembershipStore.removeAll(of: id, by: origin, feed: environment.feed, session)
    try FactorStore.removeAll(of: id, session)
    try ContactStore.removeAll(of: id, session)
    try SessionStore.forgetPlaces(of: id, session)
    person.state = .erased
    person.displayName = "Erased person"
    person.timeZone = ""
    person.password = ""
    person.stamp?.change(by: origin)
    try PersonStore.update(person, session)
    try environment.feed.add(.personErased, of: id, by: origin, session: session) {
      $0.person = person.name
      $0.erasure = erasure.message
    }
    try AuditLog.add("person.erase", to: "person", id, by: origin, session: session)
    return ended
  }
}
