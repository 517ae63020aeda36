import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Wallets by mobile number, and their tiers: WalletService. Payments and the accounts of companies
/// stand beside.
struct WalletHandler: Payments.WalletService {
  let environment: PaymentsEnvironment
  let owners: any WalletOwners
  let topUps: any TopUpGate

  var book: WalletBook { WalletBook(environment: environment) }

  // MARK: Opening and finding

  func openWallet(
    _ request: Payments.OpenWalletRequest, _ context: CallContext
  ) async throws -> Payments.Wallet {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    let organisation = faults.optionalID(request.organisationId, "organisation_id")
    faults.currency(request.currencyCode, "currency_code")
    let phone = request.phone?.e164 ?? ""
    faults.e164(phone, "phone.e164")
    try faults.check()
    let caller = context.caller
    if let organisation { try caller.require("payments.wallet.write", in: organisation) }
    let person = organisation == nil ? caller.personID : nil
    guard organisation != nil || person != nil else {
      faults.add("organisation_id", "REQUIRED", "name the company that the wallet is for")
      throw PaymentsError.fields(faults)
    }
    // A service that opens for a company has verified the number itself.
    if let asking = caller.personID, try await owners.verifiedPhone(of: asking) != phone {
      throw PaymentsError.refused(
        .tierProofMissing, "the number is not verified: verify it in your account first",
        ["proof_key": "phone_verified"])
    }
    let now = environment.now
    return try await environment.once(
      request, request.id, of: Payments.WalletServiceMethods.openWallet, context
    ) { [self] session in
      try open(
        request, organisation: organisation, person: person, by: caller.actor, at: now, session)
    }
  }

  private func open(
    _ request: Payments.OpenWalletRequest, organisation: UUID?, person: UUID?,
    by actor: SaraiType.Actor, at now: Duration, _ session: any SQLSession
  ) throws -> Payments.Wallet {
    let day = CivilDay(number: now.wholeMicroseconds / 86_400_000_000)
    let tiers = try book.tiers(on: day, in: session)
      .filter { $0.limits.allSatisfy { $0.amount?.currencyCode == request.currencyCode } }
    let tier =
      request.tierCode.isEmpty
      ? tiers.first : tiers.first { $0.tierCode == request.tierCode }
    guard let tier else { throw PaymentsError.notFound("wallet tier in that currency") }
    if tier.proofKeys.contains(where: { $0 != "phone_verified" }) {
      throw PaymentsError.refused(
        .tierProofMissing,
        "the tier demands more proofs: open with a lower one, then ask for SetWalletTier")
    }
    let phone = request.phone?.e164 ?? ""
    let owner = organisation.map { "organisation/\($0)" } ?? "person/\(person ?? .null)"
    let taken = try session.first(
      """
      SELECT id FROM wallet WHERE (owner = $1 OR phone = $2) AND currency = $3 AND state <> 3
      """, .text(owner), .text(phone), .text(request.currencyCode)
    ) { (row) throws(StorageError) in try row.text(0) }
    if taken != nil {
      throw PaymentsError.refused(
        .walletExists, "the owner or the number has a wallet in this currency: use that")
    }
    let account = DerivedID.of("wallet account", request.id)
    _ = try environment.ledger.openAccounts(
      [
        NewAccount(
          id: account, currencyCode: request.currencyCode, purpose: .wallet,
          rule: .debitsNotAboveCredits, organisationID: organisation, label: "Wallet")
      ], at: now, by: actor, in: session)
    let instant = GoogleProtobuf.Timestamp(sinceEpoch: now)
    let wallet = Payments.Wallet(
      id: request.id,
      stamp: SaraiType.AuditStamp(
        version: 1, createdAt: instant, createdBy: actor, updatedAt: instant, updatedBy: actor),
      state: .active, organisationId: organisation?.description ?? "",
      personId: person?.description ?? "", phone: request.phone,
      accountId: account.description, tierCode: tier.tierCode)
    try WalletStore.wallets.insert(
      wallet.id, state: wallet.state.rawValue, sort: now.wholeMicroseconds, wallet, .text(owner),
      .text(wallet.organisationId), .text(wallet.personId), .text(phone),
      .text(request.currencyCode), in: session)
    try book.tell(wallet, by: actor, at: now, in: session)
    return try book.shown(wallet, at: now, in: session)
  }

  func getWallet(
    _ request: Payments.GetWalletRequest, _ context: CallContext
  ) async throws -> Payments.Wallet {
    let now = environment.now
    return try await environment.database.read { [self, caller = context.caller] session in
      let wallet = try wallet(request.id, of: caller, in: session)
      return try book.shown(wallet, at: now, in: session)
    }
  }

