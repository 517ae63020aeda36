import PaymentsContracts
import Platform
import RPC
import RPCContracts
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// What happens to wallets, each within a transaction.
struct WalletBook: Sendable {
  let environment: PaymentsEnvironment

  private var ledger: LedgerStore { environment.ledger }

  // MARK: Tiers

  /// Adds the levels of 2016, if they are not there.
  func seedTiers(at now: Duration, in session: any SQLSession) throws {
    for var tier in WalletRule.of2016 {
      let house = SaraiType.Actor(kind: .service, serviceName: "payments")
      let instant = GoogleProtobuf.Timestamp(sinceEpoch: now)
      tier.stamp = SaraiType.AuditStamp(
        version: 1, createdAt: instant, createdBy: house, updatedAt: instant, updatedBy: house)
      try add(tier, in: session)
    }
  }

  /// Adds a version of a tier.
  func add(_ tier: Payments.WalletTier, in session: any SQLSession) throws {
    let day = tier.inForceFrom ?? SaraiType.CalendarDate()
    try WalletStore.tiers.insert(
      tier.id, state: 0, sort: Int64(tier.rank), tier, .text(tier.tierCode),
      .integer(
        CivilDay(year: Int64(day.year), month: Int64(day.month), day: Int64(day.day)).number),
      in: session)
  }

  /// The versions in force on a day, lowest first.
  func tiers(on day: CivilDay, in session: any SQLSession) throws -> [Payments.WalletTier] {
    let contents = try session.all(
      """
      SELECT t.content FROM wallet_tier t WHERE t.from_day = (
        SELECT max(from_day) FROM wallet_tier v WHERE v.code = t.code AND v.from_day <= $1)
      ORDER BY t.sort, t.id
      """, .integer(day.number)
    ) { (row) throws(StorageError) in try row.bytes(0) }
    return try contents.map { try Payments.WalletTier(decoding: $0, as: .native) }
  }

  /// A tier now.
  func tier(
    _ code: String, at now: Duration, in session: any SQLSession
  ) throws -> Payments.WalletTier {
    // Days begin first where it is latest: at most 14 hours before UTC.
    let day = CivilDay(number: now.wholeMicroseconds / 86_400_000_000)
    guard let tier = try tiers(on: day, in: session).first(where: { $0.tierCode == code }) else {
      throw PaymentsError.notFound("wallet tier")
    }
    return tier
  }

  // MARK: Limits

  /// Counts an amount against a wallet's limits.
  ///
  /// - Throws: `PaymentsError.limitReached`.
  func use(
    _ amount: Int64, of wallet: Payments.Wallet, isDebit: Bool, at now: Duration,
    in session: any SQLSession
  ) throws {
    let rule = WalletRule(tier: try tier(wallet.tierCode, at: now, in: session))
    let used = try uses(of: wallet, rule, at: now, in: session)
    let account = try account(of: wallet, at: now, in: session)
    if let excess = rule.excess(
      amount, isDebit: isDebit, used: used,
      balance: account.sums.creditsPosted - account.sums.debitsPosted
        + account.sums.creditsPending)
    {
      throw Self.reached(excess, wallet, rule, at: now)
    }
    try count(amount, of: wallet, rule, isDebit: isDebit, at: now, in: session)
  }

  /// Gives back what was counted for a payment that came to nothing.
  func giveBack(
    _ amount: Int64, of wallet: Payments.Wallet, isDebit: Bool, countedAt: Duration,
    in session: any SQLSession
  ) throws {
    let rule = WalletRule(tier: try tier(wallet.tierCode, at: countedAt, in: session))
    try count(-amount, of: wallet, rule, isDebit: isDebit, at: countedAt, in: session)
  }

  private func count(
    _ amount: Int64, of wallet: Payments.Wallet, _ rule: WalletRule, isDebit: Bool,
    at now: Duration, in session: any SQLSession
  ) throws {
    for kind in WalletRule.kinds(isDebit: isDebit) {
      try session.execute(
        """
        INSERT INTO wallet_use (wallet_id, kind, period, used) VALUES ($1, $2, $3, $4)
        ON CONFLICT (wallet_id, kind, period) DO UPDATE SET used = wallet_use.used + excluded.used
        """, .text(wallet.id), .integer(Int64(kind.rawValue)),
        .integer(rule.period(of: kind, at: now.wholeMicroseconds).number), .integer(amount))
    }
  }

  private func uses(
    of wallet: Payments.Wallet, _ rule: WalletRule, at now: Duration, in session: any SQLSession
  ) throws -> [Payments.LimitKind: Int64] {
    var used: [Payments.LimitKind: Int64] = [:]
    for kind in WalletRule.periodical {
      used[kind] = try session.first(
        "SELECT used FROM wallet_use WHERE wallet_id = $1 AND kind = $2 AND period = $3",
        .text(wallet.id), .integer(Int64(kind.rawValue)),
        .integer(rule.period(of: kind, at: now.wholeMicroseconds).number)
      ) { (row) throws(StorageError) in try row.integer(0) }
    }
    return used
  }

  private static func reached(
    _ excess: WalletRule.Excess, _ wallet: Payments.Wallet, _ rule: WalletRule, at now: Duration
  ) -> PaymentsError {
    let name = (Payments.LimitKind.layout.name(of: excess.kind.rawValue) ?? "")
      .dropFirst("LIMIT_KIND_".count).lowercased()
    let resetsAt = rule.resetsAt(excess.kind, at: now.wholeMicroseconds)
    return .limitReached(
      "the wallet's limit is reached: move less, wait until it begins anew, or ask for a higher"
        + " tier",
      SaraiRPC.QuotaViolation(
        subject: "wallets/\(wallet.id)", quotaKey: "wallet.\(name)", limit: excess.limit,
        used: excess.used,
        resetsIn: resetsAt.map {
          GoogleProtobuf.Duration(.microseconds($0) - now)
        }))
  }

