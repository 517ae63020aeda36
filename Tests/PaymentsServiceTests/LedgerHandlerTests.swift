import Access
import PaymentsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import Storage
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes
import Wire

@testable import PaymentsService

@Suite struct LedgerHandlerTests {
  /// A free account and one that must not go below zero, in rupees.
  private func accounts(
    _ harness: PaymentsHarness, organisation: String = ""
  ) async throws -> (house: String, own: String) {
    let ids = [harness.newID(), harness.newID()]
    _ = try await harness.ledger.createAccounts(
      Payments.CreateAccountsRequest(accounts: [
        Payments.Account(
          id: ids[0], currencyCode: "PKR", purpose: .provider, balanceRule: .free),
        Payments.Account(
          id: ids[1], currencyCode: "PKR", purpose: .settlement,
          balanceRule: .debitsNotAboveCredits, organisationId: organisation),
      ]))
    return (ids[0], ids[1])
  }

  private func draft(
    _ debit: String, _ credit: String, _ amount: Int64
  ) -> Payments.TransferDraft {
    Payments.TransferDraft(
      kind: .immediate, debitAccountId: debit, creditAccountId: credit, amount: amount,
      currencyCode: "PKR", purpose: .adjustment)
  }

  @Test(arguments: Engine.allCases)
  func `a hundred duplicates at once have one effect and one answer`(_ engine: Engine) async throws
  {
    try await PaymentsHarness.with(engine) { harness in
      let (house, own) = try await accounts(harness)
      let request = Payments.CreateTransferRequest(
        id: harness.newID(), draft: draft(house, own, 500))
      let answers = try await withThrowingTaskGroup(of: Payments.Transfer.self) { group in
        for _ in 0..<100 {
          group.addTask { try await harness.ledger.createTransfer(request) }
        }
        return try await group.reduce(into: Set<Payments.Transfer>()) { $0.insert($1) }
      }
      #expect(answers.count == 1)
      let balance = try await harness.ledger.getBalance(
        Payments.GetBalanceRequest(accountId: own))
      #expect(balance.available == 500)
    }
  }

