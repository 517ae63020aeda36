import PaymentsContracts
import Platform
import Providers
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// What is asked of providers, written down: before it is sent, and with every answer.
struct ProviderBook: Sendable {
  /// What the provider must know beside the amount.
  struct Details: Sendable {
    /// IBAN, mobile number or instrument token.
    var account = ""
    var holderName = ""
    var statementText = ""
  }

  /// A request with what stands beside the contract's message.
  struct Entry: Sendable {
    var request: Payments.ProviderRequest
    var payment: ProviderWire.Payment
    var machine: ProviderRequestMachine
  }

  /// How many attempts are kept of a request.
  private static let attemptsMax = 100

  let context: TradeContext

  /// A provider by its code.
  func provider(_ code: String, in session: any SQLSession) throws -> Payments.Provider {
    let found = try TradeTables.providers.all([.init("code = ?", .text(code))], in: session)
    guard let provider = found.first else { throw PaymentsError.notFound("provider") }
    return provider
  }

  /// Writes down what is to be asked; it is sent by the job or whoever calls `ProviderDesk`.
  func open(
    providerCode: String, direction: Payments.ProviderDirection, amount: SaraiType.Money,
    reference: String, details: Details, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> Payments.ProviderRequest {
    let provider = try provider(providerCode, in: session)
    guard provider.enabled else {
      throw PaymentsError.refused(.providerDown, "the provider is switched off: use another")
    }
    guard provider.directions.contains(direction),
      provider.currencyCodes.first == amount.currencyCode
    else {
      throw PaymentsError.refused(
        .destinationInvalid, "the provider does not move \(amount.currencyCode) this way")
    }
    let now = context.now
    let request = Payments.ProviderRequest(
      id: context.makeID().description, stamp: .made(by: actor, at: now),
      providerCode: providerCode, direction: direction, state: .waiting, amount: amount,
      referenceId: reference, askNextAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
    let payment = ProviderWire.Payment(
      id: request.id, way: direction == .moneyIn ? .in : .out, amount: amount.minorUnits,
      currencyCode: amount.currencyCode, account: details.account,
      holderName: details.holderName, statementText: details.statementText)
    try TradeTables.requests.insert(
      request.id, state: request.state.rawValue, sort: -now.wholeMicroseconds, request,
      .text(providerCode), .text(reference), nil, nil, nil,
      .bytes(try payment.encoded(as: .native)), in: session)
    try WorkQueue.add(.askProvider, request.id, at: now, in: session)
    try tell(request, by: actor, in: session)
    return request
  }

  /// A request.
  func entry(_ id: String, in session: any SQLSession) throws -> Entry {
    let row = try session.first(
      "SELECT sent_at, settled_as, settled_reference, details FROM provider_request WHERE id = $1",
      .text(id)
    ) { (row) throws(StorageError) in
      (
        try row.optionalInteger(0), try row.optionalInteger(1), try row.optionalText(2),
        try row.bytes(3)
      )
    }
    guard let row, let request = try TradeTables.requests.find(id, in: session) else {
      throw PaymentsError.notFound("provider request")
    }
    let settlement = row.1.map {
      ProviderRequestMachine.Settlement(
        succeeded: $0 == 1, reference: row.2 ?? "", makerID: request.settlementMakerId)
    }
    let state = ProviderRequestMachine.State(rawValue: request.state.rawValue) ?? .unknown
    return Entry(
      request: request, payment: try ProviderWire.Payment(decoding: row.3, as: .native),
      machine: ProviderRequestMachine(
        state: state, sentAt: row.0.map { .microseconds($0) },
        reference: request.providerReference, settlement: settlement,
        settlementCheckerID: request.settlementCheckerId))
  }

  /// Carries an event to a request, and its end to what stands behind it.
  @discardableResult
  func apply(
    _ event: ProviderRequestMachine.Event, to id: String, attempt: Payments.ProviderAttempt?,
    by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> Payments.ProviderRequest {
    let now = context.now
    var entry = try entry(id, in: session)
    let before = entry.machine.state
    let isChanged = try entry.machine.apply(event, at: now)
    if !isChanged, attempt == nil { return entry.request }
    entry.request.state = Payments.ProviderRequestState(rawValue: entry.machine.state.rawValue)
    entry.request.providerReference = entry.machine.reference
    entry.request.settlementMakerId = entry.machine.settlement?.makerID ?? ""
    entry.request.settlementCheckerId = entry.machine.settlementCheckerID
    entry.request.stamp = entry.request.stamp.changed(by: actor, at: now)
    if var attempt {
      attempt.occurredAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
      attempt.stateAfter = entry.request.state
      entry.request.attempts.append(attempt)
      // The first, which sent it, stays.
      if entry.request.attempts.count > Self.attemptsMax { entry.request.attempts.remove(at: 1) }
    }
    let isEnd = entry.machine.state.isTerminal && !before.isTerminal
    if isEnd {
      entry.request.endedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
      entry.request.askNextAt = nil
      try WorkQueue.remove(.askProvider, id, in: session)
    }
    try write(entry, in: session)
    if entry.machine.state != before {
      try tell(entry.request, by: actor, in: session)
      try handOn(entry, isEnd: isEnd, in: session)
    }
    return entry.request
  }

  /// Says when a request is asked again.
  func askAgain(
    _ id: String, _ item: WorkQueue.Item, in session: any SQLSession
  ) throws {
    var entry = try entry(id, in: session)
    guard !entry.machine.state.isTerminal else { return }
    let attempts = item.attempts + 1
    let next = context.now + RetrySchedule.delay(afterAttempt: attempts, context.random)
    try WorkQueue.add(.askProvider, id, at: next, attempts: attempts, in: session)
    entry.request.askNextAt = GoogleProtobuf.Timestamp(sinceEpoch: next)
    try write(entry, in: session)
  }

  private func write(_ entry: Entry, in session: any SQLSession) throws {
    let settlement = entry.machine.settlement
    try TradeTables.requests.update(
      entry.request.id, state: entry.request.state.rawValue,
      sort: -(entry.request.stamp?.createdAt?.sinceEpoch ?? .zero).wholeMicroseconds,
      entry.request, .text(entry.request.providerCode), .text(entry.request.referenceId),
      .optional(entry.machine.sentAt?.wholeMicroseconds),
      settlement.map { .flag($0.succeeded) } ?? nil,
      .optional(settlement?.reference), .bytes(try entry.payment.encoded(as: .native)),
      in: session)
  }

  /// Tells the payout or funding behind a request how it stands.
  private func handOn(_ entry: Entry, isEnd: Bool, in session: any SQLSession) throws {
    let request = entry.request
    try PayoutBook(context: context).requestChanged(request, in: session)
    guard isEnd else { return }
    let succeeded = entry.machine.state == .succeeded
    try FundingBook(context: context).ended(request, succeeded: succeeded, in: session)
    let account = try UUID(provider(request.providerCode, in: session).accountId)
    try WalletBook(environment: context.base).topUpEnded(
      request.referenceId, from: succeeded ? account : nil, in: session)
  }

  private func tell(
    _ request: Payments.ProviderRequest, by actor: SaraiType.Actor, in session: any SQLSession
  ) throws {
    try context.events.add(
      .providerRequestChanged, of: request.id, id: context.makeID(), by: actor, at: context.now,
      in: session
    ) {
      $0.providerRequest = request
      $0.providerRequest?.attempts = []
    }
  }
}

extension ProviderBook: TopUpGate {
  func open(
    providerCode: String, amount: SaraiType.Money, payment: String, instrumentToken: String,
    by actor: SaraiType.Actor, in session: any SQLSession
  ) throws -> (requestID: String, redirectURL: String) {
    let request = try open(
      providerCode: providerCode, direction: .moneyIn, amount: amount, reference: payment,
      details: Details(account: instrumentToken), by: actor, in: session)
    // Providers that have the payer agree on a page of theirs will give its address.
    return (request.id, "")
  }
}
