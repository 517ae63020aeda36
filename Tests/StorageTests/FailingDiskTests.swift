import FailingDisk
import Foundation
import Glibc
import Platform
import Storage
import StorageTesting
import Testing

/// The third promise: no answer without durability, reads go on, writes resume.
@Suite(.serialized) struct FailingDiskTests {
  private static let table = Migration(
    1, "item", oldestProgram: 1, sql: "CREATE TABLE item (id bigint PRIMARY KEY, content bytea)")

  private static func insert(
    _ id: Int64, _ byteCount: Int = 10, into database: Database
  ) async throws {
    try await database.write { session in
      _ = try session.execute(
        "INSERT INTO item VALUES ($1, $2)", .integer(id),
        .bytes(Array(repeating: 7, count: byteCount)))
    }
  }

  private static func ids(in database: Database) async throws -> [Int64] {
    try await database.read { session in
      try session.all("SELECT id FROM item ORDER BY id") { (row) throws(StorageError) in
        try row.integer(0)
      }
    }
  }

  /// Waits until the database takes writes of its own accord.
  private static func writesResume(_ database: Database, within limit: Duration) async -> Bool {
    let clock = SystemTime()
    let end = clock.now() + limit
    while clock.now() < end {
      if database.writability == .writable { return true }
      await clock.sleep(until: clock.now() + .milliseconds(20))
    }
    return false
  }

  @Test func `a failed sync answers nobody, and what was answered stays`() async throws {
    try await Engine.sqlite.withLocation { location in
      guard case .sqlite(let path) = location else { return }
      let database = try await Database(location, migrations: [Self.table])
      try await Self.insert(1, into: database)
      unsafe failing_disk_fail_under((path as NSString).deletingLastPathComponent)
      let codes = await withTaskGroup(of: StorageError.Code?.self) { group in
        for id in 2..<20 {
          group.addTask {
            do {
              try await Self.insert(Int64(id), into: database)
              return nil
            } catch {
              return (error as? StorageError)?.code
            }
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
      #expect(codes.allSatisfy { $0 == .outcomeUnknown || $0 == .unavailable })
      guard case .readOnly(let reason, _) = database.writability else {
        Issue.record("still writable")
        return
      }
      #expect(reason.contains("disk I/O error"))
      let during = try await Self.ids(in: database)
      #expect(during.first == 1)
      failing_disk_mend()
      let resumed = await Self.writesResume(database, within: .seconds(5))
      #expect(resumed)
      try await Self.insert(100, into: database)
      let after = try await Self.ids(in: database)
      #expect(after.contains(1) && after.contains(100))
      #expect(database.statistics.failedCommitCount > 0)
      await database.stop()
      // What a new process finds.
      let again = try await Database(location, migrations: [Self.table])
      let found = try await Self.ids(in: again)
      #expect(found == after)
      await again.stop()
    }
  }

  /// Fills `folder` and runs `body`; whoever may not mount a file system cannot run this.
  private static func onSmallDisk(
    _ body: (_ folder: String) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-small-\(Foundation.UUID().uuidString)"
    ).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard unsafe mount("tmpfs", folder, "tmpfs", 0, "size=4m") == 0 else { return }
    defer { unsafe umount2(folder, Int32(MNT_DETACH)) }
    try await body(folder)
  }

  @Test func `on a full disk writes are refused, reads go on, and writes resume`() async throws {
    try await Self.onSmallDisk { folder in
      let database = try await Database(
        .sqlite(path: "\(folder)/test.sqlite"), migrations: [Self.table])
      var acknowledged: [Int64] = []
      var fault: StorageError?
      for id in 0..<10_000 where fault == nil {
        do {
          try await Self.insert(Int64(id), 20_000, into: database)
          acknowledged.append(Int64(id))
        } catch let error as StorageError {
          fault = error
        }
      }
      #expect(!acknowledged.isEmpty)
      #expect(fault?.code == .unavailable || fault?.code == .outcomeUnknown)
      #expect(database.writability != .writable)
      let during = try await Self.ids(in: database)
      #expect(Set(during).isSuperset(of: acknowledged))
      #expect(unsafe mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT), "size=32m") == 0)
      let resumed = await Self.writesResume(database, within: .seconds(5))
      #expect(resumed)
      try await Self.insert(20_000, into: database)
      let after = try await Self.ids(in: database)
      #expect(Set(after).isSuperset(of: acknowledged + [20_000]))
      await database.stop()
    }
  }

  @Test func `a server whose disk is full refuses writes, answers reads, and resumes`() async throws
  {
    try await Self.onSmallDisk { folder in
      guard let server = try? PostgreSQLServer.shared.get(), getuid() == 0,
        let user = unsafe getpwnam("postgres")
      else { return }
      unsafe chown(folder, user.pointee.pw_uid, user.pointee.pw_gid)
      let name = "small_\(UInt64.random(in: 0...UInt64.max))"
      try server.psql("CREATE TABLESPACE \(name) LOCATION '\(folder)'")
      try await Engine.postgreSQL.withDatabase([
        Migration(
          1, "item", oldestProgram: 1,
          sql: """
            CREATE TABLE item (id bigint PRIMARY KEY, content bytea) TABLESPACE \(name);
            ALTER TABLE item ALTER COLUMN content SET STORAGE PLAIN
            """)
      ]) { database in
        var acknowledged: [Int64] = []
        var fault: StorageError?
        for id in 0..<2_000 where fault == nil {
          do {
            try await Self.insert(Int64(id), 7_000, into: database)
            acknowledged.append(Int64(id))
          } catch let error as StorageError {
            fault = error
          }
        }
        #expect(fault?.code == .unavailable)
        #expect(fault?.description.contains("No space left") == true)
        #expect(database.writability != .writable)
        let during = try await Self.ids(in: database)
        #expect(during == acknowledged)
        #expect(unsafe mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT), "size=32m") == 0)
        let resumed = await Self.writesResume(database, within: .seconds(5))
        #expect(resumed)
        try await Self.insert(20_000, 7_000, into: database)
        try await database.write { session in _ = try session.execute("DROP TABLE item") }
      }
      _ = try? server.psql("DROP TABLESPACE \(name)")
    }
  }
}
