internal import Access
internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit
internal import Storage
internal import TypeContracts
internal import WellKnownTypes

/// Keys for programs. Identities for services stand in the extension.
struct CredentialHandler: Identity.CredentialService {
  let environment: IdentityEnvironment

  private static let permissionsMax = 64
  private static let networksMax = 16
  private static let lifetimeDefault = Duration.seconds(90 * 86_400)
  private static let lifetimeMax = Duration.seconds(400 * 86_400)
  /// How exact the last use is kept.
  private static let useKeptTo = Duration.seconds(60)

  func createApiKey(
    _ request: Identity.CreateApiKeyRequest, _ context: CallContext
  ) async throws -> Identity.CreateApiKeyResponse {
    let now = environment.time.sinceEpoch()
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let organisationID = faults.id(request.organisationId, "organisation_id")
    faults.text(request.label, "label", lengthMin: 1, lengthMax: 60)
    faults.range(request.permissions.count, "permissions", 1...Self.permissionsMax)
    let permissions = Set(
      request.permissions.prefix(Self.permissionsMax).compactMap { Permission(name: $0) })
    if permissions.count != request.permissions.count {
      faults.add("permissions", "UNKNOWN", "give permissions of the list, each once")
    }
    faults.range(request.allowedNetworks.count, "allowed_networks", 0...Self.networksMax)
    if request.allowedNetworks.contains(where: { Network($0) == nil }) {
      faults.add("allowed_networks", "NOT_CIDR", "give ranges as 203.0.113.0/24 or 2001:db8::/32")
    }
    try faults.check()
    let caller = context.caller
    try caller.requireOwner(of: organisationID)
    var response = try await environment.once(request, id: id, context) { session, origin in
      let expiry = request.expiresAt?.sinceEpoch ?? origin.occurredAt + Self.lifetimeDefault
      guard expiry > origin.occurredAt, expiry <= origin.occurredAt + Self.lifetimeMax else {
        throw FieldFaults.error("expires_at", "OUT_OF_RANGE", "give a time within 400 days")
      }
      let organisation = try OrganisationStore.get(organisationID, session)
      guard organisation.state == .active else {
        throw IdentityError.refused(.organisationSuspended)
      }
      guard permissions.allSatisfy({ caller.holds($0, in: organisationID) }) else {
        throw IdentityError.refused(.roleTooHigh)
      }
      let secret = KeySecret(environment.random)
      let key = Identity.ApiKey(
        id: id.description, organisationId: organisation.id, label: request.label,
        prefix: secret.prefix, permissions: request.permissions.sorted(),
        allowedNetworks: request.allowedNetworks,
        createdAt: GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt),
        createdBy: origin.actor, expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: expiry))
      try ApiKeyStore.insert(
        key, maker: origin.actor.personId, digest: secret.digest,
        sealed: environment.vault.seal(Array(secret.text.utf8), at: ApiKeyStore.place(id)),
        session)
      try AuditLog.add(
        "api_key.create", to: "api_key", id, in: organisationID,
        changes: ["permissions": key.permissions.joined(separator: " ")], by: origin,
        session: session)
      return Identity.CreateApiKeyResponse(apiKey: key)
    }
    // The record of the call holds no secret: whoever repeats it within a day reads it here.
    let sealed = try await environment.database.read { session in
      try ApiKeyStore.sealedSecret(of: id, madeAfter: now - KeySecret.shownFor, session)
    }
    if let sealed {
      response.secret = String(
        decoding: try environment.vault.open(sealed, at: ApiKeyStore.place(id)), as: UTF8.self)
    }
    return response
  }

  func listApiKeys(
    _ request: Identity.ListApiKeysRequest, _ context: CallContext
  ) async throws -> Identity.ListApiKeysResponse {
    var faults = FieldFaults()
    let id = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    try context.caller.requireOwner(of: id)
    let page = try context.page(\.page, of: request)
    let found = try await environment.database.read { session in
      try ApiKeyStore.list(of: id, before: page.after, countMax: page.size + 1, session)
    }
    let (items, answer) = page.cut(found) {
      [String($0.createdAt?.sinceEpoch.wholeMicroseconds ?? 0), $0.id]
    }
    return Identity.ListApiKeysResponse(apiKeys: items, page: answer)
  }

  func revokeApiKey(
    _ request: Identity.RevokeApiKeyRequest, _ context: CallContext
  ) async throws -> Identity.RevokeApiKeyResponse {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let caller = context.caller
    let origin = environment.origin(context)
    try await environment.database.write { session in
      let organisation = UUID(try ApiKeyStore.get(id, session).organisationId)
      try caller.requireOwner(of: organisation)
      guard
        try ApiKeyStore.revoke(
          id, at: origin.occurredAt, newID: environment.newID, session)
      else { return }
      try AuditLog.add(
        "api_key.revoke", to: "api_key", id, in: organisation, by: origin, session: session)
    }
    environment.refuse([id])
    return Identity.RevokeApiKeyResponse()
  }

  func exchangeApiKey(
    _ request: Identity.ExchangeApiKeyRequest, _ context: CallContext
  ) async throws -> Identity.TokenPair {
    // What is wrong with a key is not told.
    guard let secret = KeySecret(request.secret) else {
      throw IdentityError.refused(.credentialsWrong)
    }
    let address = request.clientAddress.isEmpty ? context.peer.address : request.clientAddress
    return try await environment.keyed(request, context) { session, origin in
      let now = origin.occurredAt
      guard let key = try ApiKeyStore.find(digest: secret.digest, session),
        let id = UUID(key.id), let organisationID = UUID(key.organisationId),
        key.revokedAt == nil, let end = key.expiresAt?.sinceEpoch, end > now,
        key.allowedNetworks.isEmpty
          || key.allowedNetworks.contains(where: { Network($0)?.contains(address) ?? false }),
        try OrganisationStore.get(organisationID, session).state != .closed
      else { throw IdentityError.refused(.credentialsWrong) }
      if now - (key.lastUsedAt?.sinceEpoch ?? .zero) >= Self.useKeptTo {
        try ApiKeyStore.use(id, at: now, session)
      }
      let lifetime = min(AccessToken.lifetime, end - now)
      let permissions = Set(key.permissions.compactMap { Permission(name: $0) })
      let token = AccessToken(
        .apiKey(id, permissions: permissions), organisation: organisationID,
        id: environment.newID(), at: now, lifetime: lifetime)
      return Identity.TokenPair(
        accessToken: try environment.tokens.sign(token, session), tokenType: "Bearer",
        expiresIn: GoogleProtobuf.Duration(lifetime), scopes: key.permissions,
        organisationId: key.organisationId)
    }
  }
}
