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

/// The ledger beside a plain model of it: every answer and every balance must be equal.
@Suite struct LedgerModelTests {
  @Test(
    arguments: [
      (Engine.sqlite, UInt64(1), 60_000), (.sqlite, 20_260_101, 40_000), (.postgreSQL, 7, 6_000),
    ])
  func `any sequence of operations ends as the model says`(
    engine: Engine, seed: UInt64, operations: Int
  ) async throws {
    print("seed \(seed): \(operations) operations on \(engine)")
    try await PaymentsHarness.with(engine, seed: seed) { harness in
      var run = LedgerModelRun(harness)
      try await run.openAccounts()
      while run.operationCount < operations, run.faults.isEmpty { try await run.step() }
      try await run.compareAll()
      #expect(run.faults == [], "seed \(seed), after \(run.operationCount) operations")
      #expect(run.outcomes.count >= 17, "seen only \(run.outcomes)")
    }
  }
}

/// One generated sequence.
struct LedgerModelRun {
  private let harness: PaymentsHarness
  private let model = LedgerModel()
  private var accountIDs: [String] = []
  /// What was sent before, to be sent again.
  private var sent: [Payments.NumberedTransfer] = []
  private var waitingIDs: [String] = []
  private var lastInstant: Int64 = 0
  private var instants: [(id: String, at: Int64)] = []
  private(set) var operationCount = 0
  private(set) var outcomes: Set<Payments.TransferOutcome> = []
  private(set) var faults: [String] = []

  static let currencies = ["JPY", "PKR", "KWD", "CLF"]

  init(_ harness: PaymentsHarness) { self.harness = harness }

  private func number(_ bound: Int) -> Int {
    Int(harness.random.number(below: UInt64(bound)))
  }
  private func chance(_ percent: Int) -> Bool { number(100) < percent }
  private func one<Element>(_ elements: [Element]) -> Element { elements[number(elements.count)] }
  private var now: Int64 { harness.time.sinceEpoch().wholeMicroseconds }

  mutating func openAccounts() async throws {
    var accounts: [Payments.Account] = []
    for currency in Self.currencies {
      for place in 0..<14 {
        accounts.append(
          Payments.Account(
            id: harness.newID(), currencyCode: currency,
            purpose: Payments.AccountPurpose(rawValue: Int32(1 + place % 9)),
            balanceRule: place < 5
              ? .free : place < 11 ? .debitsNotAboveCredits : .creditsNotAboveDebits,
            label: "account \(place)"))
      }
    }
    let request = Payments.CreateAccountsRequest(accounts: accounts)
    let first = try await harness.ledger.createAccounts(request)
    let second = try await harness.ledger.createAccounts(request)
    expect(first == second, "accounts opened twice differ")
    for account in accounts { model.open(account) }
    accountIDs = accounts.map(\.id)
  }

  private mutating func expect(_ holds: Bool, _ fault: @autoclosure () -> String) {
    if !holds, faults.count < 5 { faults.append("operation \(operationCount): \(fault())") }
  }

  // MARK: Steps

  mutating func step() async throws {
    switch number(100) {
    case ..<55: try await book((0..<(1 + number(60))).map { _ in transfer() })
    case ..<65: try await bookOne(transfer())
    // A retry: all of what was sent before, as it was.
    case ..<70 where !sent.isEmpty:
      var seen: Set<String> = []
      try await book((0..<8).map { _ in one(sent) }.filter { seen.insert($0.id).inserted })
    case ..<75: try await setState()
    case ..<85: harness.time.advance(by: .milliseconds(number(1_500)))
    case ..<86: harness.time.advance(by: .seconds(number(3_000)))
    default: try await compareOne()
    }
  }

  private func amount(of currency: String) -> Int64 {
    switch number(100) {
    case 0: 0
    case 1: -1
    // Near the edge of 64 bits, where sums leave it.
    case 2: .max - Int64(number(1_000))
    case 3: .max / 2 - Int64(number(10))
    case ..<30: Int64(1 + number(1_000_000))
    default: Int64(1 + number(2_000))
    }
  }

  private func account(_ currency: Int) -> String {
    if chance(1) { return harness.newID() }
    return accountIDs[currency * 14 + number(14)]
  }