  // MARK: Wallets

  /// A wallet's ledger account.
  func account(
    of wallet: Payments.Wallet, at now: Duration, in session: any SQLSession
  ) throws -> LedgerAccount {
    guard let id = UUID(wallet.accountId),
      let account = try ledger.account(id, at: now, in: session)
    else { throw StorageError(.unfit, "a wallet's account is missing") }
    return account
  }

  /// A wallet with what is in it and what its limits leave.
  func shown(
    _ wallet: Payments.Wallet, at now: Duration, in session: any SQLSession
  ) throws -> Payments.Wallet {
    var wallet = wallet
    let account = try account(of: wallet, at: now, in: session)
    wallet.balance = SaraiType.Money(
      minorUnits: account.available, currencyCode: account.currencyCode)
    let rule = WalletRule(tier: try tier(wallet.tierCode, at: now, in: session))
    let used = try uses(of: wallet, rule, at: now, in: session)
    wallet.limits = rule.tier.limits.map { limit in
      let isBalance = limit.kind == .balance
      return Payments.LimitUse(
        kind: limit.kind, limit: limit.amount,
        used: SaraiType.Money(
          minorUnits: isBalance ? max(0, account.available) : used[limit.kind] ?? 0,
          currencyCode: account.currencyCode),
        resetsAt: rule.resetsAt(limit.kind, at: now.wholeMicroseconds).map {
          GoogleProtobuf.Timestamp(microsecondsSinceEpoch: $0)
        })
    }
    return wallet
  }

  /// Replaces a wallet, and tells of it.
  func update(
    _ wallet: Payments.Wallet, by actor: SaraiType.Actor, at now: Duration,
    in session: any SQLSession
  ) throws -> Payments.Wallet {
    var wallet = wallet
    wallet.stamp?.version += 1
    wallet.stamp?.updatedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
    wallet.stamp?.updatedBy = actor
    try WalletStore.wallets.update(
      wallet.id, state: wallet.state.rawValue,
      sort: (wallet.stamp?.createdAt?.sinceEpoch ?? .zero).wholeMicroseconds, wallet,
      in: session)
    try tell(wallet, by: actor, at: now, in: session)
    return wallet
  }

  /// Tells others how a wallet stands.
  func tell(
    _ wallet: Payments.Wallet, by actor: SaraiType.Actor, at now: Duration,
    in session: any SQLSession
  ) throws {
    try environment.events.add(
      .walletChanged, of: wallet.id, id: environment.newID(), by: actor, at: now, in: session
    ) { $0.wallet = wallet }
  }

  // MARK: Payments

  /// Writes a payment down, new or changed, and tells of it.
  func put(
    _ payment: Payments.WalletPayment, isNew: Bool, by actor: SaraiType.Actor, at now: Duration,
    in session: any SQLSession
  ) throws {
    let sort = -(payment.createdAt?.sinceEpoch ?? .zero).wholeMicroseconds
    if isNew {
      try WalletStore.payments.insert(
        payment.id, state: payment.state.rawValue, sort: sort, payment, .text(payment.walletId),
        .text(payment.otherWalletId), in: session)
    } else {
      try WalletStore.payments.update(
        payment.id, state: payment.state.rawValue, sort: sort, payment, in: session)
    }
    try environment.events.add(
      .walletPaymentChanged, of: payment.id, id: environment.newID(), by: actor, at: now,
      in: session
    ) { $0.walletPayment = payment }
  }

  /// A top-up's end, as the provider has it: money that arrived is the wallet's; where the wallet
  /// cannot take it any more, it waits in suspense for a finance operator.
  ///
  /// - Parameters:
  ///   - id: the payment, which the provider request names as its reference.
  ///   - source: the provider's account, from which the money came; nil when none came.
  func topUpEnded(_ id: String, from source: UUID?, in session: any SQLSession) throws {
    guard var payment = try WalletStore.payments.find(id, in: session),
      payment.state == .waiting, let paymentID = UUID(id),
      let wallet = try WalletStore.wallets.find(payment.walletId, in: session)
    else { return }
    let now = environment.now
    let house = SaraiType.Actor(kind: .service, serviceName: "payments")
    let money = payment.amount ?? SaraiType.Money()
    let createdAt = payment.createdAt?.sinceEpoch ?? now
    if let source {
      let account = try account(of: wallet, at: now, in: session)
      let target =
        account.state == .open
        ? account.id
        : try environment.house.open(.suspense, money.currencyCode, at: now, in: session)
      let transfer = DerivedID.of("top-up", paymentID)
      try ledger.move(
        [
          .immediate(
            transfer, from: source, to: target, money.minorUnits, money.currencyCode,
            for: .topUp, reference: paymentID)
        ], at: now, by: house, in: session)
      payment.transferIds = [transfer.description]
    } else {
      try giveBack(
        money.minorUnits, of: wallet, isDebit: false, countedAt: createdAt, in: session)
      payment.failure = "PROVIDER_DOWN"
    }
    payment.state = source != nil ? .done : .failed
    payment.endedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
    try put(payment, isNew: false, by: house, at: now, in: session)
  }
}
