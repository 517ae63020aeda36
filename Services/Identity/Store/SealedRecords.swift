internal import Access
internal import Platform
internal import RPC
internal import Storage
internal import Wire

/// What was answered to requests that carry an id of the client's, or a key in their metadata: the
/// same request again answers the same bytes and does nothing.
///
/// Contents are kept as keyed digests and answers sealed, since here both hold secrets.
struct SealedRecords: Sendable {
  let vault: Vault

  /// How a request is known again.
  struct Name: Sendable, Hashable {
    /// The method and, for keys, the caller.
    let scope: String
    /// The client's id or key.
    let id: String
    /// Until when the answer is kept.
    let keptUntil: Duration

    fileprivate var place: SecretBox.Place { SealedRecords.place(scope: scope, id: id) }
  }

  /// Where an answer stands.
  static func place(scope: String, id: String) -> SecretBox.Place {
    SecretBox.Place(table: "sealed_record", row: "\(scope)\n\(id)", column: "sealed_answer")
  }

  /// The answer that was given before; nil for a request that is new.
  /// - Throws: `idReused` when the id came with other content.
  func answer<Request: Message, Answer: Message>(
    to request: Request, _ name: Name, as type: Answer.Type, _ session: any SQLSession
  ) throws -> (answer: Answer, at: Duration)? {
    let found = try session.first(
      """
      SELECT content, sealed_answer, answered_at FROM sealed_record
      WHERE scope = $1 AND id = $2
      """, .text(name.scope), .text(name.id)
    ) { (row) throws(StorageError) in
      (content: try row.bytes(0), sealed: try row.bytes(1), at: try row.instant(2))
    }
    guard let found else { return nil }
    guard found.content == (try content(request)) else { throw IdentityError.idReused }
    let bytes = try vault.open(found.sealed, at: name.place)
    return (try Answer(decoding: bytes, as: .native), found.at)
  }

  /// Does a thing once: the first time by `body`, then by the record of it.
  func once<Request: Message, Answer: Message>(
    _ request: Request, _ name: Name, at now: Duration, _ session: any SQLSession,
    _ body: () throws -> Answer
  ) throws -> Answer {
    // The row first: of two at once the second waits for the first, and then finds its answer.
    let isFirst =
      try session.execute(
        """
        INSERT INTO sealed_record (scope, id, content, sealed_answer, answered_at, kept_until)
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (scope, id) DO NOTHING
        """, .text(name.scope), .text(name.id), .bytes(try content(request)), .bytes([]),
        .instant(now), .instant(name.keptUntil)) == 1
    if !isFirst, let old = try answer(to: request, name, as: Answer.self, session) {
      return old.answer
    }
    let answer = try body()
    let sealed = vault.seal(try answer.encoded(as: .native), at: name.place)
    try session.execute(
      "UPDATE sealed_record SET sealed_answer = $1 WHERE scope = $2 AND id = $3", .bytes(sealed),
      .text(name.scope), .text(name.id))
    return answer
  }

  private func content(_ request: some Message) throws -> [UInt8] {
    var options = CodingOptions()
    options.refusesUnknownFields = true
    return vault.digest("request", bytes: try request.encoded(as: .native, options: options))
  }

  /// Forgets what need not be kept any longer.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute("DELETE FROM sealed_record WHERE kept_until < $1", .instant(now))
  }
}
