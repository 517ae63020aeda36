import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// What the service tells others: events of the contract, written in the transaction that they tell
/// of.
struct EventLog: Sendable {
  let outbox: Outbox

  /// Adds an event; the thing that it tells of is set by `fill`.
  func add(
    _ kind: Payments.EventKind, of aggregate: String, id: UUID, by actor: SaraiType.Actor,
    at now: Duration, in session: any SQLSession, fill: (inout Payments.Event) -> Void
  ) throws {
    var event = Payments.Event(
      id: id.description, kind: kind, aggregateId: aggregate,
      occurredAt: GoogleProtobuf.Timestamp(sinceEpoch: now), actor: actor)
    fill(&event)
    let name = Payments.EventKind.layout.name(of: kind.rawValue) ?? ""
    try outbox.add(name, of: aggregate, try event.encoded(as: .native), in: session)
  }
}
