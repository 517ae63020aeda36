import Access
import OperationsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import Storage
import StorageTesting
import Testing
import Wire

/// Repeated calls, with the messages of a method that any service has.
@Suite struct RequestRecordsTests {
  private typealias Request = Operations.RotateKeyFileRequest
  private typealias Response = Operations.RotateKeyFileResponse

  private static let method = Operations.RuntimeServiceMethods.rotateKeyFile
  private static let migrations = [
    Migration(1, "records", oldestProgram: 1, sql: RequestRecords.tables),
    Migration(
      2, "a change", oldestProgram: 1,
      sql: "CREATE TABLE effect (id text NOT NULL); CREATE INDEX effect_id ON effect (id);"),
  ]
  private static let alice = Caller.person(
    Platform.UUID(high: 1, low: 1), session: .null, organisation: Platform.UUID(high: 9, low: 9))
  private static let bob = Caller.person(
    Platform.UUID(high: 2, low: 2), session: .null, organisation: Platform.UUID(high: 9, low: 9))

  private let time = ManualTime(sinceEpoch: .seconds(1_000_000))

  private struct Refused: Error {}

  /// Makes the change that the request asks for, or answers from the record.
  private func call(
    _ request: Request, by caller: Caller = alice, on database: Database, refuses: Bool = false
  ) async throws -> [UInt8] {
    let records = RequestRecords(time: time)
    return try await database.write { session in
      let response = try records.answer(
        request, id: request.id, of: Self.method, by: caller, in: session
      ) {
        try session.execute("INSERT INTO effect VALUES ($1)", .text(request.id))
        if refuses { throw Refused() }
        return Response(secretCount: try Self.effects(in: session), keyCode: request.serviceName)
      }
      return try response.encoded(as: .native)
    }
  }

  private static func effects(in session: any SQLSession) throws -> Int64 {
    try session.first("SELECT count(*) FROM effect") { (row) throws(StorageError) in
      try row.integer(0)
    } ?? 0
  }

  private func effects(_ database: Database) async throws -> Int64 {
    try await database.read { try Self.effects(in: $0) }
  }

  private func reason(_ body: () async throws -> Void) async -> String? {
    do {
      try await body()
      return nil
    } catch {
      return RPCError(reporting: error).info?.reason
    }
  }

  // MARK: Ids

  @Test(arguments: Engine.allCases)
  func `the same id and content answer the same bytes, and change once`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let request = Request(id: "a", serviceName: "identity")
      let first = try await call(request, on: database)
      #expect(try await call(Request(id: "b", serviceName: "identity"), on: database) != first)
      #expect(try await call(request, on: database) == first)
      #expect(try await effects(database) == 2)
    }
  }

  @Test(arguments: Engine.allCases)
  func `an id with other content, or from another caller, is refused`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let request = Request(id: "a", serviceName: "identity")
      _ = try await call(request, on: database)
      var other = request
      other.serviceName = "payments"
      let changed = await reason { _ = try await call(other, on: database) }
      let stolen = await reason { _ = try await call(request, by: Self.bob, on: database) }
      #expect(changed == "ID_REUSED")
      #expect(stolen == "ID_REUSED")
      #expect(try await effects(database) == 1)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a refused change leaves neither effect nor record`(_ engine: Engine) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let request = Request(id: "a", serviceName: "identity")
      await #expect(throws: Refused.self) {
        _ = try await call(request, on: database, refuses: true)
      }
      #expect(try await effects(database) == 0)
      _ = try await call(request, on: database)
      #expect(try await effects(database) == 1)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a hundred duplicates at once have one effect and one answer`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let request = Request(id: "a", serviceName: "identity")
      let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for _ in 0..<100 { group.addTask { try await call(request, on: database) } }
        return try await group.reduce(into: Set()) { $0.insert($1) }
      }
      #expect(answers.count == 1)
      #expect(try await effects(database) == 1)
    }
  }

  // MARK: Keys

  private func context(_ key: String?, by caller: Caller = alice) -> CallContext {
    var metadata = Metadata()
    if let key { metadata.add(RequestRecords.keyName, key) }
    let context = CallContext(Self.method.descriptor, metadata: metadata, time: time)
    context[Caller.self] = caller
    return context
  }

  private func keyed(
    _ request: Request, _ context: CallContext, on database: Database
  ) async throws -> Response {
    let records = RequestRecords(time: time)
    return try await database.write { session in
      try records.answer(request, keyedBy: context, in: session) {
        try session.execute("INSERT INTO effect VALUES ($1)", .text(request.id))
        return Response(secretCount: try Self.effects(in: session))
      }
    }
  }

  @Test(arguments: Engine.allCases)
  func `a key is its caller's, and stands for one content`(_ engine: Engine) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let key = "0123456789abcdef"
      let first = try await keyed(Request(id: "a"), context(key), on: database)
      #expect(try await keyed(Request(id: "a"), context(key), on: database) == first)
      #expect(try await keyed(Request(id: "a"), context(key, by: Self.bob), on: database) != first)
      #expect(try await keyed(Request(id: "a"), context(nil), on: database) != first)
      let changed = await reason {
        _ = try await keyed(Request(id: "b"), context(key), on: database)
      }
      let short = await reason {
        _ = try await keyed(Request(id: "a"), context("short"), on: database)
      }
      #expect(changed == "ID_REUSED")
      #expect(short == "FIELD_INVALID")
    }
  }

  @Test(arguments: Engine.allCases)
  func `a key is kept for a day, then swept`(_ engine: Engine) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let key = "0123456789abcdef"
      let records = RequestRecords(time: time)
      let first = try await keyed(Request(id: "a"), context(key), on: database)
      time.advance(by: .seconds(24 * 3_600 - 1))
      #expect(try await records.sweep(database) == 0)
      #expect(try await keyed(Request(id: "a"), context(key), on: database) == first)
      time.advance(by: .seconds(2))
      #expect(try await records.sweep(database) == 1)
      #expect(try await keyed(Request(id: "a"), context(key), on: database) != first)
    }
  }

  @Test(arguments: Engine.allCases)
  func `a key in progress is refused until it has ended, failed or taken too long`(
    _ engine: Engine
  ) async throws {
    try await engine.withDatabase(Self.migrations) { database in
      let records = RequestRecords(time: time)
      let request = Request(id: "a")
      let context = context("0123456789abcdef")
      let response = try await records.answer(request, keyedBy: context, on: database) {
        let meanwhile = await reason {
          _ = try await records.answer(request, keyedBy: context, on: database) { Response() }
        }
        #expect(meanwhile == "KEY_IN_PROGRESS")
        // Whoever began is slower than any deadline: another takes its place.
        time.advance(by: RequestRecords.progressMax + .seconds(1))
        let other = await reason {
          _ = try await records.answer(
            request, keyedBy: context, as: Response.self, on: database
          ) { throw Refused() }
        }
        #expect(other == nil)
        return Response(secretCount: 5)
      }
      #expect(response.secretCount == 5)
    }
  }
}
