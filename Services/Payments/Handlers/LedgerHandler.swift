import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Accounts and transfers: LedgerService, the part that changes things.
struct LedgerHandler: Payments.LedgerService {
  /// Accounts or transfers of one call at most.
  static let batchMax = 8_000

  let environment: PaymentsEnvironment
  let writer: LedgerWriter

  init(_ environment: PaymentsEnvironment) {
    self.environment = environment
    writer = LedgerWriter(environment.database, environment.ledger, time: environment.time)
  }

  // MARK: Accounts

  func createAccounts(
    _ request: Payments.CreateAccountsRequest, _ context: CallContext
  ) async throws -> Payments.CreateAccountsResponse {
    var faults = FieldFaults()
    faults.range(request.accounts.count, "accounts", 1...Self.batchMax)
    var asked: [NewAccount] = []
    for (place, account) in request.accounts.prefix(Self.batchMax).enumerated() {
      asked.append(Self.read(account, "accounts[\(place)]", &faults))
    }
    try faults.check()
    let opened = try await environment.database.write {
      [environment, asked, actor = context.caller.actor] session in
      try environment.ledger.openAccounts(asked, at: environment.now, by: actor, in: session)
    }
    return Payments.CreateAccountsResponse(
      accounts: opened.map { LedgerMessages.account($0, asOf: $0.openedAt) })
  }

  private static func read(
    _ account: Payments.Account, _ field: String, _ faults: inout FieldFaults
  ) -> NewAccount {
    if Payments.AccountPurpose.layout.name(of: account.purpose.rawValue) == nil
      || account.purpose == .unspecified
    {
      faults.add("\(field).purpose", "REQUIRED", "say what the account is for")
    }
    if Payments.BalanceRule.layout.name(of: account.balanceRule.rawValue) == nil
      || account.balanceRule == .unspecified
    {
      faults.add("\(field).balance_rule", "REQUIRED", "say what its balance may not do")
    }
    if !account.unknownFields.isEmpty {
      faults.add(field, "UNKNOWN_FIELDS", "leave out fields that this service does not know")
    }
    faults.text(account.label, "\(field).label", lengthMax: 120)
    return NewAccount(
      id: faults.id(account.id, "\(field).id"), currencyCode: account.currencyCode,
      purpose: account.purpose, rule: account.balanceRule,
      organisationID: faults.optionalID(account.organisationId, "\(field).organisation_id"),
      orderID: faults.optionalID(account.orderId, "\(field).order_id"), label: account.label)
  }

  func setAccountState(
    _ request: Payments.SetAccountStateRequest, _ context: CallContext
  ) async throws -> Payments.Account {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    faults.range(request.state.rawValue, "state", 1...3)
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 500)
    try faults.check()
    let now = environment.now
    let account = try await environment.database.write {
      [environment, actor = context.caller.actor] session in
      try environment.ledger.setState(request.state, of: id, at: now, by: actor, in: session)
    }
    return LedgerMessages.account(account, asOf: now.wholeMicroseconds)
  }

  // MARK: Transfers

  func createTransfer(
    _ request: Payments.CreateTransferRequest, _ context: CallContext
  ) async throws -> Payments.Transfer {
    guard request.unknownFields.isEmpty else { throw Self.unknownFields }
    let draft = request.draft ?? Payments.TransferDraft()
    var transfer = NewTransfer(id: request.id, draft)
    if transfer.fault == nil, draft.linked {
      transfer.fault = "draft.linked: a transfer alone has none to be linked with"
    }
    let result = try await writer.book([transfer], by: context.caller.actor)[0]
    if let refusal = result.refusal { throw refusal }
    guard let booked = result.booked else { throw PaymentsError.notFound("transfer") }
    return LedgerMessages.transfer(booked)
  }

  func createTransfers(
    _ request: Payments.CreateTransfersRequest, _ context: CallContext
  ) async throws -> Payments.CreateTransfersResponse {
    guard request.unknownFields.isEmpty else { throw Self.unknownFields }
    return Payments.CreateTransfersResponse(
      results: try await book(request.transfers, by: context.caller.actor))
  }

  func streamTransfers(
    _ requests: RequestStream<Payments.StreamTransfersRequest>,
    _ responses: ResponseWriter<Payments.StreamTransfersResponse>, _ context: CallContext
  ) async throws {
    let actor = context.caller.actor
    var number: Int64 = 0
    // One batch is booked while the transport reads ahead; each is answered once durable.
    while let request = try await requests.next() {
      number += 1
      guard request.unknownFields.isEmpty else { throw Self.unknownFields }
      var faults = FieldFaults()
      faults.range(request.batchNumber, "batch_number", number...number)
      try faults.check()
      try await responses.send(
        Payments.StreamTransfersResponse(
          batchNumber: number, results: try await book(request.transfers, by: actor)))
    }
  }

  private func book(
    _ asked: [Payments.NumberedTransfer], by actor: SaraiType.Actor
  ) async throws -> [Payments.TransferResult] {
    var faults = FieldFaults()
    faults.range(asked.count, "transfers", 1...Self.batchMax)
    try faults.check()
    var seen: Set<UUID> = []
    var transfers: [NewTransfer] = []
    transfers.reserveCapacity(asked.count)
    for (place, one) in asked.enumerated() {
      var transfer = NewTransfer(id: one.id, one.draft ?? Payments.TransferDraft())
      if !one.unknownFields.isEmpty {
        transfer.fault = "leave out fields that this service does not know"
      }
      if transfer.id != .null, !seen.insert(transfer.id).inserted {
        faults.add("transfers[\(place)].id", "NOT_UNIQUE", "give each transfer an id of its own")
      }
      transfers.append(transfer)
    }
    try faults.check()
    let results = try await writer.book(transfers, by: actor)
    return zip(asked, results).map { LedgerMessages.result($0.id, $1) }
  }

  private static let unknownFields = RPCError(
    .invalidArgument, reason: "FIELD_INVALID",
    "the request has fields that this service does not know: no money moves on them")
}
