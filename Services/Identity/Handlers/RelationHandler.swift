internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts

/// Relation tuples: questions about them, lists of them, and their changes.
struct RelationHandler: Identity.RelationService {
  let environment: IdentityEnvironment
  private let schema = RelationSchema.programme

  init(environment: IdentityEnvironment) { self.environment = environment }

  private static let questionsMax = 500
  private static let factsMax = 500
  private static let conditionsMax = 16
  private static let expandDepths: ClosedRange<Int32> = 1...16
  private static let expandDepthDefault: Int32 = 4
  /// How many changes a stream reads at a time: each may be of a thousand facts.
  private static let changesMax = 8
  /// How long a stream that has sent everything waits before it looks again.
  private static let streamWait = Duration.milliseconds(100)

  // MARK: Questions

  func checkRelation(
    _ request: Identity.CheckRelationRequest, _ context: CallContext
  ) async throws -> Identity.CheckRelationResponse {
    let (answers, position) = try await check(
      [request.tuple].compactMap(\.self), "tuple", request.atLeastPosition)
    return Identity.CheckRelationResponse(allowed: answers.first ?? false, position: position)
  }

  func batchCheckRelations(
    _ request: Identity.BatchCheckRelationsRequest, _ context: CallContext
  ) async throws -> Identity.BatchCheckRelationsResponse {
    let (answers, position) = try await check(request.tuples, "tuples", request.atLeastPosition)
    return Identity.BatchCheckRelationsResponse(allowed: answers, position: position)
  }

  private func check(
    _ tuples: [Identity.RelationTuple], _ field: String, _ position: Int64
  ) async throws -> ([Bool], Int64) {
    var reader = RelationReader(schema)
    reader.faults.range(tuples.count, field, 1...Self.questionsMax)
    let facts = tuples.prefix(Self.questionsMax).enumerated().map { index, tuple in
      reader.question(tuple, field == "tuple" ? field : "\(field)[\(index)]")
    }
    try reader.check()
    return try await environment.database.read { session in
      let head = try RelationStore.head(session)
      guard head >= position else { throw IdentityError.positionAhead }
      let answers = try facts.map { fact in
        var check = RelationCheck(of: fact.subject, schema, StoredRelations(session: session))
        return try check.holds(fact.userset)
      }
      return (answers, head)
    }
  }

  func expandRelation(
    _ request: Identity.ExpandRelationRequest, _ context: CallContext
  ) async throws -> Identity.ExpandRelationResponse {
    var reader = RelationReader(schema)
    let userset = reader.userset(request.objectKind, request.objectId, request.relation)
    let depth = request.depthMax == 0 ? Self.expandDepthDefault : request.depthMax
    reader.faults.range(depth, "depth_max", Self.expandDepths)
    try reader.check()
    return try await environment.database.read { session in
      var walk = RelationWalk(schema, StoredRelations(session: session))
      return Identity.ExpandRelationResponse(
        root: try walk.expand(userset, depth: Int(depth)),
        position: try RelationStore.head(session))
    }
  }

  // MARK: Lists

  func listObjects(
    _ request: Identity.ListObjectsRequest, _ context: CallContext
  ) async throws -> Identity.ListObjectsResponse {
    let page = try context.page(\.page, of: request)
    var reader = RelationReader(schema)
    let subject = reader.object(request.subjectKind, request.subjectId, "subject")
    reader.relation(request.objectKind, request.relation, "relation")
    try reader.check()
    let found = try await environment.database.read { session in
      var walk = RelationWalk(schema, StoredRelations(session: session))
      return try walk.objects(of: subject, request.relation, kind: request.objectKind)
    }
    let (items, answer) = page.part(of: found)
    return Identity.ListObjectsResponse(objects: items, page: answer)
  }

  func listSubjects(
    _ request: Identity.ListSubjectsRequest, _ context: CallContext
  ) async throws -> Identity.ListSubjectsResponse {
    let page = try context.page(\.page, of: request)
    var reader = RelationReader(schema)
    let userset = reader.userset(request.objectKind, request.objectId, request.relation)
    if !request.subjectKind.isEmpty { reader.kind(request.subjectKind, "subject_kind") }
    try reader.check()
    let found = try await environment.database.read { session in
      var walk = RelationWalk(schema, StoredRelations(session: session))
      return try walk.subjects(of: userset, kind: request.subjectKind)
    }
    let (items, answer) = page.part(of: found)
    return Identity.ListSubjectsResponse(subjects: items, page: answer)
  }