  /// A wallet that the caller may use: their own, or their company's.
  func wallet(
    _ id: String, of caller: Caller, in session: any SQLSession
  ) throws -> Payments.Wallet {
    guard let wallet = try WalletStore.wallets.find(id, in: session) else {
      throw PaymentsError.notFound("wallet")
    }
    if let person = UUID(wallet.personId), caller.personID == person { return wallet }
    try caller.requireOwner(of: UUID(wallet.organisationId))
    return wallet
  }

  func listWallets(
    _ request: Payments.ListWalletsRequest, _ context: CallContext
  ) async throws -> Payments.ListWalletsResponse {
    var faults = FieldFaults()
    let organisation = faults.optionalID(request.organisationId, "organisation_id")
    try faults.check()
    let caller = context.caller
    var conditions: [RecordTable<Payments.Wallet>.Condition] = []
    if let organisation {
      try caller.require("payments.account.read", in: organisation)
      conditions.append(.init("organisation_id = ?", .text(organisation.description)))
    } else if let person = caller.personID, !caller.holdsEverywhere("payments.account.read") {
      conditions.append(.init("person_id = ?", .text(person.description)))
    } else {
      try caller.require("payments.account.read", in: nil)
    }
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    let page = try Page(\.page, of: request, caller: caller.key, context)
    let now = environment.now
    let (found, next) = try await environment.database.read { [self, conditions] session in
      let (wallets, next) = try WalletStore.wallets.page(page, conditions, in: session)
      return (try wallets.map { try book.shown($0, at: now, in: session) }, next)
    }
    return Payments.ListWalletsResponse(wallets: found, page: next)
  }

  // MARK: State and tier

