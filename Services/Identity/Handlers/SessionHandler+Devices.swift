internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import WellKnownTypes

/// A person's devices: listing and ending their sessions.
extension SessionHandler {
  func signOut(
    _ request: Identity.SignOutRequest, _ context: CallContext
  ) async throws -> Identity.SignOutResponse {
    let person = try context.person()
    guard let present = context.caller.sessionID else { return Identity.SignOutResponse() }
    try await end(present, of: person, context)
    return Identity.SignOutResponse()
  }

  func listSessions(
    _ request: Identity.ListSessionsRequest, _ context: CallContext
  ) async throws -> Identity.ListSessionsResponse {
    let person = try context.person()
    let present = context.caller.sessionID
    let page = try context.page(\.page, of: request)
    let now = environment.time.sinceEpoch()
    var after: (seen: Int64, id: String)?
    if let key = page.after {
      guard key.count == 2, let seen = Int64(key[0]) else { throw RPCError.cursorInvalid }
      after = (seen, key[1])
    }
    let found = try await environment.database.read { [after] session in
      try SessionStore.list(
        of: person, endedSince: request.withEnded ? now - SessionLife.shownAfterEnd : nil,
        at: now, after: after, countMax: page.size + 1, session)
    }
    // Cursors go by the exact time, which the message rounds.
    let keys = Dictionary(
      uniqueKeysWithValues: found.map {
        ($0.id.description, String($0.lastSeenAt.wholeMicroseconds))
      })
    let messages = found.map { $0.message(isPresent: $0.id == present, at: now) }
    let (items, response) = page.cut(messages) { [keys[$0.id] ?? "", $0.id] }
    return Identity.ListSessionsResponse(sessions: items, page: response)
  }

  func revokeSession(
    _ request: Identity.RevokeSessionRequest, _ context: CallContext
  ) async throws -> Identity.RevokeSessionResponse {
    let person = try context.person()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    try await end(id, of: person, context)
    return Identity.RevokeSessionResponse()
  }

  private func end(_ id: UUID, of person: UUID, _ context: CallContext) async throws {
    let origin = environment.origin(context)
    try await environment.database.write { session in
      guard let one = try SessionStore.find(id, session), one.personID == person else {
        throw IdentityError.notFound("Session")
      }
      guard
        try SessionStore.end(id, at: origin.occurredAt, newID: environment.newID, session)
      else { return }
      try AuditLog.add("session.revoke", to: "session", id, by: origin, session: session)
    }
    environment.refuse([id])
  }

  func revokeAllSessions(
    _ request: Identity.RevokeAllSessionsRequest, _ context: CallContext
  ) async throws -> Identity.RevokeAllSessionsResponse {
    let person = try context.person()
    let kept = request.keepPresent ? context.caller.sessionID : nil
    let origin = environment.origin(context)
    let ended = try await environment.database.write { session in
      let ended = try SessionStore.endAll(
        of: person, but: kept, at: origin.occurredAt, newID: environment.newID, session)
      if !ended.isEmpty {
        try AuditLog.add(
          "session.revoke_all", to: "person", person, by: origin, session: session)
      }
      return ended
    }
    environment.refuse(ended)
    return Identity.RevokeAllSessionsResponse(revokedCount: Int32(ended.count))
  }
}
