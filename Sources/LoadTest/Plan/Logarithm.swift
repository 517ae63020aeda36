/// Logarithms of positive numbers.
///
/// Swift's standard library has none, and this module links no C library for one function.
enum Logarithm {
  /// To the base e: the exponent by its bits, the rest by the series of the inverse hyperbolic
  /// tangent.
  static func natural(_ value: Double) -> Double {
    let z = (value.significand - 1) / (value.significand + 1)
    let square = z * z
    var (sum, power) = (0.0, z)
    // z is at most 1/3, so the term of 35 is below 2^-53.
    for odd in stride(from: 1.0, through: 35, by: 2) {
      sum += power / odd
      power *= square
    }
    return 2 * sum + Double(value.exponent) * 0.693_147_180_559_945_3
  }

  /// To the base 10.
  static func base10(_ value: Double) -> Double { natural(value) / 2.302_585_092_994_045_7 }
}
