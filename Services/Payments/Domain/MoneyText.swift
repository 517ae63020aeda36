/// Amounts as people write them, by the exponent of their currency.
enum MoneyText {
  /// `-10.50` for -1050 of two digits, `1050` for none.
  static func decimal(_ minorUnits: Int64, exponent: Int) -> String {
    let digits = "\(minorUnits.magnitude)"
    let sign = minorUnits < 0 ? "-" : ""
    if exponent == 0 { return sign + digits }
    let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(exponent)).\(padded.suffix(exponent))"
  }
}
