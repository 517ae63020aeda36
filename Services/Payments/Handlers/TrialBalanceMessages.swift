import PaymentsContracts

/// A trial balance as the contract shows it.
enum TrialBalanceMessages {
  /// - Throws: `PaymentsError.refused` (AMOUNT_OVERFLOW) where a sum of many accounts is wider than
  ///   the contract's 64 bits.
  static func currencies(
    _ sums: [TrialBalanceReader.Key: TrialBalanceReader.Sums], only code: String
  ) throws(PaymentsError) -> [Payments.TrialBalance] {
    let groups = Dictionary(grouping: sums) { $0.key.currencyCode }
    var currencies: [Payments.TrialBalance] = []
    for (currency, purposes) in groups.sorted(by: { $0.key < $1.key })
    where code.isEmpty || currency == code {
      let all = purposes.map(\.value)
      var balance = Payments.TrialBalance(
        currencyCode: currency,
        debitsPosted: try narrow(all.reduce(0) { $0 + $1.debitsPosted }),
        creditsPosted: try narrow(all.reduce(0) { $0 + $1.creditsPosted }),
        debitsPending: try narrow(all.reduce(0) { $0 + $1.debitsPending }),
        creditsPending: try narrow(all.reduce(0) { $0 + $1.creditsPending }))
      balance.accountCount = all.reduce(0) { $0 + $1.accountCount }
      balance.transferCount = all.reduce(0) { $0 + $1.debitCount }
      for (key, part) in purposes.sorted(by: { $0.key.purpose.rawValue < $1.key.purpose.rawValue })
      {
        balance.lines.append(
          Payments.TrialBalanceLine(
            purpose: key.purpose, debitsPosted: try narrow(part.debitsPosted),
            creditsPosted: try narrow(part.creditsPosted),
            net: try narrow(part.creditsPosted - part.debitsPosted),
            accountCount: part.accountCount))
      }
      currencies.append(balance)
    }
    return currencies
  }

  private static func narrow(_ sum: Int128) throws(PaymentsError) -> Int64 {
    guard let sum = Int64(exactly: sum) else {
      throw .refused(
        .amountOverflow,
        "a sum over all accounts of a currency is wider than 64 bits: read the accounts singly")
    }
    return sum
  }
}