  private mutating func transfer() -> Payments.NumberedTransfer {
    if chance(4), !sent.isEmpty {
      var old = one(sent)
      if chance(50) { old.draft?.amount += 1 }
      old.draft?.linked = false
      return old
    }
    let currency = number(Self.currencies.count)
    var draft = Payments.TransferDraft(
      linked: chance(12), purpose: Payments.TransferPurpose(rawValue: Int32(1 + number(11))))
    if chance(10) { draft.note = "note \(number(1_000))" }
    if chance(10) { draft.referenceId = harness.newID() }
    if chance(30), !waitingIDs.isEmpty {
      draft.kind = chance(60) ? .postPending : .voidPending
      draft.pendingId = chance(3) ? harness.newID() : one(waitingIDs)
      if draft.kind == .postPending, chance(50) { draft.amount = Int64(number(1_500)) }
      if chance(20) { draft.currencyCode = one(Self.currencies) }
    } else {
      draft.kind = chance(35) ? .pending : .immediate
      draft.debitAccountId = account(currency)
      draft.creditAccountId = account(chance(3) ? number(Self.currencies.count) : currency)
      draft.amount = amount(of: Self.currencies[currency])
      draft.currencyCode = chance(2) ? "USD" : Self.currencies[currency]
      if draft.kind == .pending, chance(60) {
        draft.timeout = GoogleProtobuf.Duration(
          seconds: Int64(1 + number(4)), nanos: Int32(number(1_000)) * 1_000)
      }
    }
    if chance(1) { draft.note = String(repeating: "x", count: 141) }
    if chance(1) { draft.purpose = .unspecified }
    let transfer = Payments.NumberedTransfer(
      id: chance(1) ? "no id" : harness.newID(), draft: draft)
    if draft.kind == .pending {
      waitingIDs.append(transfer.id)
      if waitingIDs.count > 60 { waitingIDs.removeFirst(20) }
    }
    return transfer
  }

  private mutating func book(_ batch: [Payments.NumberedTransfer]) async throws {
    var seen: Set<String> = []
    let batch = batch.filter { $0.id == "no id" || seen.insert($0.id).inserted }
    if batch.isEmpty { return }
    operationCount += batch.count
    let response = try await harness.ledger.createTransfers(
      Payments.CreateTransfersRequest(transfers: batch))
    compare(batch, response.results)
  }

  private mutating func compare(
    _ batch: [Payments.NumberedTransfer], _ results: [Payments.TransferResult]
  ) {
    expect(results.count == batch.count, "\(results.count) results for \(batch.count)")
    let instants = results.map { $0.createdAt?.sinceEpoch.wholeMicroseconds ?? 0 }
    let answers = model.book(batch, at: now) { instants[$0] }
    for place in batch.indices {
      let (answer, result) = (answers[place], results[place])
      outcomes.insert(result.outcome)
      expect(
        answer.outcome == result.outcome && answer.available == result.available
          && result.id == batch[place].id,
        """
        the model says \(answer), the service \(result.outcome) \(result.available) \
        \(result.explanation) to \(batch[place]) at \(place) of \(batch.count)
        """)
      if result.outcome == .ok {
        expect(instants[place] > lastInstant, "instants do not rise")
        lastInstant = instants[place]
        self.instants.append((batch[place].id, lastInstant))
        sent.append(batch[place])
        if sent.count > 500 { sent.removeFirst(100) }
      }
    }
  }

  private mutating func bookOne(_ transfer: Payments.NumberedTransfer) async throws {
    var transfer = transfer
    transfer.draft?.linked = false
    operationCount += 1
    let request = Payments.CreateTransferRequest(id: transfer.id, draft: transfer.draft)
    do {
      let made = try await harness.ledger.createTransfer(request)
      let at = made.createdAt?.sinceEpoch.wholeMicroseconds ?? 0
      let answer = model.book([transfer], at: now) { _ in at }[0]
      expect(
        answer.outcome == .ok || answer.outcome == .alreadyDone,
        "the model says \(answer), the service made \(made)")
      expect(made.draft == transfer.draft && made.id == transfer.id, "another draft came back")
      if answer.outcome == .ok {
        lastInstant = at
        instants.append((transfer.id, at))
        sent.append(transfer)
      }
      let again = try await harness.ledger.createTransfer(request)
      expect(again == made, "a retry was answered otherwise")
    } catch {
      let answer = model.book([transfer], at: now) { _ in 0 }[0]
      let name = Payments.TransferOutcome.layout.name(of: answer.outcome.rawValue) ?? ""
      expect(
        error.info.map { name == "TRANSFER_OUTCOME_" + $0.reason } == true,
        "the model says \(answer), the service \(error)")
    }
  }

  private mutating func setState() async throws {
    let id = one(accountIDs)
    guard let account = model.accounts[id], account.state != .closed else { return }
    let state: Payments.AccountState =
      account.state == .frozen ? .open : chance(90) ? .frozen : .closed
    operationCount += 1
    do {
      let answer = try await harness.ledger.setAccountState(
        Payments.SetAccountStateRequest(id: id, state: state, reason: "because"))
      expect(answer.state == state, "another state came back")
      model.setState(state, of: id, at: now)
      if state == .closed { expect(account.sums.isEmpty, "closed with money in it") }
    } catch {
      model.setState(account.state, of: id, at: now)
      expect(state == .closed && !account.sums.isEmpty, "\(error)")
    }
  }

