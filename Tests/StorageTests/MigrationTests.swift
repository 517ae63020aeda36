import Storage
import StorageTesting
import Testing

@Suite struct MigrationTests {
  private static func step(
    _ number: Int, _ sql: String? = nil, oldestProgram: Int = 1
  ) -> Migration {
    Migration(
      number, "step \(number)", oldestProgram: oldestProgram,
      sql: sql ?? "CREATE TABLE step\(number) (id bigint PRIMARY KEY)")
  }

  private static func open(
    _ location: DatabaseLocation, _ migrations: [Migration]
  ) async throws(StorageError) {
    try await Database(location, migrations: migrations).stop()
  }

  /// Why the database cannot be opened.
  private static func fault(
    _ location: DatabaseLocation, _ migrations: [Migration]
  ) async -> StorageError? {
    do throws(StorageError) {
      try await open(location, migrations)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: Engine.allCases)
  func `steps are taken once, in order`(_ engine: Engine) async throws {
    try await engine.withLocation { location in
      try await Self.open(location, [Self.step(1)])
      try await Self.open(location, [Self.step(1), Self.step(2)])
      try await Self.open(location, [Self.step(1), Self.step(2)])
    }
  }

  @Test(arguments: Engine.allCases)
  func `a step that was changed is found`(_ engine: Engine) async throws {
    try await engine.withLocation { location in
      try await Self.open(location, [Self.step(1)])
      let error = await Self.fault(location, [Self.step(1, "CREATE TABLE other (id bigint)")])
      #expect(error?.code == .unfit)
      #expect(error?.description.contains("step 1, was another one") == true)
    }
  }

  @Test(arguments: Engine.allCases)
  func `an older program runs on steps that say so, and on no others`(
    _ engine: Engine
  ) async throws {
    try await engine.withLocation { location in
      let old = [Self.step(1)]
      try await Self.open(location, old + [Self.step(2, oldestProgram: 1)])
      try await Self.open(location, old)
      let all = old + [Self.step(2, oldestProgram: 1), Self.step(3, oldestProgram: 3)]
      try await Self.open(location, all)
      let error = await Self.fault(location, old)
      #expect(error?.code == .unfit)
      #expect(error?.description.contains("install the newer program") == true)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a step that fails leaves nothing, and the steps before it`(_ engine: Engine) async throws {
    try await engine.withLocation { location in
      let error = await Self.fault(
        location, [Self.step(1), Self.step(2, "CREATE TABLE two (id bigint); CREATE TABEL three")])
      #expect(error?.description.contains("migration 2, step 2") == true)
      try await Self.open(location, [Self.step(1), Self.step(2, "CREATE TABLE two (id bigint)")])
    }
  }

  @Test(arguments: Engine.allCases)
  func `copies that start at once migrate one after the other`(_ engine: Engine) async throws {
    // One process at a time has a file.
    guard engine == .postgreSQL else { return }
    try await engine.withLocation { location in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 {
          group.addTask { try await Self.open(location, [Self.step(1), Self.step(2)]) }
        }
        try await group.waitForAll()
      }
    }
  }
}
