import PaymentsContracts
import Platform
import Storage
import TypeContracts
import Wire

/// The house's own accounts, one of each purpose and currency, opened when they are first needed.
struct HouseAccounts: Sendable {
  let ledger: LedgerStore

  init(_ ledger: LedgerStore) { self.ledger = ledger }

  /// The account's id, whether it is open yet or not.
  static func id(_ purpose: Payments.AccountPurpose, _ currencyCode: String) -> UUID {
    DerivedID.of("house account", "\(purpose.rawValue) \(currencyCode)")
  }

  /// The account, opened if it was not.
  func open(
    _ purpose: Payments.AccountPurpose, _ currencyCode: String, at now: Duration,
    in session: any SQLSession
  ) throws -> UUID {
    let id = Self.id(purpose, currencyCode)
    // What comes from outside is owed to us or by us; all else we must have before we give it.
    let isFree = purpose == .provider || purpose == .suspense || purpose == .rounding
    let name = Payments.AccountPurpose.layout.name(of: purpose.rawValue) ?? ""
    _ = try ledger.openAccounts(
      [
        NewAccount(
          id: id, currencyCode: currencyCode, purpose: purpose,
          rule: isFree ? .free : .debitsNotAboveCredits,
          label: "House: \(name.dropFirst("ACCOUNT_PURPOSE_".count)) \(currencyCode)")
      ], at: now, by: SaraiType.Actor(kind: .service, serviceName: "payments"), in: session)
    return id
  }
}
