import Storage
import StorageTesting
import Testing

@Suite struct SQLRowsTests {
  private static let table = Migration(
    1, "item", oldestProgram: 1,
    sql: "CREATE TABLE item (id bigint PRIMARY KEY, name text, picture bytea)")

  private static func items(_ ids: some Sequence<Int64>) -> SQLRows {
    var rows = SQLRows(.integer, .text, .bytes)
    for id in ids { rows.append(.integer(id), .text("item \(id)"), .bytes([UInt8(id & 0xFF)])) }
    return rows
  }

  @Test(arguments: Engine.allCases, [0, 1, 2, 3, 64, 100, 1_025])
  func `a set of any size is inserted, changed and found`(
    _ engine: Engine, _ count: Int64
  ) async throws {
    try await engine.withDatabase([Self.table]) { database in
      let (inserted, changed) = try await database.write { session in
        let inserted = try session.execute(
          "INSERT INTO item (id, name, picture) $rows ON CONFLICT (id) DO NOTHING",
          rows: Self.items(0..<count))
        var changes = SQLRows(.integer, .text)
        for id in 0..<count / 2 { changes.append(.integer(id), .text("changed")) }
        let changed = try session.execute(
          """
          WITH change (id, name) AS ($rows) UPDATE item SET name = change.name || $1
          FROM change WHERE item.id = change.id
          """, "!", rows: changes)
        return (inserted, changed)
      }
      #expect(inserted == count)
      #expect(changed == count / 2)
      let found = try await database.read { session in
        try session.all(
          "SELECT id, name FROM item WHERE id IN ($rows) AND id <> $1 ORDER BY id", 1,
          rows: .keys(0..<count + 5)
        ) { (row) throws(StorageError) in (try row.integer(0), try row.text(1)) }
      }
      let wanted = (0..<count).filter { $0 != 1 }
      #expect(found.map(\.0) == wanted)
      #expect(found.map(\.1) == wanted.map { $0 < count / 2 ? "changed!" : "item \($0)" })
    }
  }

  @Test(arguments: Engine.allCases)
  func `a smaller set takes nothing over from a larger one before it`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase([Self.table]) { database in
      let counts = try await database.write { session in
        try [Self.items(0..<8), Self.items(10..<15), Self.items(20..<27)].map { rows in
          try session.execute("INSERT INTO item (id, name, picture) $rows", rows: rows)
        }
      }
      #expect(counts == [8, 5, 7])
    }
  }

  @Test(arguments: Engine.allCases)
  func `values of a set come back as they were written`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.table]) { database in
      var rows = SQLRows(.integer, .text, .bytes)
      rows.append(.integer(.max), "足球 \",{}\\", .bytes([0, 255]))
      rows.append(.integer(.min), nil, nil)
      rows.append(0, "", .bytes([]))
      let set = rows
      try await database.write { session in
        _ = try session.execute("INSERT INTO item (id, name, picture) $rows", rows: set)
      }
      let found = try await database.read { session in
        try session.all(
          "SELECT id, name, picture FROM item WHERE picture IN ($rows) OR picture IS NULL ORDER BY id",
          rows: .keys([[0, 255], []])
        ) { (row) throws(StorageError) in
          "\(try row.integer(0)) \(try row.optionalText(1) ?? "-") \(try row.optionalBytes(2) ?? [7])"
        }
      }
      #expect(
        found == ["\(Int64.min) - [7]", "0  []", "\(Int64.max) 足球 \",{}\\ [0, 255]"])
      let byName = try await database.read { session in
        try session.all(
          "SELECT id FROM item WHERE name IN ($rows)", rows: .keys(["", "none"])
        ) { (row) throws(StorageError) in try row.integer(0) }
      }
      #expect(byName == [0])
    }
  }

  @Test(arguments: Engine.allCases)
  func `a set that is too large is refused, one at the limit is taken`(
    _ engine: Engine
  ) async throws {
    // Builds without optimisation take their time to make them.
    var options = DatabaseOptions()
    options.readTimeMax = .seconds(30)
    try await engine.withDatabase([Self.table], options: options) { database in
      let query = "SELECT count(*) FROM item WHERE id IN ($rows)"
      let full = try await database.read { session in
        try session.all(query, rows: .keys(0..<Int64(SQLRows.valuesMax))) {
          (row) throws(StorageError) in try row.integer(0)
        }
      }
      #expect(full == [0])
      let thrown = await #expect(throws: StorageError.self) {
        try await database.read { session in
          try session.execute(query, rows: .keys(0...Int64(SQLRows.valuesMax)))
        }
      }
      #expect(thrown?.code == .invalid)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a parameter without a value is refused beside a set, too`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.table]) { database in
      let thrown = await #expect(throws: StorageError.self) {
        try await database.read { session in
          try session.execute(
            "SELECT id FROM item WHERE id = $2 OR id IN ($rows) OR id = $1", 1, rows: .keys([1, 2]))
        }
      }
      #expect(thrown?.code == .invalid)
    }
  }
}
