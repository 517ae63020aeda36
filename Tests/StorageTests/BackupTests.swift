import Foundation
import Platform
import Storage
import StorageTesting
import Testing

@Suite struct BackupTests {
  private static let migrations = [
    Migration(
      1, "account", oldestProgram: 1,
      sql: """
        CREATE TABLE account (
          id bigint PRIMARY KEY, name text, picture bytea, balance bigint NOT NULL);
        CREATE TABLE currency (code text PRIMARY KEY);
        INSERT INTO currency VALUES ('PKR');
        """),
    Migration(
      2, "entry", oldestProgram: 1,
      sql: """
        CREATE TABLE aentry (
          account bigint NOT NULL REFERENCES account (id), amount bigint NOT NULL)
        """),
    Migration(3, "outbox", oldestProgram: 1, sql: Outbox.tables),
  ]

  private static let balanced = IntegrityRule("balances sum to zero") { session in
    let sum = try session.first("SELECT CAST(coalesce(sum(balance), 0) AS bigint) FROM account") {
      (row) throws(StorageError) in try row.integer(0)
    }
    return sum == 0 ? [] : ["they sum to \(sum ?? 0)"]
  }

  private static let backup = Backup(
    service: "payments", program: "1.2.3", time: ManualTime(sinceEpoch: .seconds(1_000)))

  private static func withFolder(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-backup-\(Foundation.UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.path)
  }

  private static func fill(_ database: Database, pairs: Int64) async throws {
    try await database.write { session in
      var rows = SQLRows(.integer, .text, .bytes, .integer)
      for id in 0..<pairs {
        rows.append(.integer(2 * id), .text("name \(id)"), .bytes([1, 2]), .integer(id))
        rows.append(.integer(2 * id + 1), nil, nil, .integer(-id))
      }
      try session.execute("INSERT INTO account (id, name, picture, balance) $rows", rows: rows)
      try session.execute("INSERT INTO aentry VALUES (0, 5)")
    }
    let outbox = Outbox(database, time: SystemTime())
    try await database.write { try outbox.add("k", of: "a", [1], in: $0) }
    try await outbox.relayOnce()
  }

  private static func rows(_ database: Database) async throws -> [String] {
    try await database.read { session in
      try session.all("SELECT id, name, picture, balance FROM account ORDER BY id") {
        (row) throws(StorageError) in
        "\(try row.integer(0)) \(try row.optionalText(1) ?? "-") \(try row.optionalBytes(2) ?? [])"
          + " \(try row.integer(3))"
      } + session.all("SELECT code FROM currency") { (row) throws(StorageError) in try row.text(0) }
        + session.all("SELECT amount FROM aentry") { (row) throws(StorageError) in
          "\(try row.integer(0))"
        }
    }
  }

