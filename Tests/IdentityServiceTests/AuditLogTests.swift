import Access
import IdentityContracts
import Platform
import RPC
import Storage
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes
import Wire

@testable import IdentityService

@Suite struct AuditLogTests {
  private func add(_ count: Int, to fixture: TestIdentity) async throws {
    for number in 0..<count {
      let origin = Origin(service: "payments", at: .seconds(1_000 + number))
      _ = try await fixture.environment.database.write { session in
        try AuditLog.add(
          number % 2 == 0 ? "thing.make" : "thing.break", to: "thing",
          UUID(high: 1, low: UInt64(number)),
          changes: ["state": "old -> new"], by: origin, session: session)
      }
    }
  }

  private func operatorCall(_ fixture: TestIdentity) async throws -> CallOptions {
    fixture.by(try await fixture.token(.platformOperator))
  }

  private func entry(
    _ sequence: Int64, _ fixture: TestIdentity
  ) async throws -> Identity.AuditEntry {
    try await fixture.audit.getAuditEntry(
      Identity.GetAuditEntryRequest(sequence: sequence), options: try await operatorCall(fixture))
  }

  private func verify(
    _ fixture: TestIdentity, from: Int64 = 0, to: Int64 = 0, anchor: [UInt8] = []
  ) async throws -> [Identity.VerifyAuditChainResponse] {
    let request = Identity.VerifyAuditChainRequest(
      fromSequence: from, toSequence: to, anchorHash: anchor)
    return try await fixture.audit.verifyAuditChain(
      request, options: try await operatorCall(fixture)
    ) { answers in
      var all: [Identity.VerifyAuditChainResponse] = []
      for try await answer in answers { all.append(answer) }
      return all
    }
  }

