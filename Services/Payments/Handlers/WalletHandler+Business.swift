import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// The accounts of companies: WalletService, the part that provisioning calls.
extension WalletHandler {
  /// What a company has in each currency.
  private static let purposes: [Payments.AccountPurpose] = [.settlement, .payoutReserve, .fees]
  private static let currenciesMax = 10
  /// More accounts than any company has.
  private static let accountsMax = 8_000

  func openBusinessAccounts(
    _ request: Payments.OpenBusinessAccountsRequest, _ context: CallContext
  ) async throws -> Payments.BusinessAccounts {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    let organisation = faults.id(request.organisationId, "organisation_id")
    faults.range(request.currencyCodes.count, "currency_codes", 1...Self.currenciesMax)
    if Set(request.currencyCodes).count != request.currencyCodes.count {
      faults.add("currency_codes", "NOT_UNIQUE", "name each currency once")
    }
    try faults.check()
    try context.caller.require("payments.wallet.write", in: organisation)
    let now = environment.now
    let actor = context.caller.actor
    return try await environment.once(
      request, request.id, of: Payments.WalletServiceMethods.openBusinessAccounts, context
    ) { [self] session in
      var known = try accounts(of: organisation, in: session).filter { $0.state != .closed }
      var new: [NewAccount] = []
      for currency in request.currencyCodes {
        for purpose in Self.purposes
        where !known.contains(where: { $0.currencyCode == currency && $0.purpose == purpose }) {
          new.append(
            NewAccount(
              id: DerivedID.of("business account", "\(id) \(currency) \(purpose.rawValue)"),
              currencyCode: currency, purpose: purpose, rule: .debitsNotAboveCredits,
              organisationID: organisation))
        }
      }
      known += try environment.ledger.openAccounts(new, at: now, by: actor, in: session)
      let opening = Payments.BusinessAccounts(
        organisationId: request.organisationId, openingId: request.id,
        openedAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
      try put(opening, in: session)
      return Self.shown(opening, known, at: now)
    }
  }

  /// Writes down that a company's accounts were opened or closed.
  private func put(_ opening: Payments.BusinessAccounts, in session: any SQLSession) throws {
    let isNew = try WalletStore.openings.insert(
      opening.organisationId, state: 0, sort: 0, opening, in: session)
    if !isNew {
      try WalletStore.openings.update(
        opening.organisationId, state: 0, sort: 0, opening, in: session)
    }
  }

  /// The company's accounts of these purposes, closed ones too.
  private func accounts(
    of organisation: UUID, in session: any SQLSession
  ) throws -> [LedgerAccount] {
    try environment.ledger.accounts(
      LedgerStore.AccountFilter(organisationID: organisation), after: 0,
      countMax: Self.accountsMax, in: session
    ).filter { Self.purposes.contains($0.purpose) }
  }

  private static func shown(
    _ opening: Payments.BusinessAccounts, _ accounts: [LedgerAccount], at now: Duration
  ) -> Payments.BusinessAccounts {
    var shown = opening
    shown.accounts =
      accounts
      .sorted { ($0.currencyCode, $0.purpose.rawValue) < ($1.currencyCode, $1.purpose.rawValue) }
      .map { LedgerMessages.account($0, asOf: now.wholeMicroseconds) }
    return shown
  }

  func getBusinessAccounts(
    _ request: Payments.GetBusinessAccountsRequest, _ context: CallContext
  ) async throws -> Payments.BusinessAccounts {
    var faults = FieldFaults()
    let organisation = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    try context.caller.requireOwner(of: organisation)
    let now = environment.now
    return try await environment.database.read { [self] session in
      let opening = try opening(organisation, in: session)
      let known = try environment.ledger.released(
        try accounts(of: organisation, in: session), at: now.wholeMicroseconds, in: session)
      return Self.shown(
        opening, opening.closedAt == nil ? known.filter { $0.state != .closed } : known, at: now)
    }
  }

  private func opening(
    _ organisation: UUID, in session: any SQLSession
  ) throws -> Payments.BusinessAccounts {
    let found = try WalletStore.openings.find(organisation.description, in: session)
    guard let found else { throw PaymentsError.notFound("company with business accounts") }
    return found
  }

  func closeBusinessAccounts(
    _ request: Payments.CloseBusinessAccountsRequest, _ context: CallContext
  ) async throws -> Payments.BusinessAccounts {
    var faults = FieldFaults()
    let organisation = faults.id(request.organisationId, "organisation_id")
    try faults.check()
    let now = environment.now
    let actor = context.caller.actor
    return try await environment.database.write { [self] session in
      var opening = try opening(organisation, in: session)
      if opening.closedAt == nil {
        for account in try accounts(of: organisation, in: session) where account.state != .closed {
          _ = try environment.ledger.setState(
            .closed, of: account.id, at: now, by: actor, in: session)
        }
        opening.closedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
        try put(opening, in: session)
      }
      return Self.shown(opening, try accounts(of: organisation, in: session), at: now)
    }
  }
}
