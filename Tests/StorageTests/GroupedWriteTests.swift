import Platform
import Storage
import StorageTesting
import Testing

@Suite struct GroupedWriteTests {
  private static let table = Migration(
    1, "entry", oldestProgram: 1,
    sql: "CREATE TABLE entry (id bigint PRIMARY KEY, amount bigint NOT NULL CHECK (amount >= 0))")

  private struct Refusal: Error, Equatable {}

  /// Adds entries; refuses those that are there already, and does not see amounts below 0 coming.
  private static func adding(
    to database: Database, groupMax: Int = 256, groups: Lock<[Int]> = Lock([])
  ) -> GroupedWrite<(id: Int64, amount: Int64), Int64> {
    GroupedWrite(database, groupMax: groupMax) { inputs, session in
      groups.withLock { $0.append(inputs.count) }
      var known = Set(
        try session.all("SELECT id FROM entry WHERE id IN ($rows)", rows: .keys(inputs.map(\.id))) {
          (row) throws(StorageError) in try row.integer(0)
        })
      var rows = SQLRows(.integer, .integer)
      let results = inputs.map { input -> Result<Int64, any Error> in
        guard known.insert(input.id).inserted else { return .failure(Refusal()) }
        rows.append(.integer(input.id), .integer(input.amount))
        return .success(input.amount)
      }
      try session.execute("INSERT INTO entry (id, amount) $rows", rows: rows)
      return results
    }
  }

  private static func count(in database: Database) async throws -> Int64? {
    try await database.read { session in
      try session.first("SELECT count(*) FROM entry") { (row) throws(StorageError) in
        try row.integer(0)
      }
    }
  }

  /// How each input ended: its answer, or nil for a refusal, or the database's code.
  private enum Outcome: Hashable {
    case done(Int64), refused, failed(StorageError.Code)
  }

  private static func outcomes(
    of inputs: [(id: Int64, amount: Int64)],
    by write: GroupedWrite<(id: Int64, amount: Int64), Int64>
  ) async -> [Outcome] {
    await withTaskGroup(of: (Int, Outcome).self) { group in
      for (index, input) in inputs.enumerated() {
        group.addTask {
          do {
            return (index, .done(try await write.run(input)))
          } catch let error as StorageError {
            return (index, .failed(error.code))
          } catch {
            return (index, .refused)
          }
        }
      }
      return await group.reduce(into: Array(repeating: .refused, count: inputs.count)) {
        $0[$1.0] = $1.1
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `each input gets its own result, refusals too`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.table]) { database in
      let write = Self.adding(to: database, groupMax: 50)
      let inputs = (0..<300).map { (id: Int64($0 % 200), amount: Int64($0 % 200)) }
      let outcomes = await Self.outcomes(of: inputs, by: write)
      for id in 0..<200 {
        let own = outcomes.indices.filter { $0 % 200 == id }.map { outcomes[$0] }
        #expect(Set(own).contains(.done(Int64(id))), "\(id)")
        #expect(own.count(where: { $0 == .refused }) == own.count - 1, "\(id)")
      }
      let count = try await Self.count(in: database)
      #expect(count == 200)
    }
  }

  @Test(arguments: Engine.allCases)
  func `those who come while a commit lasts share the next`(_ engine: Engine) async throws {
    var options = DatabaseOptions()
    options.writerCount = 1
    try await engine.withDatabase([Self.table], options: options) { database in
      let groups = Lock<[Int]>([])
      let write = Self.adding(to: database, groups: groups)
      let gate = Lock(false)
      let isHeld = Lock(false)
      // The writer is held until all have come.
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          try? await database.write { session in
            isHeld.withLock { $0 = true }
            while !gate.withLock({ $0 }) {
              try session.first("SELECT 1") { (_) throws(StorageError) in }
            }
          }
        }
        while !isHeld.withLock({ $0 }) { await Task.yield() }
        for id in 0..<100 {
          group.addTask { _ = try? await write.run((id: Int64(id), amount: 1)) }
        }
        while write.waitingCount < 100 { await Task.yield() }
        gate.withLock { $0 = true }
      }
      #expect(groups.withLock { $0 } == [100])
      let count = try await Self.count(in: database)
      #expect(count == 100)
    }
  }

  @Test(arguments: Engine.allCases)
  func `an input that breaks its group is found and answered alone`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase([Self.table]) { database in
      let write = Self.adding(to: database)
      let bad: Set<Int64> = [3, 40, 41]
      let inputs = (0..<64).map { (id: Int64($0), amount: Int64(bad.contains(Int64($0)) ? -1 : 1)) }
      let outcomes = await Self.outcomes(of: inputs, by: write)
      for (index, outcome) in outcomes.enumerated() {
        #expect(
          outcome
            == (bad.contains(Int64(index)) ? .failed(.constraint(.check)) : .done(1)), "\(index)")
      }
      let count = try await Self.count(in: database)
      #expect(count == 61)
    }
  }

  @Test(arguments: Engine.allCases)
  func `groups and single transactions that change the same row lose nothing`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase([Self.table]) { database in
      try await database.write { session in
        _ = try session.execute("INSERT INTO entry VALUES (1, 0)")
      }
      let add = GroupedWrite<Int64, Int64>(database, groupMax: 16) {
        inputs, session in
        let sum = try session.first("SELECT amount FROM entry WHERE id = 1") {
          (row) throws(StorageError) in try row.integer(0)
        }
        try session.execute(
          "UPDATE entry SET amount = $1 WHERE id = 1",
          .integer((sum ?? 0) + inputs.reduce(0, +)))
        return inputs.map { .success($0) }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<100 {
          group.addTask {
            if number % 5 == 0 {
              try await database.write { session in
                _ = try session.execute("UPDATE entry SET amount = amount + 1 WHERE id = 1")
              }
            } else {
              _ = try await add.run(1)
            }
          }
        }
        try await group.waitForAll()
      }
      let sum = try await database.read { session in
        try session.first("SELECT amount FROM entry") { (row) throws(StorageError) in
          try row.integer(0)
        }
      }
      #expect(sum == 100)
    }
  }

  @Test(arguments: Engine.allCases)
  func `who comes after the database has been stopped is refused`(_ engine: Engine) async throws {
    try await engine.withLocation { location in
      let database = try await Database(location, migrations: [Self.table])
      let write = Self.adding(to: database)
      await database.stop()
      let outcomes = await Self.outcomes(of: [(id: 1, amount: 1), (id: 2, amount: 1)], by: write)
      #expect(outcomes == [.failed(.stopped), .failed(.stopped)])
    }
  }

  @Test(arguments: Engine.allCases)
  func `too few results are the fault of the program`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.table]) { database in
      let write = GroupedWrite<Int64, Int64>(database) { _, _ in [] }
      let thrown = await #expect(throws: StorageError.self) { try await write.run(1) }
      #expect(thrown?.code == .invalid)
    }
  }
}
