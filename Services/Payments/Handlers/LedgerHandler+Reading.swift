import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes

/// Accounts, transfers, balances and sums: LedgerService, the part that reads.
extension LedgerHandler {
  private var ledger: LedgerStore { environment.ledger }

  // MARK: Accounts

  func getAccount(
    _ request: Payments.GetAccountRequest, _ context: CallContext
  ) async throws -> Payments.Account {
    let now = environment.now.wholeMicroseconds
    let account = try await account(request.id, "id", at: now, context)
    return LedgerMessages.account(account, asOf: now)
  }

  /// The account of an id, if the caller may see it.
  private func account(
    _ text: String, _ field: String, at now: Int64, _ context: CallContext
  ) async throws -> LedgerAccount {
    var faults = FieldFaults()
    let id = faults.id(text, field)
    try faults.check()
    let found = try await environment.database.read { [ledger] session in
      try ledger.standing([id], at: now, in: session).first
    }
    guard let found else { throw PaymentsError.notFound("account") }
    try context.caller.requireOwner(of: found.organisationID)
    return found
  }

  func batchGetAccounts(
    _ request: Payments.BatchGetAccountsRequest, _ context: CallContext
  ) async throws -> Payments.BatchGetAccountsResponse {
    let ids = try Self.ids(request.ids)
    let now = environment.now.wholeMicroseconds
    let found = try await environment.database.read { [ledger] session in
      try ledger.standing(Set(ids), at: now, in: session)
    }
    let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
    return Payments.BatchGetAccountsResponse(
      accounts: ids.compactMap { byID[$0] }.map { LedgerMessages.account($0, asOf: now) })
  }

  private static func ids(_ texts: [String]) throws(RPCError) -> [UUID] {
    var faults = FieldFaults()
    faults.range(texts.count, "ids", 1...batchMax)
    let ids = texts.prefix(batchMax).enumerated().map { faults.id($1, "ids[\($0)]") }
    try faults.check()
    return ids
  }

  func listAccounts(
    _ request: Payments.ListAccountsRequest, _ context: CallContext
  ) async throws -> Payments.ListAccountsResponse {
    var faults = FieldFaults()
    let filter = LedgerStore.AccountFilter(
      organisationID: faults.optionalID(request.organisationId, "organisation_id"),
      currencyCode: request.currencyCode, purpose: request.purpose,
      orderID: faults.optionalID(request.orderId, "order_id"))
    try faults.check()
    try context.caller.require("payments.account.read", in: filter.organisationID)
    let page = try Page(\.page, of: request, caller: context.caller.key, context)
    let after = try page.number() ?? 0
    let now = environment.now.wholeMicroseconds
    let found = try await environment.database.read { [ledger] session in
      try ledger.released(
        try ledger.accounts(filter, after: after, countMax: page.size + 1, in: session), at: now,
        in: session)
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: found.map { ($0.id.description, $0.number) })
    let cut = page.cut(found.map { LedgerMessages.account($0, asOf: now) }) {
      ["\(numbers[$0.id] ?? 0)"]
    }
    return Payments.ListAccountsResponse(accounts: cut.items, page: cut.page)
  }

  // MARK: Transfers

  func getTransfer(
    _ request: Payments.GetTransferRequest, _ context: CallContext
  ) async throws -> Payments.Transfer {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    try faults.check()
    let (stored, owners) = try await environment.database.read { [ledger] session in
      guard let stored = try ledger.transfers([id], in: session).first else {
        throw PaymentsError.notFound("transfer")
      }
      let accounts = try ledger.accounts(
        [stored.booked.debit.accountID, stored.booked.credit.accountID], in: session)
      return (stored, accounts.map(\.organisationID))
    }
    if !owners.contains(where: { (try? context.caller.requireOwner(of: $0)) != nil }) {
      throw PaymentsError.notFound("transfer")
    }
    return LedgerMessages.transfer(stored, at: environment.now.wholeMicroseconds)
  }

  func batchGetTransfers(
    _ request: Payments.BatchGetTransfersRequest, _ context: CallContext
  ) async throws -> Payments.BatchGetTransfersResponse {
    let ids = try Self.ids(request.ids)
    let now = environment.now.wholeMicroseconds
    let found = try await environment.database.read { [ledger] session in
      try ledger.transfers(Set(ids), in: session)
    }
    let byID = Dictionary(uniqueKeysWithValues: found.map { ($0.booked.asked.id, $0) })
    return Payments.BatchGetTransfersResponse(
      transfers: ids.compactMap { byID[$0] }.map { LedgerMessages.transfer($0, at: now) })
  }

  func listTransfers(
    _ request: Payments.ListTransfersRequest, _ context: CallContext
  ) async throws -> Payments.ListTransfersResponse {
    let now = environment.now.wholeMicroseconds
    var faults = FieldFaults()
    var filter = LedgerStore.TransferFilter(
      kind: request.kind, purpose: request.purpose,
      referenceID: faults.optionalID(request.referenceId, "reference_id"))
    let range = InstantRange(request.created)
    try faults.check()
    if request.accountId.isEmpty {
      try context.caller.require("payments.account.read", in: nil)
    } else {
      filter.account =
        try await account(request.accountId, "account_id", at: now, context).number
    }
    filter.from = range.from
    let page = try Page(\.page, of: request, caller: context.caller.key, context)
    let before = min(range.to, try page.number() ?? .max)
    let found = try await environment.database.read { [ledger, filter] session in
      try ledger.transfers(filter, before: before, countMax: page.size + 1, in: session)
    }
    let instants = Dictionary(
      uniqueKeysWithValues: found.map { ($0.booked.asked.id.description, $0.booked.at) })
    let cut = page.cut(found.map { LedgerMessages.transfer($0, at: now) }) {
      ["\(instants[$0.id] ?? 0)"]
    }
    return Payments.ListTransfersResponse(transfers: cut.items, page: cut.page)
  }

