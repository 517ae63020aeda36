internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes
internal import Wire

/// What happened in identity, for the other services: events in the outbox, as the contract has them.
struct EventFeed: Sendable {
  private let database: Database
  private let outbox: Outbox
  private let random: any RandomSource
  private let time: any TimeSource

  /// How long events are kept.
  static let keptFor = Duration.seconds(30 * 86_400)
  private static let trimmedMax: Int64 = 500

  init(_ database: Database, time: any TimeSource, random: any RandomSource) {
    self.database = database
    self.random = random
    self.time = time
    outbox = Outbox(database, time: time)
  }

  /// Adds an event to the transaction that makes the change.
  ///
  /// - Parameters:
  ///   - aggregateID: the thing that it happened to; its events stay in order.
  ///   - fill: sets the payload that fits the kind.
  func add(
    _ kind: Identity.EventKind, of aggregateID: UUID, by origin: Origin, session: any SQLSession,
    _ fill: (inout Identity.Event) -> Void
  ) throws {
    var event = Identity.Event(
      id: UUID.version7(sinceEpoch: origin.occurredAt, random).description, kind: kind,
      aggregateId: aggregateID.description,
      occurredAt: GoogleProtobuf.Timestamp(sinceEpoch: origin.occurredAt), actor: origin.actor,
      traceParent: origin.traceParent)
    fill(&event)
    try outbox.add(
      Identity.EventKind.layout.name(of: kind.rawValue) ?? "", of: event.aggregateId,
      try event.encoded(as: .native), in: session)
  }

  /// A new identifier.
  func newID() -> UUID { UUID.version7(sinceEpoch: time.sinceEpoch(), random) }

  // MARK: Reading

  /// What a look at the feed found.
  struct Stretch: Sendable {
    /// The events of the kinds asked for, ascending.
    var events: [Identity.Event] = []
    /// How far it looked: where to go on behind.
    var last: Int64
  }

  /// What is there behind a position.
  func events(
    after position: Int64, kinds: Set<Identity.EventKind>, countMax: Int
  ) async throws -> Stretch {
    var stretch = Stretch(last: position)
    while stretch.events.count < countMax {
      let stored = try await outbox.events(
        after: stretch.last, countMax: countMax - stretch.events.count)
      if stored.isEmpty { break }
      try Self.add(stored, kinds, to: &stretch)
    }
    return stretch
  }

  /// What comes next behind a position, as soon as there is something, be it of another kind.
  func nextEvents(
    after position: Int64, kinds: Set<Identity.EventKind>, countMax: Int,
    check: () throws -> Void = Task.checkCancellation
  ) async throws -> Stretch {
    var stretch = Stretch(last: position)
    try Self.add(
      try await outbox.nextEvents(after: position, countMax: countMax, check: check), kinds,
      to: &stretch)
    return stretch
  }

  private static func add(
    _ stored: [Outbox.Event], _ kinds: Set<Identity.EventKind>, to stretch: inout Stretch
  ) throws {
    for one in stored {
      stretch.last = one.position
      var event = try Identity.Event(decoding: one.payload, as: .native)
      guard kinds.isEmpty || kinds.contains(event.kind) else { continue }
      event.position = one.position
      stretch.events.append(event)
    }
  }

  /// Gives positions to what was committed; the service's relay does it all the time.
  func relay(failed: @Sendable (any Error) -> Void) async { await outbox.relay(failed: failed) }

  /// Gives positions to what waits now.
  func relayOnce() async throws { try await outbox.relayOnce() }

  /// Where the feed ends, for who begins behind `position`.
  ///
  /// - Throws: `positionLost` when what follows `position` is kept no longer.
  func head(from position: Int64) async throws -> Int64 {
    try await database.read { session in
      let head = try session.first("SELECT last_position FROM outbox_relay WHERE id = 1") {
        (row) throws(StorageError) in try row.integer(0)
      }
      let oldest = try session.first("SELECT min(position) FROM outbox") {
        (row) throws(StorageError) in try row.optionalInteger(0)
      }
      let last = head ?? 0
      let firstKept = oldest.flatMap(\.self) ?? last + 1
      if position > 0, position + 1 < firstKept { throw IdentityError.refused(.positionLost) }
      return last
    }
  }

  /// Drops events that were kept long enough, the oldest first, some at a time.
  ///
  /// - Returns: whether there may be more of them.
  func trim(at now: Duration) async throws -> Bool {
    let cutoff = (now - Self.keptFor).wholeMicroseconds
    return try await database.write { session in
      // Up to the first that stays: the feed must have no holes.
      try session.execute(
        """
        DELETE FROM outbox WHERE position IN (
          SELECT position FROM outbox WHERE position < (
            SELECT coalesce(min(position), 0) FROM outbox WHERE created_at >= $1)
          OR position IS NOT NULL AND NOT EXISTS (SELECT 1 FROM outbox WHERE created_at >= $1)
          ORDER BY position LIMIT $2)
        """, .integer(cutoff), .integer(Self.trimmedMax)) == Int(Self.trimmedMax)
    }
  }
}