  @Test(arguments: Engine.allCases)
  func `an id that comes with other content is refused, always`(_ engine: Engine) async throws {
    try await PaymentsHarness.with(engine) { harness in
      let (house, own) = try await accounts(harness)
      let id = harness.newID()
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(id: id, draft: draft(house, own, 500)))
      harness.time.advance(by: .seconds(400 * 86_400))
      let error = await #expect(throws: RPCError.self) {
        try await harness.ledger.createTransfer(
          Payments.CreateTransferRequest(id: id, draft: draft(house, own, 501)))
      }
      #expect(error?.code == .alreadyExists)
      #expect(error?.info?.reason == "ID_REUSED")
    }
  }

  @Test func `the last rupee is spent once, however many ask at once on two copies`() async throws {
    try await Engine.postgreSQL.withLocation { location in
      let first = try await Database(location, migrations: PaymentsMigrations.all)
      let second = try await Database(location, migrations: PaymentsMigrations.all)
      let harness = PaymentsHarness(first, seed: 1)
      let other = PaymentsHarness(second, seed: 2)
      let (house, own) = try await accounts(harness)
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(id: harness.newID(), draft: draft(house, own, 10)))
      let done = await withTaskGroup(of: Bool.self) { group in
        for place in 0..<60 {
          let copy = place % 2 == 0 ? harness : other
          let request = Payments.CreateTransferRequest(
            id: copy.newID(), draft: draft(own, house, 1))
          group.addTask { (try? await copy.ledger.createTransfer(request)) != nil }
        }
        return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
      }
      #expect(done == 10)
      let balance = try await other.ledger.getBalance(Payments.GetBalanceRequest(accountId: own))
      #expect(balance.available == 0)
      await first.stop()
      await second.stop()
    }
  }

  @Test(arguments: Engine.allCases)
  func `a reservation returns by itself, is shown so at once and booked by the job`(
    _ engine: Engine
  ) async throws {
    try await PaymentsHarness.with(engine) { harness in
      let (house, own) = try await accounts(harness)
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(id: harness.newID(), draft: draft(house, own, 500)))
      var pending = draft(own, house, 300)
      pending.kind = .pending
      pending.timeout = GoogleProtobuf.Duration(seconds: 60)
      let id = harness.newID()
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(id: id, draft: pending))
      func available() async throws -> Int64 {
        try await harness.ledger.getBalance(Payments.GetBalanceRequest(accountId: own)).available
      }
      #expect(try await available() == 200)
      harness.time.advance(by: .seconds(61))
      #expect(try await available() == 500)
      let error = await #expect(throws: RPCError.self) {
        try await harness.ledger.createTransfer(
          Payments.CreateTransferRequest(
            id: harness.newID(),
            draft: Payments.TransferDraft(
              kind: .postPending, pendingId: id, purpose: .adjustment)))
      }
      #expect(error?.info?.reason == "PENDING_TIMED_OUT")
      let ledger = harness.environment.ledger
      let now = harness.environment.now
      _ = try await harness.database.write { try ledger.timeOutDue(at: now, in: $0) }
      let stored = try await harness.ledger.getTransfer(Payments.GetTransferRequest(id: id))
      #expect(stored.pendingState == .timedOut)
      let ender = LedgerStore.timeOutID(of: try #require(UUID(id))).description
      let ending = try await harness.ledger.getTransfer(Payments.GetTransferRequest(id: ender))
      #expect(ending.draft?.kind == .voidPending && ending.draft?.pendingId == id)
      #expect(try await available() == 500)
    }
  }

  @Test
  func `a company sees its own accounts and transfers, and of others not even that they exist`()
    async throws
  {
    try await PaymentsHarness.with(.sqlite) { harness in
      let owner = try #require(UUID(harness.newID()))
      let (house, own) = try await accounts(harness, organisation: owner.description)
      let id = harness.newID()
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(id: id, draft: draft(house, own, 500)))
      let read: Permission = "payments.account.read"
      func client(of organisation: UUID) -> Payments.LedgerServiceClient<InProcessTransport> {
        Payments.LedgerServiceClient(
          harness.transport(
            as: Caller.person(
              UUID(high: 1, low: 1), session: UUID(high: 1, low: 2), organisation: organisation,
              roles: [.accountant]
            ).demanding(read)))
      }
      let mine = client(of: owner)
      #expect(
        try await mine.getAccount(Payments.GetAccountRequest(id: own)).balance?.available == 500)
      #expect(try await mine.getTransfer(Payments.GetTransferRequest(id: id)).amount == 500)
      let statement = try await mine.getStatement(Payments.GetStatementRequest(accountId: own))
      #expect(statement.lines.count == 1 && statement.lines[0].otherAccountId.isEmpty)
      let foreign = client(of: UUID(high: 9, low: 9))
      for (call, what): (() async throws -> Void, String) in [
        ({ _ = try await foreign.getAccount(Payments.GetAccountRequest(id: own)) }, "account"),
        ({ _ = try await foreign.getTransfer(Payments.GetTransferRequest(id: id)) }, "transfer"),
        ({ _ = try await mine.getAccount(Payments.GetAccountRequest(id: house)) }, "the house's"),
        (
          { _ = try await foreign.getStatement(Payments.GetStatementRequest(accountId: own)) },
          "statement"
        ),
      ] {
        let error = await #expect(throws: RPCError.self, "\(what)") { try await call() }
        #expect(error?.code == .notFound)
      }
    }
  }

  @Test(arguments: [
    (Payments.StatementFormat.csv, "booked_at,transfer_id", 3), (.jsonLines, "{", 2),
    (.camt053, "<?xml version=\"1.0\"", 10),
  ])
  func `a statement is exported as a file`(
    format: Payments.StatementFormat, start: String, lines: Int
  ) async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      let (house, own) = try await accounts(harness)
      for amount in [500, 250] as [Int64] {
        var draft = draft(house, own, amount)
        draft.note = "a \"note\" & <more>"
        _ = try await harness.ledger.createTransfer(
          Payments.CreateTransferRequest(id: harness.newID(), draft: draft))
      }
      let request = Payments.ExportStatementRequest(accountId: own, format: format)
      let bytes = try await harness.ledger.exportStatement(request) { chunks in
        var bytes: [UInt8] = []
        for try await chunk in chunks { bytes += chunk.chunk }
        return bytes
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(text.hasPrefix(start))
      #expect(text.split(whereSeparator: \.isNewline).count == lines, "\(text)")
      #expect(format != .csv || text.contains("5.00,0.00,PKR"))
      #expect(format != .camt053 || text.contains("note\" &amp; &lt;more&gt;"))
    }
  }

  @Test(arguments: Engine.allCases)
  func `lists go on behind their cursor without gap or repetition`(_ engine: Engine) async throws {
    try await PaymentsHarness.with(engine) { harness in
      let (house, own) = try await accounts(harness)
      let transfers = (0..<37).map { _ in
        Payments.NumberedTransfer(id: harness.newID(), draft: draft(house, own, 1))
      }
      _ = try await harness.ledger.createTransfers(
        Payments.CreateTransfersRequest(transfers: transfers))
      for account in ["", own] {
        var request = Payments.ListTransfersRequest(
          page: SaraiType.PageRequest(size: 10), accountId: account)
        var seen: [String] = []
        repeat {
          let answer = try await harness.ledger.listTransfers(request)
          seen += answer.transfers.map(\.id)
          request.page?.cursor = answer.page?.nextCursor ?? ""
        } while request.page?.cursor != ""
        #expect(seen == transfers.map(\.id).reversed())
      }
    }
  }

  @Test func `the check finds a balance that was tampered with`() async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      let (house, own) = try await accounts(harness)
      _ = try await harness.ledger.createTransfer(
        Payments.CreateTransferRequest(id: harness.newID(), draft: draft(house, own, 500)))
      var check = LedgerCheck(harness.database, harness.environment.ledger)
      #expect(try await check.run { _, _ in } == [])
      try await harness.database.write { session in
        _ = try session.execute(
          "UPDATE ledger_account SET credits_posted = 501 WHERE credits_posted = 500")
      }
      var again = LedgerCheck(harness.database, harness.environment.ledger)
      let faults = try await again.run { _, _ in }
      #expect(faults.contains { $0.hasPrefix("PKR: posted credits less debits are 1") })
      #expect(faults.contains { $0.contains(own) })
    }
  }

  @Test func `a stream of batches is answered batch by batch`() async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      let (house, own) = try await accounts(harness)
      let numbers = try await harness.ledger.streamTransfers { requests, responses in
        var numbers: [Int64] = []
        for number in 1...3 {
          try await requests.send(
            Payments.StreamTransfersRequest(
              batchNumber: Int64(number),
              transfers: [
                Payments.NumberedTransfer(id: harness.newID(), draft: draft(house, own, 5))
              ]))
        }
        requests.finish()
        for try await answer in responses {
          numbers.append(answer.batchNumber)
          #expect(answer.results.map(\.outcome) == [.ok])
        }
        return numbers
      }
      #expect(numbers == [1, 2, 3])
    }
  }

  @Test func `what a later release brings says so`() async throws {
    try await PaymentsHarness.with(.sqlite) { harness in
      let error = await #expect(throws: RPCError.self) {
        try await harness.wallets.createQrCode(Payments.CreateQrCodeRequest())
      }
      #expect(error?.code == .unimplemented)
      #expect(error?.info?.reason == "FEATURE_ABSENT")
    }
  }
}