  // MARK: Balances and statements

  func getBalance(
    _ request: Payments.GetBalanceRequest, _ context: CallContext
  ) async throws -> Payments.Balance {
    let now = environment.now.wholeMicroseconds
    let account = try await account(request.accountId, "account_id", at: now, context)
    guard let at = try Self.past(request.at, now) else {
      return LedgerMessages.balance(account, account.sums, asOf: now)
    }
    let sums = try await environment.database.read { [ledger] session in
      try ledger.sums(of: account, at: at, in: session)
    }
    return LedgerMessages.balance(account, sums, asOf: at)
  }

  /// An instant that has passed; nil for now.
  private static func past(
    _ at: GoogleProtobuf.Timestamp?, _ now: Int64
  ) throws(RPCError) -> Int64? {
    guard let at else { return nil }
    var faults = FieldFaults()
    faults.range(at.sinceEpoch.wholeMicroseconds, "at", 0...now)
    try faults.check()
    return at.sinceEpoch.wholeMicroseconds
  }

  func getStatement(
    _ request: Payments.GetStatementRequest, _ context: CallContext
  ) async throws -> Payments.GetStatementResponse {
    let now = environment.now.wholeMicroseconds
    let account = try await account(request.accountId, "account_id", at: now, context)
    let range = InstantRange(request.booked)
    let page = try Page(\.page, of: request, caller: context.caller.key, context)
    let after = try page.number() ?? range.from - 1
    let seesAll = context.caller.holdsEverywhere("payments.account.read")
    let (found, opening, closing, last) = try await environment.database.read {
      [ledger] session in
      let last = try ledger.lastInstant(in: session)
      return (
        try ledger.statement(
          of: account, after: after, before: range.to, countMax: page.size + 1, in: session),
        try ledger.sums(of: account, at: range.from - 1, in: session),
        try ledger.sums(of: account, at: range.to - 1, in: session), max(last, now)
      )
    }
    let instants = Dictionary(
      uniqueKeysWithValues: found.map { ($0.booked.asked.id.description, $0.booked.at) })
    let cut = page.cut(
      found.map { LedgerMessages.line($0, of: account, showsOther: seesAll) }
    ) { ["\(instants[$0.transferId] ?? 0)"] }
    return Payments.GetStatementResponse(
      lines: cut.items, page: cut.page,
      opening: LedgerMessages.balance(
        account, opening, asOf: max(range.from, account.openedAt)),
      closing: LedgerMessages.balance(account, closing, asOf: min(range.to, last)))
  }

  func exportStatement(
    _ request: Payments.ExportStatementRequest,
    _ responses: ResponseWriter<SaraiType.BlobChunk>, _ context: CallContext
  ) async throws {
    let now = environment.now.wholeMicroseconds
    let account = try await account(request.accountId, "account_id", at: now, context)
    let last = try await environment.database.read { [ledger] in
      try ledger.lastInstant(in: $0)
    }
    var range = InstantRange(request.booked)
    // What is booked while the file is sent is not in it.
    range.to = min(range.to, max(last, now) + 1)
    let file = StatementFile(
      account: account, range: range, format: request.format,
      showsOther: context.caller.holdsEverywhere("payments.account.read"))
    try await file.send(
      from: environment, to: responses, madeAt: now, id: environment.newID())
  }

  // MARK: Sums and currencies

  func getTrialBalance(
    _ request: Payments.GetTrialBalanceRequest, _ context: CallContext
  ) async throws -> Payments.GetTrialBalanceResponse {
    let now = environment.now.wholeMicroseconds
    let at = try Self.past(request.at, now)
    let (sums, instant) = try await TrialBalanceReader(environment.database, ledger).sums(at: at)
    return Payments.GetTrialBalanceResponse(
      currencies: try TrialBalanceMessages.currencies(sums, only: request.currencyCode),
      asOfAt: GoogleProtobuf.Timestamp(
        microsecondsSinceEpoch: at == nil ? max(now, instant) : instant))
  }

  func listCurrencies(
    _ request: Payments.ListCurrenciesRequest, _ context: CallContext
  ) async throws -> Payments.ListCurrenciesResponse {
    Payments.ListCurrenciesResponse(
      currencies: CurrencyTable.all.map {
        SaraiType.Currency(
          code: $0.code, numericCode: $0.number, exponent: Int32($0.exponent),
          name: SaraiType.LocalizedText(en: $0.name))
      })
  }
}

extension Page {
  /// The number that the last page ended with.
  /// - Throws: `invalidArgument` (CURSOR_INVALID).
  func number() throws(RPCError) -> Int64? {
    guard let after else { return nil }
    guard after.count == 1, let number = Int64(after[0]) else { throw .cursorInvalid }
    return number
  }
}