  @Test(arguments: Engine.allCases)
  func `entries are numbered without gaps and hold the hash of the one before`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { fixture in
      try await add(3, to: fixture)
      let first = try await entry(1, fixture)
      let second = try await entry(2, fixture)
      #expect(first.previousHash == [UInt8](repeating: 0, count: 32))
      #expect(second.previousHash == first.hash_)
      let head = try await fixture.audit.getAuditHead(
        Identity.GetAuditHeadRequest(), options: try await operatorCall(fixture))
      #expect(head.sequence == 3)
      let finding = try await verify(fixture, anchor: head.hash_)
      #expect(finding.last?.intact == true && finding.last?.finished == true)
    }
  }

  @Test(arguments: Engine.allCases)
  func `changes made at once stand in one chain in the order of their commits`(
    _ engine: Engine
  ) async throws {
    try await TestIdentity.run(on: engine) { fixture in
      let database = fixture.environment.database
      await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<40 {
          group.addTask {
            try await database.write { session in
              try AuditLog.add(
                "thing.make", to: "thing", UUID(high: 1, low: UInt64(number)),
                by: Origin(service: "payments", at: .seconds(number)), session: session)
            }
          }
        }
      }
      let finding = try await verify(fixture)
      #expect(finding.last?.intact == true)
      #expect(finding.last?.progress?.totalCount == 40)
    }
  }

  @Test func `a refused change leaves no entry and no gap`() async throws {
    try await TestIdentity.run { fixture in
      try await add(1, to: fixture)
      await #expect(throws: IdentityError.self) {
        _ = try await fixture.environment.database.write { session in
          try AuditLog.add(
            "thing.make", to: "thing", UUID(high: 1, low: 9),
            by: Origin(service: "payments", at: .zero),
            session: session)
          throw IdentityError.versionMismatch
        }
      }
      try await add(1, to: fixture)
      #expect(try await verify(fixture).last?.intact == true)
    }
  }

  @Test(arguments: [
    "UPDATE audit_entry SET entry = (SELECT entry FROM audit_entry WHERE sequence = 3) WHERE sequence = 4",
    "UPDATE audit_entry SET actor_key = 'someone else' WHERE sequence = 4",
    "UPDATE audit_entry SET occurred_at = 0 WHERE sequence = 4",
    "DELETE FROM audit_entry WHERE sequence = 4",
  ])
  func `the verifier finds the first entry that was tampered with`(_ sql: String) async throws {
    try await TestIdentity.run { fixture in
      try await add(7, to: fixture)
      _ = try await fixture.environment.database.write { try $0.execute(sql) }
      let finding = try await verify(fixture).last
      #expect(finding?.intact == false && finding?.finished == true)
      #expect(finding?.firstBrokenSequence == 4)
    }
  }

  @Test func `a log that was cut off is found by its head and by an anchor`() async throws {
    try await TestIdentity.run { fixture in
      try await add(5, to: fixture)
      let anchor = try await fixture.audit.getAuditHead(
        Identity.GetAuditHeadRequest(), options: try await operatorCall(fixture))
      _ = try await fixture.environment.database.write { session in
        try session.execute("DELETE FROM audit_entry WHERE sequence = 5")
      }
      #expect(try await verify(fixture).last?.firstBrokenSequence == 5)
      // Whoever rewrites the head as well is found by what was kept outside.
      let forged = try await entry(4, fixture)
      _ = try await fixture.environment.database.write { session in
        try session.execute(
          "UPDATE audit_head SET sequence = 4, hash = $1", .bytes(forged.hash_))
      }
      #expect(try await verify(fixture).last?.intact == true)
      let finding = try await verify(fixture, to: anchor.sequence, anchor: anchor.hash_).last
      #expect(finding?.intact == false && finding?.firstBrokenSequence == 5)
    }
  }

  @Test func `a part of the log is verified from the entry before it`() async throws {
    try await TestIdentity.run { fixture in
      try await add(6, to: fixture)
      #expect(try await verify(fixture, from: 3, to: 5).last?.intact == true)
      #expect(try await verify(fixture, from: 9).last?.intact == false)
    }
  }

  @Test(arguments: Engine.allCases)
  func `the list is narrowed and paged, newest first`(_ engine: Engine) async throws {
    try await TestIdentity.run(on: engine) { fixture in
      try await add(9, to: fixture)
      let token = try await fixture.token(.officer)
      var request = Identity.ListAuditEntriesRequest(
        page: SaraiType.PageRequest(size: 2), action: "thing.make")
      var seen: [Int64] = []
      repeat {
        let answer = try await fixture.audit.listAuditEntries(
          request, options: fixture.by(token))
        seen += answer.entries.map(\.sequence)
        request.page?.cursor = answer.page?.nextCursor ?? ""
      } while request.page?.cursor != ""
      #expect(seen == [9, 7, 5, 3, 1])
      for (filter, expected) in [
        (Identity.ListAuditEntriesRequest(action: "thing.*"), 9),
        (Identity.ListAuditEntriesRequest(action: "thing"), 0),
        (Identity.ListAuditEntriesRequest(objectId: UUID(high: 1, low: 4).description), 1),
        (Identity.ListAuditEntriesRequest(actorId: "payments"), 9),
        (Identity.ListAuditEntriesRequest(actorId: "catalog"), 0),
        (
          Identity.ListAuditEntriesRequest(
            occurred: SaraiType.TimeRange(
              fromAt: GoogleProtobuf.Timestamp(seconds: 1_002),
              toAt: GoogleProtobuf.Timestamp(seconds: 1_005))), 3
        ),
      ] {
        let answer = try await fixture.audit.listAuditEntries(
          filter, options: fixture.by(token))
        #expect(answer.entries.count == expected)
      }
    }
  }

  @Test func `an export is the whole log as lines of JSON, and is itself audited`() async throws {
    try await TestIdentity.run { fixture in
      try await add(700, to: fixture)
      let chunks = try await fixture.audit.exportAuditEntries(
        Identity.ExportAuditEntriesRequest(), options: try await operatorCall(fixture)
      ) { stream in
        var chunks: [SaraiType.BlobChunk] = []
        for try await chunk in stream { chunks.append(chunk) }
        return chunks
      }
      #expect(chunks.allSatisfy { $0.chunk.count <= 64 << 10 })
      #expect(chunks.first?.info?.mediaType == "application/x-ndjson")
      #expect(chunks.dropFirst().allSatisfy { $0.info == nil })
      let lines = chunks.flatMap(\.chunk).split(separator: UInt8(ascii: "\n"))
      let entries = try lines.map { try Identity.AuditEntry(decoding: Array($0), as: .json) }
      #expect(entries.map(\.sequence) == Array(1...701))
      #expect(entries.last?.action == "audit.export")
    }
  }
}
