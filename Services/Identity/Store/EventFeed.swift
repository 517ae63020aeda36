internal import IdentityContracts
internal import Platform
internal import Storage
internal import WellKnownTypes
internal import Wire

/// What happened in identity, for the other services: events in the outbox, as the contract has them.
struct EventFeed: Sendable {
  let outbox: Outbox
  let random: any RandomSource

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

  /// Events behind a position, of the kinds asked for; how far it looked; where the feed begins.
  func events(
    after position: Int64, kinds: Set<Identity.EventKind>, countMax: Int
  ) async throws -> (events: [Identity.Event], last: Int64) {
    var found: [Identity.Event] = []
    var last = position
    while found.count < countMax {
      let stored = try await outbox.events(after: last, countMax: countMax)
      for one in stored {
        last = one.position
        if let event = try Self.event(one, kinds) { found.append(event) }
        if found.count == countMax { break }
      }
      if stored.count < countMax { break }
    }
    return (found, last)
  }

  /// The event of an outbox row; nil if its kind is not asked for.
  static func event(
    _ stored: Outbox.Event, _ kinds: Set<Identity.EventKind>
  ) throws -> Identity.Event? {
    var event = try Identity.Event(decoding: stored.payload, as: .native)
    guard kinds.isEmpty || kinds.contains(event.kind) else { return nil }
    event.position = stored.position
    return event
  }
}
