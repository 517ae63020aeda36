import Platform
import Storage
import StorageTesting
import Testing

@Suite struct DatabaseTests {
  private static let accounts = Migration(
    1, "accounts", oldestProgram: 1,
    sql: """
      CREATE TABLE account (
        id bigint PRIMARY KEY, name text NOT NULL, picture bytea, balance bigint NOT NULL,
        CHECK (balance >= 0));
      CREATE TABLE entry (account bigint NOT NULL REFERENCES account (id), amount bigint NOT NULL);
      """)

  private struct Refusal: Error, Equatable {}

  @Test(arguments: Engine.allCases)
  func `values come back as they were written`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      let written = try await database.write { session in
        try session.execute(
          "INSERT INTO account VALUES ($1, $2, $3, $4)", .integer(.max), "足球 ⚽ '\"",
          .bytes([0, 255]),
          .integer(0))
          + session.execute(
            "INSERT INTO account VALUES ($2, $1, $3, $4)", "", .integer(.min), nil, .integer(.max))
      }
      #expect(written == 2)
      let rows = try await database.read { session in
        try session.all("SELECT id, name, picture, balance FROM account ORDER BY id") {
          (row) throws(StorageError) in
          [
            "\(try row.integer(0))", try row.text(1), "\(try row.optionalBytes(2) ?? [7])",
            "\(try row.integer(3))",
          ]
        }
      }
      #expect(
        rows == [
          ["\(Int64.min)", "", "[7]", "\(Int64.max)"],
          ["\(Int64.max)", "足球 ⚽ '\"", "[0, 255]", "0"],
        ])
    }
  }

  @Test(arguments: Engine.allCases)
  func `a closure that throws leaves nothing behind`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      await #expect(throws: Refusal.self) {
        try await database.write { session in
          try session.execute("INSERT INTO account VALUES (1, 'a', NULL, 0)")
          throw Refusal()
        }
      }
      try await Self.expect(0, in: database)
    }
  }

  @Test(
    arguments: Engine.allCases,
    [
      ("INSERT INTO account VALUES (1, 'b', NULL, 0)", StorageError.Code.constraint(.unique)),
      ("INSERT INTO account VALUES (2, NULL, NULL, 0)", .constraint(.notNull)),
      ("INSERT INTO account VALUES (2, 'b', NULL, -1)", .constraint(.check)),
      ("INSERT INTO entry VALUES (9, 1)", .constraint(.foreignKey)),
      ("INSERT INTO nowhere VALUES (1)", .invalid),
      ("INSERT INTO", .invalid),
    ])
  func `a statement that fails says which rule it broke`(
    _ engine: Engine, _ fault: (sql: String, code: StorageError.Code)
  ) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      let thrown = await #expect(throws: StorageError.self) {
        try await database.write { session in
          try session.execute("INSERT INTO account VALUES (1, 'a', NULL, 0)")
          try session.execute(fault.sql)
        }
      }
      #expect(thrown?.code == fault.code)
      try await Self.expect(0, in: database)
    }
  }

  @Test(arguments: Engine.allCases)
  func `nothing goes on after a fault, even if the closure ignores it`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      let thrown = await #expect(throws: StorageError.self) {
        try await database.write { session in
          _ = try? session.execute("INSERT INTO nowhere VALUES (1)")
          _ = try? session.execute("INSERT INTO account VALUES (1, 'a', NULL, 0)")
        }
      }
      #expect(thrown?.code == .invalid)
      try await Self.expect(0, in: database)
    }
  }

  @Test(arguments: Engine.allCases)
  func `members of a group stand and fall alone`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      let outcomes = await withTaskGroup(of: Bool.self) { group in
        for id in 0..<300 {
          group.addTask {
            do {
              try await database.write { session in
                try session.execute(
                  "INSERT INTO account VALUES ($1, 'a', NULL, 0)", .integer(Int64(id)))
                if id % 3 == 0 { throw Refusal() }
                if id % 3 == 1 { try session.execute("INSERT INTO nowhere VALUES (1)") }
              }
              return true
            } catch {
              return false
            }
          }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(outcomes == 100)
      try await Self.expect(100, in: database)
    }
  }

  @Test(arguments: Engine.allCases)
  func `additions by many callers lose none`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      _ = try await database.write { session in
        try session.execute("INSERT INTO account VALUES (1, 'a', NULL, 0)")
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<200 {
          group.addTask {
            _ = try await database.write { session in
              let balance = try session.first("SELECT balance FROM account WHERE id = 1") {
                (row) throws(StorageError) in try row.integer(0)
              }
              return try session.execute(
                "UPDATE account SET balance = $1 WHERE id = 1", .integer((balance ?? 0) + 1))
            }
          }
        }
        try await group.waitForAll()
      }
      let sum = try await database.read { session in
        try session.first("SELECT balance FROM account") { (row) throws(StorageError) in
          try row.integer(0)
        }
      }
      #expect(sum == 200)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a reader cannot write`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      await #expect(throws: StorageError.self) {
        try await database.read { session in
          try session.execute("INSERT INTO account VALUES (1, 'a', NULL, 0)")
        }
      }
      try await Self.expect(0, in: database)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a query that takes too long is ended`(_ engine: Engine) async throws {
    var options = DatabaseOptions()
    options.readTimeMax = .milliseconds(50)
    try await engine.withDatabase([Self.accounts], options: options) { database in
      let thrown = await #expect(throws: StorageError.self) {
        try await database.read { session in
          try session.first(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
            SELECT count(*) FROM n
            """
          ) { (row) throws(StorageError) in try row.integer(0) }
        }
      }
      #expect(thrown?.code == .tooSlow)
      // The connection goes on.
      try await Self.expect(0, in: database)
    }
  }

  @Test(arguments: Engine.allCases)
  func `who comes when too many wait is refused`(_ engine: Engine) async throws {
    var options = DatabaseOptions()
    (options.waitingMax, options.writerCount) = (2, 1)
    try await engine.withDatabase([Self.accounts], options: options) { database in
      // The thread is held until all others have come.
      let gate = Lock(false)
      let codes = try await withThrowingTaskGroup(of: StorageError.Code?.self) { group in
        for _ in 0..<20 {
          group.addTask {
            do {
              try await database.write { session in
                while !gate.withLock({ $0 }) {
                  try session.first("SELECT 1") { (_) throws(StorageError) in }
                }
              }
              return nil
            } catch let error as StorageError {
              return error.code
            }
          }
        }
        var codes: [StorageError.Code] = []
        for try await code in group {
          if let code { codes.append(code) }
          if codes.count == 10 { gate.withLock { $0 = true } }
        }
        return codes
      }
      #expect(codes.count >= 10)
      #expect(codes.allSatisfy { $0 == .busy })
    }
  }

  @Test(arguments: Engine.allCases)
  func `a stopped database refuses`(_ engine: Engine) async throws {
    try await engine.withLocation { location in
      let database = try await Database(location, migrations: [Self.accounts])
      await database.stop()
      let thrown = await #expect(throws: StorageError.self) {
        try await database.write { _ in }
      }
      #expect(thrown?.code == .stopped)
    }
  }

  @Test func `a server that is not there is told of`() async throws {
    let thrown = await #expect(throws: StorageError.self) {
      _ = try await Database(
        .postgreSQL(address: "postgres://127.0.0.1:1/none?user=nobody"), migrations: [])
    }
    #expect(thrown?.code == .unavailable)
    #expect(thrown?.description.contains("refused") == true)
  }

  @Test(arguments: Engine.allCases)
  func `who gives up before his turn has not written`(_ engine: Engine) async throws {
    var options = DatabaseOptions()
    options.writerCount = 1
    try await engine.withDatabase([Self.accounts], options: options) { database in
      let gate = Lock(false)
      let isHeld = Lock(false)
      async let holder: Void = database.write { session in
        isHeld.withLock { $0 = true }
        while !gate.withLock({ $0 }) {
          try session.first("SELECT 1") { (_) throws(StorageError) in }
        }
      }
      while !isHeld.withLock({ $0 }) { await Task.yield() }
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          await #expect(throws: CancellationError.self) {
            _ = try await database.write { session in
              try session.execute("INSERT INTO account VALUES (1, 'a', NULL, 0)")
            }
          }
        }
        group.cancelAll()
        gate.withLock { $0 = true }
      }
      try await holder
      try await Self.expect(0, in: database)
    }
  }

  @Test func `a second process is kept from a file`() async throws {
    try await Engine.sqlite.withLocation { location in
      let first = try await Database(location, migrations: [])
      let thrown = await #expect(throws: StorageError.self) {
        _ = try await Database(location, migrations: [])
      }
      #expect(thrown?.code == .unavailable)
      #expect(thrown?.description.contains("another process has the database") == true)
      await first.stop()
      try await Database(location, migrations: []).stop()
    }
  }

  @Test(arguments: Engine.allCases)
  func `a text with a zero is refused`(_ engine: Engine) async throws {
    try await engine.withDatabase([Self.accounts]) { database in
      let thrown = await #expect(throws: StorageError.self) {
        try await database.write { session in
          try session.execute("INSERT INTO account VALUES (1, $1, NULL, 0)", "a\0b")
        }
      }
      #expect(thrown?.code == .invalid)
    }
  }

  private static func expect(_ wanted: Int64, in database: Database) async throws {
    let count = try await database.read { session in
      try session.first("SELECT count(*) FROM account") { (row) throws(StorageError) in
        try row.integer(0)
      }
    }
    #expect(count == wanted)
  }
}
