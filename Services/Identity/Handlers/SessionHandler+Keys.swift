internal import Access
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage

/// The keys that sign tokens, and what was revoked.
extension SessionHandler {
  func getKeySet(
    _ request: Identity.GetKeySetRequest, _ context: CallContext
  ) async throws -> Identity.GetKeySetResponse {
    let now = environment.time.sinceEpoch()
    return try await environment.database.read { session in
      Identity.GetKeySetResponse(
        keys: try SigningKeyStore.verifying(at: now, session).map(\.jsonWebKey))
    }
  }

  func listSigningKeys(
    _ request: Identity.ListSigningKeysRequest, _ context: CallContext
  ) async throws -> Identity.ListSigningKeysResponse {
    let page = try context.page(\.page, of: request)
    let now = environment.time.sinceEpoch()
    let all = try await environment.database.read { session in try SigningKeyStore.all(session) }
    let messages = all.map { $0.message(among: all, at: now) }
    // Keys are few: those before the cursor are passed over here.
    let rest =
      page.after.map { after in Array(messages.drop { $0.id != after.first }.dropFirst()) }
      ?? messages
    let (items, response) = page.cut(rest) { [$0.id] }
    return Identity.ListSigningKeysResponse(signingKeys: items, page: response)
  }

  func rotateSigningKey(
    _ request: Identity.RotateSigningKeyRequest, _ context: CallContext
  ) async throws -> Identity.SigningKey {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    guard [.unspecified, .eddsa].contains(request.algorithm) else {
      throw IdentityError.featureAbsent
    }
    let answer = try await environment.once(request, id: id, context) { session, origin in
      let now = origin.occurredAt
      if request.atOnce {
        for key in try SigningKeyStore.verifying(at: now, session) {
          try SigningKeyStore.withdraw(key.life.id, at: now, session)
          try RevocationStore.add(
            .signingKey, key.life.id, at: now, id: environment.newID(), session)
        }
      }
      let key = environment.tokens.newKey(
        id, signsFrom: request.atOnce ? now : now + SigningKeyLife.publishedFor, at: now)
      try SigningKeyStore.insert(key, session)
      let message = key.message(among: try SigningKeyStore.all(session), at: now)
      try environment.feed.add(.signingKeyChanged, of: id, by: origin, session: session) {
        $0.signingKey = message
      }
      try AuditLog.add(
        "signing_key.rotate", to: "signing_key", id,
        changes: request.atOnce ? ["at_once": "true"] : [:], by: origin, session: session)
      return message
    }
    if request.atOnce {
      let now = environment.time.sinceEpoch()
      let keys = try await environment.database.read { session in try SigningKeyStore.all(session) }
      let lives = keys.map(\.life)
      for life in lives where life.state(among: lives, at: now) == .withdrawn {
        environment.verifier.withdraw(key: life.id)
      }
    }
    return answer
  }

  /// How often a stream looks for what is new: well within the second in which tokens of an ended
  /// session are to be refused everywhere.
  private static let revocationsEvery: Duration = .milliseconds(200)

  func streamRevocations(
    _ request: Identity.StreamRevocationsRequest,
    _ responses: ResponseWriter<Identity.StreamRevocationsResponse>, _ context: CallContext
  ) async throws {
    var position = request.afterPosition
    while true {
      let entries = try await revocations(after: position)
      for entry in entries {
        try await responses.send(entry)
        position = entry.position
      }
      if entries.isEmpty {
        await environment.time.sleep(until: environment.time.now() + Self.revocationsEvery)
        try context.checkGoesOn()
      }
    }
  }

  private func revocations(
    after position: Int64
  ) async throws -> [Identity.StreamRevocationsResponse] {
    let now = environment.time.sinceEpoch()
    return try await environment.database.read { session in
      try RevocationStore.list(after: position, at: now, countMax: 500, session)
    }
  }

  /// Has this copy's own verifier refuse what any copy has revoked: a background job.
  func followRevocations() async throws {
    var position: Int64 = 0
    while !Task.isCancelled {
      for entry in try await revocations(after: position) {
        if let id = UUID(entry.sessionId) ?? UUID(entry.apiKeyId) {
          environment.verifier.revoke(id)
        }
        if let id = UUID(entry.keyId) { environment.verifier.withdraw(key: id) }
        position = entry.position
      }
      await environment.time.sleep(until: environment.time.now() + Self.revocationsEvery)
    }
  }
}
