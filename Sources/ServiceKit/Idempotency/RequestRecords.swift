public import Access
public import Platform
public import RPC
public import Storage
public import Wire

/// What repeated calls are answered from: each change is recorded in the transaction that makes it,
/// so that the change and its record are there together or not at all.
///
/// A call that is refused changes nothing and leaves no record: it may come again, with the same id.
/// Any task may use it.
public struct RequestRecords: Sendable {
  /// The statements of a migration that makes the tables.
  public static let tables = """
    CREATE TABLE request_record (
      method text NOT NULL, id text NOT NULL, caller text NOT NULL, content bytea NOT NULL,
      answer bytea NOT NULL, PRIMARY KEY (method, id));
    CREATE TABLE request_key (
      caller text NOT NULL, method text NOT NULL, name text NOT NULL, content bytea NOT NULL,
      answer bytea, ends_at bigint NOT NULL, PRIMARY KEY (caller, method, name));
    CREATE INDEX request_key_end ON request_key (ends_at);
    """

  let time: any TimeSource

  /// Records with times of this clock.
  public init(time: any TimeSource) { self.time = time }

  /// Serves a call whose request bears an id that the client made: once, and again from the record,
  /// for ever.
  ///
  /// - Parameters:
  ///   - id: the request's id, whose form the service has checked.
  ///   - session: the transaction of the change.
  ///   - change: makes the change, by statements of `session` alone, and gives its answer.
  /// - Throws: `alreadyExists` (ID_REUSED) if the id came before with other content, or from another
  ///   caller; what `change` throws.
  public func answer<Request: Message, Response: Message>(
    _ request: Request, id: String, of method: Method<Request, Response>, by caller: Caller,
    in session: any SQLSession, _ change: () throws -> Response
  ) throws -> Response {
    let content = try Self.content(of: request)
    let who = Self.name(of: caller)
    // The row is taken before the change is made, so that of several at once the others wait or are
    // tried again, and then find the answer.
    let isNew = try session.execute(
      """
      INSERT INTO request_record (method, id, caller, content, answer)
      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (method, id) DO NOTHING
      """, .text(method.path), .text(id), .text(who), .bytes(content), .bytes([]))
    if isNew == 1 {
      let response = try change()
      try session.execute(
        "UPDATE request_record SET answer = $3 WHERE method = $1 AND id = $2",
        .text(method.path), .text(id), .bytes(try response.encoded(as: .native)))
      return response
    }
    guard let response = try recorded(request, id: id, of: method, by: caller, in: session) else {
      throw Self.idReused(id)
    }
    return response
  }

  /// The answer of a call of before; nil if the id has not come yet.
  ///
  /// - Throws: `alreadyExists` (ID_REUSED) if it came with other content, or from another caller.
  public func recorded<Request: Message, Response: Message>(
    _ request: Request, id: String, of method: Method<Request, Response>, by caller: Caller,
    in session: any SQLSession
  ) throws -> Response? {
    let content = try Self.content(of: request)
    let found = try session.first(
      "SELECT caller, content, answer FROM request_record WHERE method = $1 AND id = $2",
      .text(method.path), .text(id)
    ) { (row) throws(StorageError) in
      (caller: try row.text(0), content: try row.bytes(1), answer: try row.bytes(2))
    }
    guard let found else { return nil }
    guard found.caller == Self.name(of: caller), found.content == content else {
      throw Self.idReused(id)
    }
    return try Response(decoding: found.answer, as: .native)
  }

  /// What a service says of an id that came with other content.
  public static func idReused(_ id: String) -> RPCError {
    RPCError(
      .alreadyExists, "the id \(id) came before with other content: make a new id",
      reason: .idReused, facts: ["id": id])
  }

  /// What two requests have alike when they are the same.
  ///
  /// - Throws: `invalidArgument` when the request has fields that this release does not know, so that
  ///   nobody could say what it asks for.
  public static func content(of request: some Message) throws(RPCError) -> [UInt8] {
    do throws(WireError) {
      return try request.canonicalSHA256()
    } catch {
      throw RPCError(
        .invalidArgument,
        "the request has fields that this service does not know: send none of a newer contract",
        reason: .fieldInvalid)
    }
  }

  /// Who calls, so that nobody is answered from another's record. Someone who acts for another
  /// organisation is another caller.
  static func name(of caller: Caller) -> String {
    let who =
      switch caller.kind {
      case .person: "person/\(caller.personID ?? .null)"
      case .apiKey: "key/\(caller.apiKeyID ?? .null)"
      case .service: "service/\(caller.serviceName ?? "")"
      case .anonymous, .certificate: "anyone"
      }
    return caller.organisationID.map { "\(who)@\($0)" } ?? who
  }
}