  func listTuples(
    _ request: Identity.ListTuplesRequest, _ context: CallContext
  ) async throws -> Identity.ListTuplesResponse {
    let page = try context.page(\.page, of: request)
    var reader = RelationReader(schema)
    if !request.objectKind.isEmpty { reader.kind(request.objectKind, "object_kind") }
    if !request.objectId.isEmpty, request.objectKind.isEmpty {
      reader.faults.add("object_kind", "REQUIRED", "an object is named by kind and id")
    }
    try reader.check()
    let filter = RelationStore.Filter(
      objectKind: request.objectKind, objectID: request.objectId, relation: request.relation,
      subjectID: request.subjectId)
    let found = try await environment.database.read { session in
      try RelationStore.list(filter, after: page.after, countMax: page.size + 1, session)
    }
    let shown = found.prefix(page.size).map(\.message)
    let next =
      found.count > page.size
      ? shown.indices.last.map { page.cursor(RelationStore.key(found[$0])) }
      : nil
    return Identity.ListTuplesResponse(
      tuples: shown, page: SaraiType.PageResponse(nextCursor: next ?? ""))
  }

  // MARK: Changes

  func writeTuples(
    _ request: Identity.WriteTuplesRequest, _ context: CallContext
  ) async throws -> Identity.WriteTuplesResponse {
    var reader = RelationReader(schema)
    let id = reader.faults.id(request.id, "id")
    reader.faults.reason(request.reason)
    reader.faults.range(request.additions.count, "additions", 0...Self.factsMax)
    reader.faults.range(request.removals.count, "removals", 0...Self.factsMax)
    reader.faults.range(request.conditions.count, "conditions", 0...Self.conditionsMax)
    if request.additions.isEmpty, request.removals.isEmpty {
      reader.faults.add("additions", "REQUIRED", "add or remove something")
    }
    let additions = reader.changes(request.additions.prefix(Self.factsMax), "additions")
    let removals = reader.changes(request.removals.prefix(Self.factsMax), "removals")
    let conditions = request.conditions.prefix(Self.conditionsMax).enumerated().map {
      reader.question($1, "conditions[\($0)]")
    }
    if !Set(additions).isDisjoint(with: removals) {
      reader.faults.add("removals", "CONTRADICTORY", "none may stand in both")
    }
    try reader.check()
    return try await environment.once(request, id: id, context) { session, origin in
      let source = StoredRelations(session: session)
      for condition in conditions {
        guard try source.has(condition) else { throw IdentityError.refused(.relationCondition) }
      }
      let position = try RelationStore.write(
        adding: additions, removing: removals, at: origin.occurredAt, session)
      try RelationStore.insertWrite(id, position: position, at: origin.occurredAt, session)
      try AuditLog.add(
        "relation.write", to: "relation_write", id, reason: request.reason,
        changes: [
          "additions": "\(additions.count)", "removals": "\(removals.count)",
          "position": "\(position)",
        ], by: origin, session: session)
      return Identity.WriteTuplesResponse(position: position)
    }
  }

  func getWrite(
    _ request: Identity.GetWriteRequest, _ context: CallContext
  ) async throws -> Identity.GetWriteResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let found = try await environment.database.read { try RelationStore.findWrite(id, $0) }
    guard let found else { throw IdentityError.notFound("Write") }
    return found
  }

  func streamTupleChanges(
    _ request: Identity.StreamTupleChangesRequest,
    _ responses: ResponseWriter<Identity.StreamTupleChangesResponse>, _ context: CallContext
  ) async throws {
    var reader = RelationReader(schema)
    if !request.objectKind.isEmpty { reader.kind(request.objectKind, "object_kind") }
    reader.faults.range(request.afterPosition, "after_position", 0...Int64.max)
    try reader.check()
    var position = request.afterPosition
    let head = try await environment.database.read { try RelationStore.head($0) }
    // A database that was restored from a backup begins to count again where it stood.
    guard position <= head else { throw IdentityError.refused(.positionLost) }
    while true {
      let after = position
      let changes = try await environment.database.read { session in
        try RelationStore.changes(after: after, countMax: Self.changesMax, session)
      }
      for change in changes {
        position = change.position
        if !request.objectKind.isEmpty, change.tuple?.object?.kind != request.objectKind {
          continue
        }
        try await responses.send(change)
      }
      if changes.isEmpty {
        await environment.time.sleep(until: environment.time.now() + Self.streamWait)
        try context.checkGoesOn()
      }
    }
  }
}
