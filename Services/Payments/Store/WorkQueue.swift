import Platform
import Storage
import WellKnownTypes

/// What has to be done at a time, and again until it is done. A row is written in the transaction
/// that makes the work necessary and deleted in the one that ends it, so a kill in between only means
/// that it is done again.
enum WorkQueue {
  /// Kinds of work; the subject is an order, a dispute, a payout or a provider request.
  enum Kind: String, Sendable, CaseIterable {
    /// Ask catalog for the stock of an order that is being opened.
    case reserveStock
    /// Move the hold's end while a funded order waits for its shipping.
    case holdStock
    /// Turn the reservation into a sale.
    case commitStock
    /// Give the units back.
    case releaseStock
    /// Cancel what nobody funded.
    case fundingDue
    /// Count receipt as confirmed.
    case receiptDue
    /// Pay the seller.
    case releaseMoney
    /// Count silence as contesting.
    case answerDue
    /// Send what was approved.
    case sendPayout
    /// Send it, or ask how it ended.
    case askProvider
  }

  /// Something to be done.
  struct Item: Sendable, Hashable {
    let kind: Kind
    let subject: String
    /// Tries so far.
    let attempts: Int64
  }

  /// The statements of a migration that makes the table.
  static let table = """
    CREATE TABLE work (
      kind text NOT NULL, subject text NOT NULL, due_at bigint NOT NULL, attempts bigint NOT NULL,
      PRIMARY KEY (kind, subject));
    CREATE INDEX work_due ON work (due_at);
    """

  /// Has it done at `time`; what is there already is moved to it and begins anew.
  static func add(
    _ kind: Kind, _ subject: String, at time: Duration, attempts: Int64 = 0,
    in session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      """
      INSERT INTO work (kind, subject, due_at, attempts) VALUES ($1, $2, $3, $4)
      ON CONFLICT (kind, subject)
      DO UPDATE SET due_at = excluded.due_at, attempts = excluded.attempts
      """, .text(kind.rawValue), .text(subject), .integer(time.wholeMicroseconds),
      .integer(attempts))
  }

  /// Has it tried again later.
  static func retry(
    _ item: Item, now: Duration, _ random: any RandomSource, in session: any SQLSession
  ) throws(StorageError) {
    let attempts = item.attempts + 1
    try add(
      item.kind, item.subject, at: now + RetrySchedule.delay(afterAttempt: attempts, random),
      attempts: attempts, in: session)
  }

  /// It is done, or is no longer wanted.
  static func remove(
    _ kind: Kind, _ subject: String, in session: any SQLSession
  ) throws(StorageError) {
    try session.execute(
      "DELETE FROM work WHERE kind = $1 AND subject = $2", .text(kind.rawValue), .text(subject))
  }

  /// What is due, the most overdue first.
  static func due(
    at now: Duration, countMax: Int64 = 64, in session: any SQLSession
  ) throws(StorageError) -> [Item] {
    try session.all(
      """
      SELECT kind, subject, attempts FROM work WHERE due_at <= $1 ORDER BY due_at, kind, subject
      LIMIT $2
      """, .integer(now.wholeMicroseconds), .integer(countMax)
    ) { (row) throws(StorageError) in
      (Kind(rawValue: try row.text(0)), try row.text(1), try row.integer(2))
    }.compactMap { kind, subject, attempts in
      kind.map { Item(kind: $0, subject: subject, attempts: attempts) }
    }
  }
}