  // MARK: Comparing

  private mutating func compareOne() async throws {
    operationCount += 1
    let id = one(accountIDs)
    guard let account = model.accounts[id] else { return }
    let balance = try await harness.ledger.getBalance(Payments.GetBalanceRequest(accountId: id))
    compare(balance, model.standing(account, at: now), "now")
    if let (transfer, at) = instants.isEmpty ? nil : one(instants), at <= now,
      let event = model.events[transfer]
    {
      let past = try await harness.ledger.getBalance(
        Payments.GetBalanceRequest(
          accountId: id, at: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: at)))
      compare(past, model.sums(account, after: event), "at \(at)")
    }
    guard let pending = waitingIDs.last, let known = model.pendings[pending] else { return }
    let stored = try await harness.ledger.getTransfer(Payments.GetTransferRequest(id: pending))
    let isOver = known.state == .waiting && known.timesOutAt.map { $0 <= now } == true
    expect(
      stored.pendingState == (isOver ? .timedOut : known.state)
        && Int128(stored.postedAmount) == known.posted, "a pending transfer is \(stored)")
  }

  private mutating func compare(
    _ balance: Payments.Balance, _ sums: LedgerModel.Sums, _ when: String
  ) {
    let shown = LedgerModel.Sums(
      debits: Int128(balance.debitsPosted), credits: Int128(balance.creditsPosted),
      heldDebits: Int128(balance.debitsPending), heldCredits: Int128(balance.creditsPending))
    expect(shown == sums, "\(balance.accountId) \(when): the model has \(sums), not \(balance)")
  }

  /// All accounts, the sums over them now and at several instants, and a whole statement.
  mutating func compareAll() async throws {
    for id in accountIDs {
      guard let account = model.accounts[id] else { continue }
      let answer = try await harness.ledger.getAccount(Payments.GetAccountRequest(id: id))
      compare(answer.balance ?? Payments.Balance(), model.standing(account, at: now), "at the end")
      expect(answer.state == account.state, "\(id) is \(answer.state)")
    }
    harness.time.advance(by: .seconds(1))
    for place in [0, instants.count / 3, instants.count - 1] where instants.indices ~= place {
      try await compareTrialBalance(instants[place].id, at: instants[place].at)
    }
    try await compareStatement(of: one(accountIDs))
  }

  private mutating func compareTrialBalance(_ id: String, at: Int64) async throws {
    let answer: Payments.GetTrialBalanceResponse
    do {
      answer = try await harness.ledger.getTrialBalance(
        Payments.GetTrialBalanceRequest(
          at: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: at)))
    } catch {
      // Accounts at the edge of 64 bits are wider together; then the answer must say so.
      expect(error.info?.reason == "AMOUNT_OVERFLOW", "\(error)")
      return
    }
    guard let event = model.events[id] else { return }
    for currency in answer.currencies {
      var sums = LedgerModel.Sums()
      for account in model.accounts.values
      where account.draft.currencyCode == currency.currencyCode {
        let part = model.sums(account, after: event)
        sums.debits += part.debits
        sums.credits += part.credits
        sums.heldDebits += part.heldDebits
        sums.heldCredits += part.heldCredits
      }
      expect(sums.debits == sums.credits, "the model itself does not balance")
      expect(
        Int128(currency.debitsPosted) == sums.debits
          && Int128(currency.creditsPosted) == sums.credits
          && Int128(currency.debitsPending) == sums.heldDebits
          && Int128(currency.creditsPending) == sums.heldCredits,
        "the model sums to \(sums), not \(currency)")
    }
  }

  private mutating func compareStatement(of id: String) async throws {
    guard let account = model.accounts[id] else { return }
    var request = Payments.GetStatementRequest(
      page: SaraiType.PageRequest(size: 200), accountId: id)
    var lines = 0
    while true {
      let answer = try await harness.ledger.getStatement(request)
      for line in answer.lines where lines < account.history.count {
        compare(
          line.balanceAfter ?? Payments.Balance(), account.history[lines].sums, "line \(lines)")
        lines += 1
      }
      guard let cursor = answer.page?.nextCursor, !cursor.isEmpty else { break }
      request.page?.cursor = cursor
    }
    expect(
      lines == account.history.count, "\(lines) lines for \(account.history.count) movements")
  }
}

extension LedgerModel.Sums {
  var isEmpty: Bool { debits == credits && heldDebits == 0 && heldCredits == 0 }
}
