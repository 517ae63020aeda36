internal import IdentityContracts
internal import Platform
internal import RPC
internal import ServiceKit

/// What happened in identity, for the other services to follow.
struct EventHandler: Identity.EventService {
  let environment: IdentityEnvironment

  /// How many events a list has unless asked, and at most.
  private static let sizeDefault: Int32 = 100
  private static let sizeMax: Int32 = 1_000
  /// How many events a stream reads at a time.
  private static let stretchMax = 100

  func listEvents(
    _ request: Identity.ListEventsRequest, _ context: CallContext
  ) async throws -> Identity.ListEventsResponse {
    var faults = FieldFaults()
    checkPosition(request.afterPosition, &faults)
    if !(0...Self.sizeMax ~= request.size) {
      faults.add("size", "OUT_OF_RANGE", "give 1 to \(Self.sizeMax), or 0 for \(Self.sizeDefault)")
    }
    try faults.check()
    let head = try await environment.feed.head(from: request.afterPosition)
    let stretch = try await environment.feed.events(
      after: request.afterPosition, kinds: Set(request.kinds),
      countMax: Int(request.size == 0 ? Self.sizeDefault : request.size))
    return Identity.ListEventsResponse(
      events: stretch.events, headPosition: max(head, stretch.last))
  }

  func streamEvents(
    _ request: Identity.StreamEventsRequest, _ responses: ResponseWriter<Identity.Event>,
    _ context: CallContext
  ) async throws {
    var faults = FieldFaults()
    checkPosition(request.afterPosition, &faults)
    try faults.check()
    _ = try await environment.feed.head(from: request.afterPosition)
    let kinds = Set(request.kinds)
    var last = request.afterPosition
    while true {
      let stretch = try await environment.feed.nextEvents(
        after: last, kinds: kinds, countMax: Self.stretchMax, check: context.checkGoesOn)
      for event in stretch.events { try await responses.send(event) }
      last = stretch.last
    }
  }

  private func checkPosition(_ position: Int64, _ faults: inout FieldFaults) {
    if position < 0 { faults.add("after_position", "OUT_OF_RANGE", "give 0 or more") }
  }
}