  func setWalletState(
    _ request: Payments.SetWalletStateRequest, _ context: CallContext
  ) async throws -> Payments.Wallet {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.range(request.state.rawValue, "state", 1...3)
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 500)
    try faults.check()
    let now = environment.now
    let caller = context.caller
    return try await environment.database.write { [self] session in
      var wallet = try wallet(request.id, of: caller, in: session)
      if wallet.state != request.state {
        guard let account = UUID(wallet.accountId) else {
          throw PaymentsError.notFound("account")
        }
        // The states of wallets and accounts have the same numbers.
        _ = try environment.ledger.setState(
          Payments.AccountState(rawValue: request.state.rawValue), of: account, at: now,
          by: caller.actor, in: session)
        wallet.state = request.state
        wallet = try book.update(wallet, by: caller.actor, at: now, in: session)
      }
      return try book.shown(wallet, at: now, in: session)
    }
  }

  func setWalletTier(
    _ request: Payments.SetWalletTierRequest, _ context: CallContext
  ) async throws -> Payments.Wallet {
    let now = environment.now
    let caller = context.caller
    let (before, tier) = try await environment.database.read { [self] session in
      (
        try wallet(request.id, of: caller, in: session),
        try book.tier(request.tierCode, at: now, in: session)
      )
    }
    for proof in tier.proofKeys where !(try await holds(proof, before)) {
      throw PaymentsError.refused(
        .tierProofMissing, "the tier demands `\(proof)`: have it proved in identity first",
        ["proof_key": proof])
    }
    return try await environment.database.write { [self] session in
      var wallet = try wallet(request.id, of: caller, in: session)
      let account = try book.account(of: wallet, at: now, in: session)
      let limit = tier.limits.first { $0.kind == .balance }?.amount
      if let limit, account.available > limit.minorUnits {
        throw PaymentsError.refused(
          .balanceAboveTier, "more is in the wallet than the tier allows: move some out first")
      }
      if tier.limits.contains(where: { $0.amount?.currencyCode != account.currencyCode }) {
        throw PaymentsError.notFound("wallet tier in that currency")
      }
      if wallet.tierCode != request.tierCode {
        wallet.tierCode = request.tierCode
        wallet = try book.update(wallet, by: caller.actor, at: now, in: session)
      }
      return try book.shown(wallet, at: now, in: session)
    }
  }

  /// Whether a proof that a tier demands is there. A company's verification includes the identity
  /// cards of its owners; a person's card is proved nowhere yet.
  private func holds(_ proof: String, _ wallet: Payments.Wallet) async throws -> Bool {
    switch proof {
    case "phone_verified":
      guard let person = UUID(wallet.personId) else { return true }
      return try await owners.verifiedPhone(of: person) == wallet.phone?.e164
    case "company_verified", "cnic_verified":
      guard let organisation = UUID(wallet.organisationId) else { return false }
      return try await owners.isVerified(organisation)
    default: return false
    }
  }

  // MARK: Tiers

  func listWalletTiers(
    _ request: Payments.ListWalletTiersRequest, _ context: CallContext
  ) async throws -> Payments.ListWalletTiersResponse {
    var day = CivilDay(number: environment.now.wholeMicroseconds / 86_400_000_000)
    if let on = request.on {
      var faults = FieldFaults()
      day = faults.day(on, "on")
      try faults.check()
    }
    let page = try Page(\.page, of: request, caller: context.caller.key, context)
    let all = try await environment.database.read { [self, day] session in
      try book.tiers(on: day, in: session)
    }
    let start = page.after.flatMap { after in all.firstIndex { [$0.id] == after } }.map { $0 + 1 }
    let cut = page.cut(Array(all[(start ?? 0)...])) { [$0.id] }
    return Payments.ListWalletTiersResponse(tiers: cut.items, page: cut.page)
  }

  func createWalletTier(
    _ request: Payments.CreateWalletTierRequest, _ context: CallContext
  ) async throws -> Payments.WalletTier {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    var tier = request.tier ?? Payments.WalletTier()
    faults.text(tier.tierCode, "tier.tier_code", lengthMin: 1, lengthMax: 40)
    if tier.tierCode.utf8.contains(where: {
      !"abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0)
    }) {
      faults.add("tier.tier_code", "NOT_LOWER_CASE", "use a to z, 0 to 9 and hyphens")
    }
    faults.range(tier.rank, "tier.rank", 0...1_000)
    faults.range(tier.limits.count, "tier.limits", 1...8)
    if Set(tier.limits.map(\.kind)).count != tier.limits.count
      || tier.limits.contains(where: { !(1...8).contains($0.kind.rawValue) })
    {
      faults.add("tier.limits", "NOT_UNIQUE", "name each kind of limit at most once")
    }
    if Set(tier.limits.map { $0.amount?.currencyCode ?? "" }).count != 1 {
      faults.add("tier.limits", "CURRENCIES_DIFFER", "give all limits in one currency")
    }
    for (place, limit) in tier.limits.enumerated() {
      faults.currency(limit.amount?.currencyCode ?? "", "tier.limits[\(place)].amount")
      faults.range(limit.amount?.minorUnits ?? -1, "tier.limits[\(place)].amount", 0...Int64.max)
    }
    if WalletRule.zoneHours[tier.timeZone] == nil {
      faults.add("tier.time_zone", "UNKNOWN", "give Asia/Karachi or UTC")
    }
    let day = faults.day(tier.inForceFrom ?? SaraiType.CalendarDate(), "tier.in_force_from")
    let now = environment.now
    if day <= WalletRule(tier: tier).day(at: now.wholeMicroseconds) {
      faults.add("tier.in_force_from", "NOT_AHEAD", "give a day to come")
    }
    try faults.check()
    let actor = context.caller.actor
    let instant = GoogleProtobuf.Timestamp(sinceEpoch: now)
    tier.id = request.id
    tier.stamp = SaraiType.AuditStamp(
      version: 1, createdAt: instant, createdBy: actor, updatedAt: instant, updatedBy: actor)
    return try await environment.once(
      request, request.id, of: Payments.WalletServiceMethods.createWalletTier, context
    ) { [self, tier] session in
      try book.add(tier, in: session)
      return tier
    }
  }
}

extension FieldFaults {
  /// A telephone number.
  mutating func e164(_ text: String, _ field: String) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "+"), (7...15).contains(digits.count),
      digits.allSatisfy({ (48...57).contains($0) }), digits.first != 48
    else {
      add(field, "NOT_E164", "give \"+\" and 7 to 15 digits, without spaces")
      return
    }
  }

  /// A day that exists.
  mutating func day(_ date: SaraiType.CalendarDate, _ field: String) -> CivilDay {
    let day = CivilDay(year: Int64(date.year), month: Int64(date.month), day: Int64(date.day))
    if !(1_900...9_999).contains(date.year) || !(1...12).contains(date.month)
      || day.date != (Int64(date.year), Int64(date.month), Int64(date.day))
    {
      add(field, "NOT_A_DAY", "give a day of the calendar, 1900 to 9999")
    }
    return day
  }
}

extension PaymentsError {
  /// What is wrong with fields, once it is known that something is.
  static func fields(_ faults: FieldFaults) -> any Error {
    do throws(RPCError) {
      try faults.check()
      return PaymentsError.notFound("resource")
    } catch {
      return error
    }
  }
}