  @Test(arguments: Engine.allCases, Engine.allCases)
  func `a backup of either engine is restored to either`(
    _ from: Engine, _ to: Engine
  ) async throws {
    try await Self.withFolder { folder in
      let store = try BlobStore(
        folder: "\(folder)/blobs", time: SystemTime(), random: SeededRandom(seed: 1))
      let writer = try await store.write(byteCountMax: 100)
      try await writer.append([1, 2, 3])
      let blob = try await writer.finish()
      let before = Lock<[String]>([])
      try await from.withDatabase(Self.migrations) { database in
        try await Self.fill(database, pairs: 700)
        let rows = try await Self.rows(database)
        before.withLock { $0 = rows }
        let manifest = try await Self.backup.make(
          of: database, blobs: store, into: "\(folder)/backup")
        #expect(manifest.schema == 3)
        #expect(manifest.outboxPosition == 1)
        #expect(manifest.program == "1.2.3")
        #expect(manifest.files.count == 2)
      }
      let read = try await Self.backup.verify("\(folder)/backup", rules: [Self.balanced])
      #expect(read.outboxPosition == 1)
      try await to.withLocation { location in
        try await Self.backup.restore(
          "\(folder)/backup", to: location, blobFolder: "\(folder)/restored",
          migrations: Self.migrations, rules: [Self.balanced])
        let restored = try await Database(location, migrations: Self.migrations)
        let rows = try await Self.rows(restored)
        #expect(rows == before.withLock { $0 })
        #expect(rows.count == 1_402)
        let faults = try await restored.faults(rules: [Self.balanced])
        #expect(faults == [])
        let blobs = try BlobStore(
          folder: "\(folder)/restored", time: SystemTime(), random: SeededRandom(seed: 1))
        let fault = try await blobs.check(blob)
        #expect(fault == nil)
        // While it runs, and once there is something, nothing is restored over it.
        for isRunning in [true, false] {
          let thrown = await #expect(throws: StorageError.self) {
            try await Self.backup.restore(
              "\(folder)/backup", to: location, blobFolder: "\(folder)/third",
              migrations: Self.migrations)
          }
          #expect(
            thrown?.code == (isRunning && to == .sqlite ? .unavailable : .invalid))
          if isRunning { await restored.stop() }
        }
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `a backup made among transfers holds one state`(_ engine: Engine) async throws {
    try await Self.withFolder { folder in
      try await engine.withDatabase(Self.migrations) { database in
        try await Self.fill(database, pairs: 1_000)
        let isOver = Lock(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
          for writer in 0..<4 {
            group.addTask {
              var id = Int64(writer)
              while !isOver.withLock({ $0 }) {
                id = (id + 7) % 1_000
                let (one, other) = (id, id + 1_000)
                try await database.write { session in
                  try session.execute(
                    "UPDATE account SET balance = balance - 3 WHERE id = $1", .integer(one))
                  try session.execute(
                    "UPDATE account SET balance = balance + 3 WHERE id = $1", .integer(other))
                }
              }
            }
          }
          try await Self.backup.make(of: database, blobs: nil, into: "\(folder)/backup")
          isOver.withLock { $0 = true }
          try await group.waitForAll()
        }
      }
      try await Self.backup.verify("\(folder)/backup", rules: [Self.balanced])
    }
  }

  @Test(arguments: Engine.allCases)
  func `a backup that is given up has no manifest and is refused`(_ engine: Engine) async throws {
    struct Killed: Error {}
    try await Self.withFolder { folder in
      try await engine.withDatabase(Self.migrations) { database in
        try await Self.fill(database, pairs: 1_000)
        await withTaskGroup(of: Void.self) { group in
          let hasBegun = Lock(false)
          group.addTask {
            _ = try? await Self.backup.make(of: database, blobs: nil, into: "\(folder)/backup") {
              _ in
              hasBegun.withLock { $0 = true }
              try? FileManager.default.removeItem(atPath: "\(folder)/backup/data.sqlite")
            }
          }
          await group.waitForAll()
          #expect(hasBegun.withLock { $0 })
        }
        // The service goes on.
        try await Self.fillMore(database)
      }
      let thrown = await #expect(throws: StorageError.self) {
        try await Self.backup.verify("\(folder)/backup")
      }
      #expect(thrown?.code == .unfit)
    }
  }

  private static func fillMore(_ database: Database) async throws {
    try await database.write { session in
      _ = try session.execute("INSERT INTO aentry VALUES (1, 7)")
    }
  }

  @Test(arguments: ["data.sqlite", "manifest"])
  func `a file that changed is found`(_ name: String) async throws {
    try await Self.withFolder { folder in
      try await Engine.sqlite.withDatabase(Self.migrations) { database in
        try await Self.fill(database, pairs: 10)
        try await Self.backup.make(of: database, blobs: nil, into: "\(folder)/backup")
      }
      let file = URL(filePath: "\(folder)/backup/\(name)")
      var content = try Data(contentsOf: file)
      content[content.count / 2] ^= 1
      try content.write(to: file)
      let thrown = await #expect(throws: StorageError.self) {
        try await Self.backup.verify("\(folder)/backup")
      }
      #expect(thrown?.code == .unfit)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a rule that is broken is told`(_ engine: Engine) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      try await database.write { session in
        _ = try session.execute("INSERT INTO account VALUES (1, 'a', NULL, 5)")
      }
      let faults = try await database.faults(rules: [Self.balanced])
      #expect(faults == ["balances sum to zero: they sum to 5"])
    }
  }

  @Test func `a backup is not made over another, nor read by another service`() async throws {
    try await Self.withFolder { folder in
      try await Engine.sqlite.withDatabase(Self.migrations) { database in
        try await Self.backup.make(of: database, blobs: nil, into: "\(folder)/backup")
        let thrown = await #expect(throws: StorageError.self) {
          try await Self.backup.make(of: database, blobs: nil, into: "\(folder)/backup")
        }
        #expect(thrown?.code == .invalid)
      }
      let other = Backup(service: "identity", program: "1", time: SystemTime())
      let thrown = await #expect(throws: StorageError.self) {
        try await other.verify("\(folder)/backup")
      }
      #expect(thrown?.description.contains("one of payments, not of identity") == true)
    }
  }
}
