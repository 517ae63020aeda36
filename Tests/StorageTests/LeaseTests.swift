import Storage
import StorageTesting
import Testing

@Suite struct LeaseTests {
  @Test(arguments: Engine.allCases)
  func `one holder at a time has it, until it ends or is given back`(
    _ engine: Engine
  ) async throws {
    let migration = Migration(1, "lease", oldestProgram: 1, sql: Lease.table)
    try await engine.withDatabase([migration]) { database in
      let one = Lease("relay", holder: "one", duration: .seconds(10))
      let two = Lease("relay", holder: "two", duration: .seconds(10))
      func take(_ lease: Lease, at seconds: Int) async throws -> Bool {
        try await database.write { try lease.take(at: .seconds(seconds), in: $0) }
      }
      let results = [
        try await take(one, at: 0), try await take(two, at: 5), try await take(one, at: 8),
        try await take(two, at: 15), try await take(two, at: 19), try await take(one, at: 20),
      ]
      #expect(results == [true, false, true, false, true, false])
      try await database.write { try two.release(in: $0) }
      let after = try await take(one, at: 21)
      #expect(after)
    }
  }
}
