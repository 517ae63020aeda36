import IdentityContracts
import Platform
import RPC
import Storage
import StorageTesting
import Testing

@testable import IdentityService

@Suite struct EventHandlerTests {
  private func list(
    _ identity: TestIdentity, after position: Int64, _ kinds: Identity.EventKind...
  ) async throws -> Identity.ListEventsResponse {
    try await identity.feed.listEvents(
      Identity.ListEventsRequest(afterPosition: position, size: 2, kinds: kinds),
      options: identity.by(via: "catalog"))
  }

  private func add(_ number: UInt64, to identity: TestIdentity) async throws {
    let origin = Origin(service: "identity", at: identity.time.sinceEpoch())
    try await identity.environment.database.write { session in
      try identity.environment.feed.add(
        number % 2 == 0 ? .personChanged : .caseChanged, of: UUID(high: 3, low: number),
        by: origin, session: session
      ) { _ in }
    }
    try await identity.environment.feed.relayOnce()
  }

  @Test(arguments: Engine.allCases)
  func `the feed is read in order, from any place, of the kinds asked for`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      for number in 1...6 { try await add(UInt64(number), to: identity) }
      #expect(try await list(identity, after: 2).events.map(\.position) == [3, 4])
      let even = try await list(identity, after: 0, .personChanged)
      #expect(even.events.map(\.position) == [2, 4] && even.headPosition == 6)
      let streamed = try await identity.feed.streamEvents(
        Identity.StreamEventsRequest(afterPosition: 3, kinds: [.caseChanged]),
        options: identity.by(via: "payments")
      ) { events in try await events.next()?.position }
      #expect(streamed == 5)
    }
  }

  @Test(arguments: Engine.allCases)
  func `events of over 30 days ago are dropped, and who wanted them is told`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { identity in
      for number in 1...3 { try await add(UInt64(number), to: identity) }
      identity.time.advance(by: EventFeed.keptFor + .seconds(1))
      try await add(4, to: identity)
      let feed = identity.environment.feed
      #expect(try await !feed.trim(at: identity.time.sinceEpoch()))
      #expect(try await list(identity, after: 0).events.map(\.position) == [4])
      #expect(try await list(identity, after: 3).events.map(\.position) == [4])
      #expect(
        await identity.refusal { try await list(identity, after: 2) } == "POSITION_LOST")
      identity.time.advance(by: EventFeed.keptFor + .seconds(1))
      _ = try await feed.trim(at: identity.time.sinceEpoch())
      #expect(try await list(identity, after: 4).events.isEmpty)
      #expect(
        await identity.refusal { try await list(identity, after: 3) } == "POSITION_LOST")
    }
  }
}
