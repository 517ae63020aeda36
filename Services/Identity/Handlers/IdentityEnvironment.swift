internal import Access
internal import Platform
internal import RPC
internal import Storage
internal import TypeContracts
internal import Wire

/// What every handler of the service works with.
struct IdentityEnvironment: Sendable {
  let database: Database
  let time: any TimeSource
  let random: any RandomSource
  let vault: Vault
  let passwords: PasswordHasher
  let sender: any CodeSender
  let tokens: TokenIssuer
  /// The verifier that stands before this copy's own handlers.
  let verifier: TokenVerifier
  /// Documents of verification cases.
  let blobs: BlobStore
  /// Whether demo sign-ins and the mailbox are offered.
  let isDemo: Bool

  /// Opens what lies in the database, and makes the first keys in a new one.
  init(
    database: Database, time: any TimeSource, random: any RandomSource, secrets: SecretBox,
    passwords: PasswordHasher, blobs: BlobStore, sender: any CodeSender = Mailbox(),
    realm: AccessToken.Realm, verifier: TokenVerifier? = nil, isDemo: Bool = false
  ) async throws {
    self.database = database
    self.time = time
    self.random = random
    self.passwords = passwords
    self.blobs = blobs
    self.sender = sender
    self.isDemo = isDemo
    vault = try await Vault.open(secrets, database, random)
    let tokens = TokenIssuer(realm: realm, vault: vault, random: random)
    self.tokens = tokens
    let now = time.sinceEpoch()
    try await database.write { session in try tokens.prepare(at: now, session) }
    self.verifier =
      verifier
      ?? TokenVerifier(realm: realm, time: time, keys: Self.keySource(database, time))
  }

  /// The keys that verify tokens, as the database has them now.
  static func keySource(
    _ database: Database, _ time: any TimeSource
  ) -> TokenVerifier.KeySource {
    {
      let now = time.sinceEpoch()
      return try await database.read { session in try SigningKeyStore.keySet(at: now, session) }
    }
  }

  /// A new identifier.
  func newID() -> UUID { UUID.version7(sinceEpoch: time.sinceEpoch(), random) }

  /// The feed of events.
  var feed: EventFeed { EventFeed(database, time: time, random: random) }

  /// Who makes a change by this call, and when: now.
  func origin(_ context: CallContext) -> Origin { Origin(context, at: time.sinceEpoch()) }

  // MARK: Doing things once

  var records: SealedRecords { SealedRecords(vault: vault) }

  /// How a request with an id of the client's is known again: for ever, unless `keptFor` says that
  /// the answer is worthless after a time.
  func name(
    _ id: UUID, _ context: CallContext, keptFor: Duration? = nil
  ) -> SealedRecords.Name {
    SealedRecords.Name(
      scope: context.method.path, id: id.description,
      keptUntil: keptFor.map { time.sinceEpoch() + $0 } ?? .microseconds(Int64.max))
  }

  /// Makes a change that the client has given an id.
  func once<Request: Message, Answer: Message>(
    _ request: Request, id: UUID, _ context: CallContext,
    _ change: @escaping @Sendable (any SQLSession, Origin) throws -> Answer
  ) async throws -> Answer {
    let origin = origin(context)
    let name = name(id, context)
    return try await database.write { session in
      try records.once(request, name, at: origin.occurredAt, session) {
        try change(session, origin)
      }
    }
  }

  /// How a request with a key in its metadata is known again; nil without one.
  func keyName(_ context: CallContext) throws(RPCError) -> SealedRecords.Name? {
    guard let key = context.metadata["idempotency-key"] else { return nil }
    guard (16...128).contains(key.utf8.count) else {
      throw RPCError(
        .invalidArgument, "give an idempotency-key of 16 to 128 printable characters")
    }
    let caller = context.caller.personID ?? context.caller.apiKeyID
    return SealedRecords.Name(
      scope: "\(context.method.path)\n\(caller?.description ?? "")", id: key,
      keptUntil: time.sinceEpoch() + .seconds(25 * 3_600))
  }

  /// Makes a change that is known by the key in its metadata, if it has one.
  func keyed<Request: Message, Answer: Message>(
    _ request: Request, _ context: CallContext,
    _ change: @escaping @Sendable (any SQLSession, Origin) throws -> Answer
  ) async throws -> Answer {
    let origin = origin(context)
    let name = try keyName(context)
    return try await database.write { session in
      guard let name else { return try change(session, origin) }
      return try records.once(request, name, at: origin.occurredAt, session) {
        try change(session, origin)
      }
    }
  }

  /// The answer that a key in the metadata was given before, for methods that work outside of a
  /// transaction first.
  func keyedAnswer<Request: Message, Answer: Message>(
    to request: Request, _ context: CallContext, as type: Answer.Type
  ) async throws -> Answer? {
    guard let name = try keyName(context) else { return nil }
    return try await database.read { session in
      try records.answer(to: request, name, as: type, session)?.answer
    }
  }

  // MARK: Saying things

  /// Sends a message to a contact, within the transaction that it belongs to.
  func send(
    _ content: ContactMessage.Content, to address: String, of person: PersonRecord?,
    at now: Duration, _ session: any SQLSession
  ) throws {
    guard let address = ContactAddress(address) else { return }
    try sender.send(
      ContactMessage(content, to: address, in: person?.language ?? .en), id: newID(), at: now,
      session)
  }

  /// Sends a message to a person's primary contact, if there is one.
  func send(
    _ content: ContactMessage.Content, to person: PersonRecord, at now: Duration,
    _ session: any SQLSession
  ) throws {
    guard let primary = try ContactStore.primary(of: person.id, session) else { return }
    try send(content, to: primary.address, of: person, at: now, session)
  }

  /// Has this copy refuse the tokens of sessions at once; other copies follow the table.
  func refuse(_ sessions: [UUID]) {
    for id in sessions { verifier.revoke(id) }
  }
}
