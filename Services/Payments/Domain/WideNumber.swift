/// Whole numbers multiplied and divided without leaving their width, and without floating point.
enum WideNumber {
  /// `left * right / divisor`, and whether something was left over; nil if it does not fit.
  static func quotient(
    _ left: UInt128, _ right: UInt128, by divisor: UInt128
  ) -> (whole: UInt128, isExact: Bool)? {
    guard divisor > 0 else { return nil }
    let product = left.multipliedFullWidth(by: right)
    guard product.high < divisor else { return nil }
    let (whole, rest) = divisor.dividingFullWidth(product)
    return (whole, rest == 0)
  }

  /// Ten to the power of `exponent`, at most 38.
  static func powerOfTen(_ exponent: Int) -> UInt128 {
    (0..<min(exponent, 38)).reduce(1) { power, _ in power * 10 }
  }
}
