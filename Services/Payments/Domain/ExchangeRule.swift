/// What an exchange costs. The side that the customer named is exact; what is rounded is rounded in
/// favour of the liquidity provider: they sell less, or get more.
struct ExchangeRule: Sendable, Hashable {
  /// Digits after the point of a rate at most.
  static let scaleMax = 12

  /// Major units of the bought currency for one major unit of the sold one, times 10^12, after the
  /// margin.
  let rate: UInt128
  /// Digits of the minor units.
  let sellExponent: Int
  let buyExponent: Int
  let feeBasisPoints: Int64

  /// What changes hands, in minor units.
  struct Amounts: Sendable, Hashable {
    var sell: Int64
    var buy: Int64
    /// In the sold currency, on top.
    var fee: Int64
    /// What leaves the account.
    var debitTotal: Int64
  }

  /// - Parameters:
  ///   - unscaled: the published rate, all digits; above zero.
  ///   - scale: how many of them lie behind the point, at most 12.
  init?(
    unscaled: Int64, scale: Int32, marginBasisPoints: Int32, feeBasisPoints: Int32,
    sellExponent: Int, buyExponent: Int
  ) {
    guard unscaled > 0, (0...Self.scaleMax).contains(Int(scale)),
      let rate = WideNumber.quotient(
        UInt128(unscaled) * WideNumber.powerOfTen(Self.scaleMax - Int(scale)),
        UInt128(10_000 - marginBasisPoints), by: 10_000)?.whole, rate > 0
    else { return nil }
    self.rate = rate
    self.feeBasisPoints = Int64(feeBasisPoints)
    self.sellExponent = sellExponent
    self.buyExponent = buyExponent
  }

  /// Minor units bought for one minor unit sold are `top / bottom`.
  private var ratio: (top: UInt128, bottom: UInt128) {
    (
      rate * WideNumber.powerOfTen(buyExponent),
      WideNumber.powerOfTen(Self.scaleMax + sellExponent)
    )
  }

  /// The amounts for what is sold, in minor units; nil if something leaves 64 bits or nothing is
  /// bought.
  func selling(_ amount: Int64) -> Amounts? {
    guard amount > 0,
      let bought = WideNumber.quotient(UInt128(amount), ratio.top, by: ratio.bottom)
    else { return nil }
    return amounts(sell: UInt128(amount), buy: bought.whole)
  }

  /// The amounts for what is bought.
  func buying(_ amount: Int64) -> Amounts? {
    guard amount > 0,
      let sold = WideNumber.quotient(UInt128(amount), ratio.bottom, by: ratio.top)
    else { return nil }
    return amounts(sell: sold.isExact ? sold.whole : sold.whole + 1, buy: UInt128(amount))
  }

  private func amounts(sell: UInt128, buy: UInt128) -> Amounts? {
    guard let sell = Int64(exactly: sell), let buy = Int64(exactly: buy), sell > 0, buy > 0,
      let part = WideNumber.quotient(UInt128(sell), UInt128(feeBasisPoints), by: 10_000),
      let fee = Int64(exactly: part.isExact ? part.whole : part.whole + 1)
    else { return nil }
    let (total, isOver) = sell.addingReportingOverflow(fee)
    return isOver ? nil : Amounts(sell: sell, buy: buy, fee: fee, debitTotal: total)
  }

  /// The rate as a decimal without needless digits; nil if it is longer than 64 bits.
  var decimal: (unscaled: Int64, scale: Int32)? {
    var (unscaled, scale) = (rate, Int32(Self.scaleMax))
    while scale > 0, unscaled % 10 == 0 {
      unscaled /= 10
      scale -= 1
    }
    return Int64(exactly: unscaled).map { ($0, scale) }
  }

  /// Whether a rate is over a tenth away from an earlier one.
  static func isJump(
    from old: (unscaled: Int64, scale: Int32), to new: (unscaled: Int64, scale: Int32)
  ) -> Bool {
    let before = Int128(old.unscaled) * Int128(WideNumber.powerOfTen(scaleMax - Int(old.scale)))
    let after = Int128(new.unscaled) * Int128(WideNumber.powerOfTen(scaleMax - Int(new.scale)))
    return (after > before ? after - before : before - after) > before / 10
  }
}
