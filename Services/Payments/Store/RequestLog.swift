import RPC
import Storage
import Wire

/// What client-made ids were used for: the same id with the same content answers the same bytes for
/// ever, with other content it is refused.
enum RequestLog {
  /// The statements of a migration that makes the table.
  static let table = """
    CREATE TABLE request_log (
      id text NOT NULL, method text NOT NULL, content_sha256 bytea NOT NULL, answer bytea NOT NULL,
      PRIMARY KEY (id, method));
    """

  /// The answer that the request got before; nil if it is new.
  static func answer<Answer: Message>(
    to id: String, _ method: MethodDescriptor, _ content: [UInt8], in session: any SQLSession
  ) throws -> Answer? {
    let row = try session.first(
      "SELECT content_sha256, answer FROM request_log WHERE id = $1 AND method = $2",
      .text(id), .text(method.path)
    ) { (row) throws(StorageError) in (try row.bytes(0), try row.bytes(1)) }
    guard let row else { return nil }
    guard row.0 == content else { throw PaymentsError.idReused("request") }
    return try Answer(decoding: row.1, as: .native)
  }

  /// Keeps the answer, in the transaction that it tells of.
  static func add(
    _ id: String, _ method: MethodDescriptor, _ content: [UInt8], answer: some Message,
    in session: any SQLSession
  ) throws {
    try session.execute(
      "INSERT INTO request_log (id, method, content_sha256, answer) VALUES ($1, $2, $3, $4)",
      .text(id), .text(method.path), .bytes(content),
      .bytes(try answer.encoded(as: .native)))
  }
}
