import PaymentsContracts
import RPC
import ServiceKit
import Storage
import TypeContracts
import Wire

/// What happened in payments, for the other services to follow: EventService.
struct EventHandler: Payments.EventService {
  let environment: PaymentsEnvironment

  /// How many events a list has unless asked, and at most.
  private static let sizeDefault: Int32 = 100
  private static let sizeMax: Int32 = 1_000
  /// How many events a stream reads at a time.
  private static let stretchMax = 100

  func listEvents(
    _ request: Payments.ListEventsRequest, _ context: CallContext
  ) async throws -> Payments.ListEventsResponse {
    var faults = FieldFaults()
    faults.range(request.afterPosition, "after_position", 0...Int64.max)
    faults.range(request.size, "size", 0...Self.sizeMax)
    try faults.check()
    let head = try await head()
    let size = Int(request.size == 0 ? Self.sizeDefault : request.size)
    var events: [Payments.Event] = []
    var last = request.afterPosition
    while events.count < size {
      let found = try await environment.outbox.events(after: last, countMax: size)
      guard let end = found.last else { break }
      for stored in found where events.count < size {
        last = stored.position
        if let event = try Self.event(stored, of: request.kinds) { events.append(event) }
      }
      if end.position >= head { break }
    }
    return Payments.ListEventsResponse(events: events, headPosition: max(head, last))
  }

  func streamEvents(
    _ request: Payments.StreamEventsRequest, _ responses: ResponseWriter<Payments.Event>,
    _ context: CallContext
  ) async throws {
    var faults = FieldFaults()
    faults.range(request.afterPosition, "after_position", 0...Int64.max)
    try faults.check()
    var last = request.afterPosition
    while true {
      let found = try await environment.outbox.nextEvents(
        after: last, countMax: Self.stretchMax, check: context.checkGoesOn)
      for stored in found {
        last = stored.position
        if let event = try Self.event(stored, of: request.kinds) {
          try await responses.send(event)
        }
      }
    }
  }

  private func head() async throws -> Int64 {
    try await environment.database.read { session in
      try session.first("SELECT last_position FROM outbox_relay WHERE id = 1") {
        (row) throws(StorageError) in try row.integer(0)
      } ?? 0
    }
  }

  /// The event, if it is of one of the kinds; of no kinds means of all.
  private static func event(
    _ stored: Outbox.Event, of kinds: [Payments.EventKind]
  ) throws -> Payments.Event? {
    var event = try Payments.Event(decoding: stored.payload, as: .native)
    event.position = stored.position
    return kinds.isEmpty || kinds.contains(event.kind) ? event : nil
  }
}
