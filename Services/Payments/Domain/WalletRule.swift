import PaymentsContracts
import Platform
import TypeContracts

/// What a wallet's tier allows: pure, with the day and what is used as arguments.
struct WalletRule: Sendable {
  let tier: Payments.WalletTier

  /// Zones whose days are known: without summer time, so their distance from UTC never changes.
  static let zoneHours = ["UTC": 0, "Asia/Karachi": 5]

  /// Limits that count up over a period and begin anew.
  static let periodical: [Payments.LimitKind] = [
    .dailyDebit, .monthlyDebit, .yearlyDebit, .dailyCredit, .monthlyCredit, .yearlyCredit,
  ]

  /// The day in the tier's zone.
  func day(at now: Int64) -> CivilDay {
    let local = now + Int64(Self.zoneHours[tier.timeZone] ?? 0) * 3_600_000_000
    return CivilDay(number: local / 86_400_000_000)
  }

  /// The first day of the period that a limit counts in, which is the period's name.
  func period(of kind: Payments.LimitKind, at now: Int64) -> CivilDay {
    let day = day(at: now)
    let date = day.date
    switch kind {
    case .dailyDebit, .dailyCredit: return day
    case .monthlyDebit, .monthlyCredit:
      return CivilDay(year: date.year, month: date.month, day: 1)
    default: return CivilDay(year: date.year, month: 1, day: 1)
    }
  }

  /// When a limit begins anew, in microseconds since 1970; nil for those that do not.
  func resetsAt(_ kind: Payments.LimitKind, at now: Int64) -> Int64? {
    guard Self.periodical.contains(kind) else { return nil }
    let first = period(of: kind, at: now)
    let date = first.date
    let next: CivilDay =
      switch kind {
      case .dailyDebit, .dailyCredit: CivilDay(number: first.number + 1)
      case .monthlyDebit, .monthlyCredit:
        CivilDay(
          year: date.month == 12 ? date.year + 1 : date.year,
          month: date.month == 12 ? 1 : date.month + 1, day: 1)
      default: CivilDay(year: date.year + 1, month: 1, day: 1)
      }
    return next.number * 86_400_000_000 - Int64(Self.zoneHours[tier.timeZone] ?? 0)
      * 3_600_000_000
  }

  /// The limits that money out of or into a wallet counts against.
  static func kinds(isDebit: Bool) -> [Payments.LimitKind] {
    isDebit
      ? [.dailyDebit, .monthlyDebit, .yearlyDebit]
      : [.dailyCredit, .monthlyCredit, .yearlyCredit]
  }

  /// A limit that an amount would pass.
  struct Excess: Sendable, Hashable {
    let kind: Payments.LimitKind
    let limit: Int64
    let used: Int64
  }

  /// The first limit that stands against moving an amount.
  ///
  /// - Parameters:
  ///   - used: what of each periodical limit is used.
  ///   - balance: what is in the wallet.
  func excess(
    _ amount: Int64, isDebit: Bool, used: [Payments.LimitKind: Int64], balance: Int64
  ) -> Excess? {
    for limit in tier.limits {
      let most = limit.amount?.minorUnits ?? 0
      let before: Int64
      switch limit.kind {
      case .single: before = 0
      case .balance where !isDebit: before = max(0, balance)
      case let kind where Self.kinds(isDebit: isDebit).contains(kind): before = used[kind] ?? 0
      default: continue
      }
      let (sum, isOver) = before.addingReportingOverflow(amount)
      if isOver || sum > most { return Excess(kind: limit.kind, limit: most, used: before) }
    }
    return nil
  }

  /// Levels 0 and 1 as the State Bank of Pakistan set them in 2016, in paisa.
  static let of2016: [Payments.WalletTier] = [
    tier2016("pk-level-0", "Level 0", rank: 0, 25_000, 40_000, 200_000, balance: 200_000, []),
    tier2016(
      "pk-level-1", "Level 1", rank: 1, 50_000, 80_000, 800_000, balance: 400_000,
      ["phone_verified", "cnic_verified"]),
  ]

  private static func tier2016(
    _ code: String, _ name: String, rank: Int32, _ daily: Int64, _ monthly: Int64,
    _ yearly: Int64, balance: Int64, _ proofs: [String]
  ) -> Payments.WalletTier {
    let limits: [(Payments.LimitKind, Int64)] = [
      (.dailyDebit, daily), (.monthlyDebit, monthly), (.yearlyDebit, yearly),
      (.dailyCredit, daily), (.monthlyCredit, monthly), (.yearlyCredit, yearly),
      (.balance, balance),
    ]
    return Payments.WalletTier(
      id: DerivedID.of("tier of 2016", code).description, tierCode: code,
      name: SaraiType.LocalizedText(en: name), rank: rank,
      limits: limits.map { kind, rupees in
        Payments.WalletLimit(
          kind: kind,
          amount: SaraiType.Money(minorUnits: rupees * 100, currencyCode: "PKR"))
      },
      proofKeys: proofs, timeZone: "Asia/Karachi",
      inForceFrom: SaraiType.CalendarDate(year: 2016, month: 1, day: 1))
  }
}
