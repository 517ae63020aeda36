internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes

/// Sends messages to contacts. It is told within the transaction that the message belongs to, so that
/// no code is sent that was not stored: a sender that uses the network queues it there.
protocol CodeSender: Sendable {
  func send(
    _ message: ContactMessage, id: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError)
}

/// The default sender: writes messages into a table, which a demo lists.
struct Mailbox: CodeSender {
  func send(
    _ message: ContactMessage, id: UUID, at now: Duration, _ session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "INSERT INTO sent_message (id, address, subject, text, created_at) VALUES ($1, $2, $3, $4, $5)",
      .id(id), .text(message.address.text), .text(message.subject), .text(message.text),
      .instant(now))
  }

  /// Messages, newest first, from before `before` on.
  static func list(
    to address: String?, before: String?, countMax: Int, _ session: any SQLSession
  ) throws(StorageError) -> [Identity.MailboxEntry] {
    var values: [SQLValue] = [.text(before ?? "g"), .integer(Int64(countMax))]
    if let address { values.append(.text(address)) }
    var entries: [Identity.MailboxEntry] = []
    try session.run(
      """
      SELECT id, address, subject, text, created_at FROM sent_message
      WHERE id < $1 \(address == nil ? "" : "AND address = $3") ORDER BY id DESC LIMIT $2
      """, values
    ) { (row) throws(StorageError) in
      entries.append(
        Identity.MailboxEntry(
          id: try row.text(0), contactAddress: try row.text(1), subject: try row.text(2),
          text: try row.text(3),
          createdAt: GoogleProtobuf.Timestamp(sinceEpoch: try row.instant(4))))
    }
    return entries
  }

  /// Forgets messages of over a day ago.
  static func sweep(at now: Duration, _ session: any SQLSession) throws(StorageError) {
    try session.execute(
      "DELETE FROM sent_message WHERE created_at < $1", .instant(now - .seconds(86_400)))
  }
}
