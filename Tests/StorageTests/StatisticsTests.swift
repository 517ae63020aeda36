import Storage
import StorageTesting
import Testing

@Suite struct StatisticsTests {
  @Test(arguments: Engine.allCases)
  func `commits are counted with their sizes and times`(_ engine: Engine) async throws {
    try await engine.withDatabase([
      Migration(1, "item", oldestProgram: 1, sql: "CREATE TABLE item (id bigint PRIMARY KEY)")
    ]) { database in
      let write = GroupedWrite<Int64, Bool>(database) { inputs, session in
        try session.execute("INSERT INTO item (id) $rows", rows: .keys(inputs))
        return inputs.map { _ in .success(true) }
      }
      await withTaskGroup(of: Void.self) { group in
        for id in 0..<50 { group.addTask { _ = try? await write.run(Int64(id)) } }
        for id in 50..<100 {
          group.addTask {
            try? await database.write { session in
              _ = try session.execute("INSERT INTO item VALUES ($1)", .integer(Int64(id)))
            }
          }
        }
      }
      let statistics = database.statistics
      #expect(statistics.groupSizes.sum == 100)
      #expect((1...100) ~= statistics.commitCount)
      #expect(statistics.commitMicroseconds.counts.reduce(0, +) == statistics.commitCount)
      #expect(statistics.commitMicroseconds.sum > 0)
      #expect(statistics.connectCount > 0)
      #expect((statistics.writesWaiting, statistics.readsWaiting) == (0, 0))
      #expect(database.writability == .writable)
    }
  }
}
