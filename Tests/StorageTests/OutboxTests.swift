import Platform
import Storage
import StorageTesting
import Testing

@Suite struct OutboxTests {
  private static let migrations = [Migration(1, "outbox", oldestProgram: 1, sql: Outbox.tables)]

  private func add(
    _ aggregate: String, _ number: UInt8, to outbox: Outbox, _ database: Database
  ) async throws {
    try await database.write { session in
      try outbox.add("test.Happened", of: aggregate, [number], in: session)
    }
  }

  @Test(arguments: Engine.allCases)
  func `events have positions without gaps, and come after any cursor`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let outbox = Outbox(database, time: ManualTime())
      for number in 1...5 { try await add("a", UInt8(number), to: outbox, database) }
      let before = try await outbox.events(after: 0, countMax: 10)
      #expect(before == [])
      let relayed = try await outbox.relayOnce()
      #expect(relayed == 5)
      let all = try await outbox.events(after: 0, countMax: 10)
      #expect(all.map(\.position) == [1, 2, 3, 4, 5])
      #expect(all.map(\.payload) == [[1], [2], [3], [4], [5]])
      let part = try await outbox.events(after: 2, countMax: 2)
      #expect(part.map(\.position) == [3, 4])
    }
  }

  @Test(arguments: Engine.allCases)
  func `an aggregate's events keep their order when the clock goes back`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let late = Outbox(database, time: ManualTime(sinceEpoch: .seconds(1_000)))
      let early = Outbox(database, time: ManualTime(sinceEpoch: .seconds(10)))
      try await add("a", 1, to: late, database)
      try await add("a", 2, to: early, database)
      try await add("b", 3, to: early, database)
      try await late.relayOnce()
      let events = try await late.events(after: 0, countMax: 10)
      #expect(events.filter { $0.aggregate == "a" }.map(\.payload) == [[1], [2]])
      #expect(events.count == 3)
    }
  }

  /// On PostgreSQL transactions overlap; a number taken by the first to begin would be passed by a
  /// reader before the last to commit shows it.
  @Test func `transactions that commit in reverse order lose no event`() async throws {
    try await Engine.postgreSQL.withDatabase(Self.migrations) { database in
      let outbox = Outbox(database, time: SystemTime())
      let firstHasWritten = Lock(false)
      let secondIsCommitted = Lock(false)
      async let first: Void = database.write { session in
        try outbox.add("test.Happened", of: "first", [1], in: session)
        firstHasWritten.withLock { $0 = true }
        while !secondIsCommitted.withLock({ $0 }) {
          try session.first("SELECT pg_sleep(0.001)") { (_) throws(StorageError) in }
        }
      }
      while !firstHasWritten.withLock({ $0 }) { await Task.yield() }
      try await database.write { session in
        try outbox.add("test.Happened", of: "second", [2], in: session)
      }
      try await outbox.relayOnce()
      let seen = try await outbox.events(after: 0, countMax: 10)
      #expect(seen.map(\.aggregate) == ["second"])
      secondIsCommitted.withLock { $0 = true }
      try await first
      try await outbox.relayOnce()
      let rest = try await outbox.events(after: seen.last?.position ?? 0, countMax: 10)
      #expect(rest.map(\.aggregate) == ["first"])
      #expect(rest.map(\.position) == [2])
    }
  }

  @Test(arguments: Engine.allCases)
  func `readers who follow see everything that many writers add`(_ engine: Engine) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let outbox = Outbox(database, time: SystemTime(), wait: .milliseconds(1))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<8 {
          group.addTask {
            for number in 0..<10 { try await add("\(writer)", UInt8(number), to: outbox, database) }
          }
        }
        for _ in 0..<2 {
          group.addTask { await outbox.relay { Issue.record($0) } }
        }
        var seen: [Outbox.Event] = []
        while seen.count < 80 {
          seen += try await outbox.nextEvents(after: seen.last?.position ?? 0, countMax: 7)
        }
        #expect(seen.map(\.position) == Array(1...80))
        for writer in 0..<8 {
          let own = seen.filter { $0.aggregate == "\(writer)" }
          #expect(own.map(\.payload) == (0..<10).map { [UInt8($0)] })
        }
        group.cancelAll()
      }
    }
  }

  /// Time stands still, so that whoever waits for it waits for ever.
  @Test(arguments: Engine.allCases)
  func `relay and readers are woken, they do not wait for the clock`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let outbox = Outbox(database, time: ManualTime())
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await outbox.relay { Issue.record($0) } }
        for number in 1...20 {
          async let events = outbox.nextEvents(after: Int64(number - 1), countMax: 10)
          try await add("a", UInt8(number), to: outbox, database)
          let seen = try await events
          #expect(seen.map(\.payload) == [[UInt8(number)]])
        }
        group.cancelAll()
      }
    }
  }

  @Test func `readers of another copy are woken by the relay of this one`() async throws {
    try await Engine.postgreSQL.withLocation { location in
      let here = try await Database(location, migrations: Self.migrations)
      let there = try await Database(location, migrations: Self.migrations)
      let outbox = Outbox(here, time: ManualTime())
      let other = Outbox(there, time: ManualTime())
      for number in 1...3 {
        async let events = other.nextEvents(after: Int64(number - 1), countMax: 10)
        try await add("a", UInt8(number), to: outbox, here)
        try await outbox.relayOnce()
        let seen = try await events
        #expect(seen.map(\.position) == [Int64(number)])
      }
      await here.stop()
      await there.stop()
    }
  }
}
