public import Platform

/// Events that leave a service: written in the transaction that they tell of, followed by others in
/// one order.
///
/// Commits come in another order than they were begun, so no number that a transaction takes for
/// itself can be a cursor: a reader may have passed it when it appears. A relay gives each committed
/// event its position, without gaps. Readers get every event at least once, those of an aggregate in
/// the order of their transactions.
///
/// Relay and readers wake each other, those of one `Outbox` and its copies at once, those of other
/// processes by NOTIFY; what that misses is found after `wait`.
public struct Outbox: Sendable {
  /// The statements of a migration that makes the tables.
  public static let tables = """
    CREATE TABLE outbox (
      aggregate text NOT NULL, created_at bigint NOT NULL, kind text NOT NULL,
      payload bytea NOT NULL, position bigint, PRIMARY KEY (aggregate, created_at));
    CREATE UNIQUE INDEX outbox_position ON outbox (position);
    CREATE INDEX outbox_waiting ON outbox (created_at) WHERE position IS NULL;
    CREATE TABLE outbox_relay (id bigint PRIMARY KEY, last_position bigint NOT NULL);
    INSERT INTO outbox_relay VALUES (1, 0);
    """

  /// What happened.
  public struct Event: Sendable, Hashable {
    /// Its place in the order of all events: 1, 2, 3, ...; a reader's cursor.
    public let position: Int64
    /// What it happened to, such as `order/0190…`.
    public let aggregate: String
    /// What happened, such as `sarai.payments.v1.OrderFunded`.
    public let kind: String
    /// The message that tells it.
    public let payload: [UInt8]
  }

  /// How many events get their positions in one transaction.
  private static let relayedMax: Int64 = 500

  private let database: Database
  private let time: any TimeSource
  private let wait: Duration
  private let wakeups = OutboxWakeups()

  /// The events of a database.
  ///
  /// - Parameter wait: how long a relay or reader that found nothing waits before it looks again.
  public init(_ database: Database, time: any TimeSource, wait: Duration = .milliseconds(50)) {
    self.database = database
    self.time = time
    self.wait = wait
  }

  /// Adds an event to the transaction.
  public func add(
    _ kind: String, of aggregate: String, _ payload: [UInt8], in session: any SQLSession
  ) throws(StorageError) {
    // Later than the aggregate's last event, whatever the clocks of two machines say.
    let last = try session.first(
      "SELECT max(created_at) FROM outbox WHERE aggregate = $1", .text(aggregate)
    ) { (row) throws(StorageError) in try row.optionalInteger(0) }
    let now = time.sinceEpoch().nanoseconds / 1_000
    try session.execute(
      "INSERT INTO outbox (aggregate, created_at, kind, payload) VALUES ($1, $2, $3, $4)",
      .text(aggregate), .integer(max(now, (last.flatMap(\.self) ?? .min) &+ 1)), .text(kind),
      .bytes(payload))
    session.afterCommit { [wakeups] in wakeups.added.wake() }
  }

  /// Gives positions to events as they are committed, until the task is cancelled. Two relays at
  /// once do no harm: both change the same row, so that one of them has to look again.
  ///
  /// - Parameter failed: is told of each failure, after which it goes on.
  public func relay(failed: @Sendable (any Error) -> Void) async {
    while !Task.isCancelled {
      let seen = wakeups.added.count
      do {
        if try await relayOnce() > 0 { continue }
      } catch is CancellationError {
        return
      } catch let error as StorageError where error.code == .conflict {
        // Others were quicker: there is more to relay.
      } catch {
        failed(error)
      }
      await wakeups.added.wait(past: seen, until: time.now() + wait, time)
    }
  }

  /// Gives positions to what waits.
  ///
  /// - Returns: how many events got one.
  @discardableResult
  public func relayOnce() async throws -> Int {
    let count = try await database.write { [database] session in
      let waiting = try session.all(
        """
        SELECT aggregate, created_at FROM outbox WHERE position IS NULL
        ORDER BY created_at, aggregate LIMIT $1
        """, .integer(Self.relayedMax)
      ) { (row) throws(StorageError) in (try row.text(0), try row.integer(1)) }
      if waiting.isEmpty { return 0 }
      let last = try session.first(
        "UPDATE outbox_relay SET last_position = last_position + $1 WHERE id = 1 RETURNING last_position",
        .integer(Int64(waiting.count))
      ) { (row) throws(StorageError) in try row.integer(0) }
      guard let last else { throw StorageError(.unfit, "the row of outbox_relay is missing") }
      var position = last - Int64(waiting.count)
      for (aggregate, createdAt) in waiting {
        position += 1
        try session.execute(
          "UPDATE outbox SET position = $1 WHERE aggregate = $2 AND created_at = $3",
          .integer(position), .text(aggregate), .integer(createdAt))
      }
      if database.isServer {
        try session.execute("SELECT pg_notify($1, '')", .text(OutboxWakeups.channel))
      }
      return waiting.count
    }
    if count > 0 { wakeups.positioned.wake() }
    return count
  }

  /// Events behind a cursor, in order.
  public func events(after position: Int64, countMax: Int) async throws -> [Event] {
    try await database.read { session in
      try session.all(
        """
        SELECT position, aggregate, kind, payload FROM outbox WHERE position > $1
        ORDER BY position LIMIT $2
        """, .integer(position), .integer(Int64(countMax))
      ) { (row) throws(StorageError) in
        Event(
          position: try row.integer(0), aggregate: try row.text(1), kind: try row.text(2),
          payload: try row.bytes(3))
      }
    }
  }

  /// The next events behind a cursor, as soon as there are some.
  ///
  /// - Parameter check: whether to go on waiting; what it throws ends that.
  /// - Throws: `StorageError`, and what `check` throws.
  public func nextEvents(
    after position: Int64, countMax: Int, check: () throws -> Void = Task.checkCancellation
  ) async throws -> [Event] {
    wakeups.listen(to: database)
    while true {
      let seen = wakeups.positioned.count
      let events = try await events(after: position, countMax: countMax)
      if !events.isEmpty { return events }
      await wakeups.positioned.wait(past: seen, until: time.now() + wait, time)
      try check()
    }
  }
}
