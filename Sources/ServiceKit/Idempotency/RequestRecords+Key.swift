internal import Access
internal import Platform
public import RPC
public import Storage
public import Wire

/// Calls that the metadata `idempotency-key` names for their caller and method.
extension RequestRecords {
  /// The metadata's name.
  public static let keyName = "idempotency-key"
  /// How long an outcome is kept.
  public static let kept: Duration = .seconds(24 * 3_600)
  /// How long a call in several steps may take before a repetition takes its place: longer than any
  /// call's deadline, since whoever began may have died.
  public static let progressMax: Duration = .seconds(120)

  /// Serves a call in one transaction: once, and again from the record while that is kept. A call
  /// without a key is just served.
  ///
  /// - Throws: `alreadyExists` (ID_REUSED) if the key came with other content; `aborted`
  ///   (KEY_IN_PROGRESS) while a call in several steps has it; what `change` throws.
  public func answer<Request: Message, Response: Message>(
    _ request: Request, keyedBy context: CallContext, as type: Response.Type = Response.self,
    in session: any SQLSession, _ change: () throws -> Response
  ) throws -> Response {
    guard let key = try RequestKey(request, context) else { return try change() }
    if let recorded = try take(key, in: session) {
      return try Response(decoding: recorded, as: .native)
    }
    let response = try change()
    try keep(try response.encoded(as: .native), of: key, in: session)
    return response
  }

  /// Serves a call in several steps, such as one that asks another service: once, and again from the
  /// record while that is kept. A call without a key is just served.
  ///
  /// - Throws: as above. When `serve` throws, the key is free again.
  public func answer<Request: Message, Response: Message>(
    _ request: Request, keyedBy context: CallContext, as type: Response.Type = Response.self,
    on database: Database, _ serve: () async throws -> Response
  ) async throws -> Response {
    guard let key = try RequestKey(request, context) else { return try await serve() }
    if let recorded = try await database.write({ session in try take(key, in: session) }) {
      return try Response(decoding: recorded, as: .native)
    }
    do {
      let response = try await serve()
      let answer = try response.encoded(as: .native)
      try await database.write { session in try keep(answer, of: key, in: session) }
      return response
    } catch {
      // Should this fail, too, the key is free once its time is over.
      try? await database.write { session in try release(key, in: session) }
      throw error
    }
  }

  /// Removes what need not be kept any longer; for a background job.
  ///
  /// - Returns: how many outcomes were removed, at most 1,000.
  @discardableResult
  public func sweep(_ database: Database) async throws -> Int {
    let now = micros(time.sinceEpoch())
    return try await database.write { session in
      try session.execute(
        """
        DELETE FROM request_key WHERE (caller, method, name) IN (
          SELECT caller, method, name FROM request_key WHERE ends_at < $1 LIMIT 1000)
        """, .integer(now))
    }
  }

  /// Takes the key for this call, or gives the answer of one that has ended.
  private func take(_ key: RequestKey, in session: any SQLSession) throws -> [UInt8]? {
    let now = time.sinceEpoch()
    let isNew = try session.execute(
      """
      INSERT INTO request_key (caller, method, name, content, answer, ends_at)
      VALUES ($1, $2, $3, $4, NULL, $5) ON CONFLICT (caller, method, name) DO UPDATE
      SET content = excluded.content, answer = NULL, ends_at = excluded.ends_at
      WHERE request_key.ends_at < $6
      """, .text(key.caller), .text(key.method), .text(key.name), .bytes(key.content),
      .integer(micros(now + Self.progressMax)), .integer(micros(now)))
    if isNew == 1 { return nil }
    let found = try session.first(
      "SELECT content, answer FROM request_key WHERE caller = $1 AND method = $2 AND name = $3",
      .text(key.caller), .text(key.method), .text(key.name)
    ) { (row) throws(StorageError) in (content: try row.bytes(0), answer: try row.optionalBytes(1))
    }
    guard let found, found.content == key.content else {
      throw RPCError(
        .alreadyExists, "the idempotency key came before with other content: make a new one",
        reason: .idReused)
    }
    guard let answer = found.answer else {
      throw RPCError(
        .aborted, "a call with this idempotency key is being served: ask again in a moment",
        reason: .keyInProgress, retryAfter: .seconds(1))
    }
    return answer
  }

  private func keep(
    _ answer: [UInt8], of key: RequestKey, in session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      """
      UPDATE request_key SET answer = $4, ends_at = $5
      WHERE caller = $1 AND method = $2 AND name = $3
      """, .text(key.caller), .text(key.method), .text(key.name), .bytes(answer),
      .integer(micros(time.sinceEpoch() + Self.kept)))
  }

  private func release(_ key: RequestKey, in session: any SQLSession) throws(StorageError) {
    try session.execute(
      """
      DELETE FROM request_key
      WHERE caller = $1 AND method = $2 AND name = $3 AND content = $4 AND answer IS NULL
      """, .text(key.caller), .text(key.method), .text(key.name), .bytes(key.content))
  }

  private func micros(_ time: Duration) -> Int64 { time.nanoseconds / 1_000 }
}

/// A call that its client has named.
private struct RequestKey: Sendable {
  let caller: String
  let method: String
  let name: String
  let content: [UInt8]

  /// Nil without a key.
  /// - Throws: `invalidArgument` for one that is no key.
  init?(_ request: some Message, _ context: CallContext) throws(RPCError) {
    guard let name = context.metadata[RequestRecords.keyName] else { return nil }
    guard (16...128).contains(name.utf8.count), name.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else {
      throw RPCError(
        .invalidArgument, "`\(RequestRecords.keyName)` has 16 to 128 printable ASCII characters",
        reason: .fieldInvalid)
    }
    self.name = name
    caller = RequestRecords.name(of: context[Caller.self] ?? .anonymous())
    method = context.method.path
    content = try RequestRecords.content(of: request)
  }
}
