import Access
import PaymentsContracts
import Platform
import RPC
import RPCTransport
import Wire

/// Payments: transfers between accounts that may not go below zero, in two currencies.
struct TransferScenario: ChaosScenario {
  struct Request: Sendable {
    let message: Payments.CreateTransferRequest
    let currency: Int
  }

  let service = "payments"
  let operators: StubIdentity
  let lifeMax: Duration = .milliseconds(700)
  var arguments: [String] { ["--identity", "\(operators.address)", "--insecure-callers"] }

  private static let currencies = ["PKR", "JPY"]
  private static let accountsEach = 40
  private static let funds: Int64 = 1_000_000_000

  private func id(_ currency: Int, _ account: Int) -> String {
    "\(UUID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0000 | UInt64(currency << 16 | account)))"
  }

  private func ledger(_ client: RPCClient) -> Payments.LedgerServiceClient<RPCClient> {
    Payments.LedgerServiceClient(client)
  }

  /// Account 0 of each currency is the house's, which may owe; it funds the others.
  func prepare(_ client: RPCClient) async throws {
    var accounts: [Payments.Account] = []
    var fundings: [Payments.NumberedTransfer] = []
    for (currency, code) in Self.currencies.enumerated() {
      for account in 0...Self.accountsEach {
        accounts.append(
          Payments.Account(
            id: id(currency, account), currencyCode: code,
            purpose: account == 0 ? .settlement : .wallet,
            balanceRule: account == 0 ? .free : .debitsNotAboveCredits))
        if account == 0 { continue }
        fundings.append(
          Payments.NumberedTransfer(
            id:
              "\(UUID(high: 0x0190_0000_0001_7000, low: 0x8000_0000_0000_0000 | UInt64(currency << 16 | account)))",
            draft: Payments.TransferDraft(
              kind: .immediate, debitAccountId: id(currency, 0),
              creditAccountId: id(currency, account), amount: Self.funds, currencyCode: code,
              purpose: .topUp)))
      }
    }
    _ = try await ledger(client).createAccounts(
      Payments.CreateAccountsRequest(accounts: accounts), options: operators.options())
    _ = try await ledger(client).createTransfers(
      Payments.CreateTransfersRequest(transfers: fundings), options: operators.options())
  }

  func makeRequest(_ random: any RandomSource) -> Request {
    let currency = Int(random.next() % UInt64(Self.currencies.count))
    let debit = 1 + Int(random.next() % UInt64(Self.accountsEach))
    var credit = 1 + Int(random.next() % UInt64(Self.accountsEach))
    if credit == debit { credit = credit % Self.accountsEach + 1 }
    let number = UUID(
      high: 0x0190_0000_0002_7000, low: 0x8000_0000_0000_0000 | random.next() >> 2)
    return Request(
      message: Payments.CreateTransferRequest(
        id: "\(number)",
        draft: Payments.TransferDraft(
          kind: .immediate, debitAccountId: id(currency, debit),
          creditAccountId: id(currency, credit), amount: 1 + Int64(random.next() % 1_000),
          currencyCode: Self.currencies[currency], purpose: .walletSend)),
      currency: currency)
  }

  func send(
    _ request: Request, _ client: RPCClient, _ options: CallOptions
  ) async throws -> [UInt8] {
    var options = options
    operators.sign(&options)
    return try await ledger(client).createTransfer(request.message, options: options)
      .encoded(as: .native)
  }

  func read(_ client: RPCClient) async throws {
    _ = try await ledger(client).getBalance(
      Payments.GetBalanceRequest(accountId: id(0, 1)), options: operators.options())
  }

  func check(
    _ answered: [(request: Request, answer: [UInt8])], _ client: RPCClient
  ) async throws -> ChaosFindings {
    var findings = ChaosFindings()
    let trial = try await ledger(client).getTrialBalance(
      Payments.GetTrialBalanceRequest(), options: operators.options())
    for (currency, code) in Self.currencies.enumerated() {
      let mine = answered.filter { $0.request.currency == currency }
      guard let total = trial.currencies.first(where: { $0.currencyCode == code }) else {
        findings.faults.append("no trial balance of \(code)")
        continue
      }
      let difference = Int(total.transferCount) - mine.count - Self.accountsEach
      findings.lost += max(0, -difference)
      findings.duplicated += max(0, difference)
      findings.drift[code] = total.creditsPosted - total.debitsPosted
      findings.faults += try await checkBalances(currency, mine.map(\.request.message), client)
    }
    findings.faults += try await Integrity.faults(
      of: service, client, options: operators.options())
    // What was answered once is answered by the same bytes.
    for (request, answer) in answered.shuffled().prefix(200) {
      let again = try await send(request, client, CallOptions(timeout: .seconds(10)))
      if again != answer { findings.faults.append("another answer for \(request.message.id)") }
    }
    return findings
  }

  private func checkBalances(
    _ currency: Int, _ done: [Payments.CreateTransferRequest], _ client: RPCClient
  ) async throws -> [String] {
    var sums: [String: (debits: Int64, credits: Int64)] = [:]
    for account in 1...Self.accountsEach { sums[id(currency, account)] = (0, Self.funds) }
    for request in done {
      guard let draft = request.draft else { continue }
      sums[draft.debitAccountId, default: (0, 0)].debits += draft.amount
      sums[draft.creditAccountId, default: (0, 0)].credits += draft.amount
    }
    let accounts = try await ledger(client).batchGetAccounts(
      Payments.BatchGetAccountsRequest(ids: sums.keys.sorted()), options: operators.options()
    ).accounts
    var faults: [String] = []
    if accounts.count != sums.count { faults.append("\(accounts.count) of \(sums.count) accounts") }
    for account in accounts {
      guard let sum = sums[account.id], let balance = account.balance else { continue }
      if balance.debitsPosted != sum.debits || balance.creditsPosted != sum.credits {
        faults.append(
          "\(account.id) has debits \(balance.debitsPosted) and credits \(balance.creditsPosted),"
            + " not \(sum.debits) and \(sum.credits)")
      }
      if balance.available < 0 { faults.append("\(account.id) is below zero") }
    }
    return faults
  }
}
