/// Numbers as people read them: three significant digits, with the unit that suits.
public enum Quantity {
  /// A latency of nanoseconds, such as `845µs` or `1.27s`.
  public static func latency(_ nanoseconds: Int64) -> String {
    let value = Double(nanoseconds)
    switch value {
    case ..<999.5: return "\(nanoseconds)ns"
    case ..<999_500: return significant(value / 1e3) + "µs"
    case ..<999_500_000: return significant(value / 1e6) + "ms"
    default: return significant(value / 1e9) + "s"
    }
  }

  /// A count or a rate, such as `948`, `12,400` or `3.1`.
  public static func number(_ value: Double) -> String {
    guard value.magnitude < 9e18 else { return "–" }
    return value.magnitude < 999.5 ? significant(value) : grouped(Int64(value.rounded()))
  }

  /// A whole number, thousands apart.
  public static func grouped(_ value: Int64) -> String {
    var digits = Array("\(value.magnitude)".reversed())
    var place = 3
    while place < digits.count {
      digits.insert(",", at: place)
      place += 4
    }
    return (value < 0 ? "-" : "") + String(digits.reversed())
  }

  /// A number of bytes, such as `1.5 MiB`.
  public static func bytes(_ count: Double) -> String {
    var value = count
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 999.5 { return "\(significant(value)) \(unit)" }
      value /= 1_024
    }
    return "\(significant(value)) TiB"
  }

  /// A part of one in percent.
  public static func percent(_ share: Double) -> String { significant(share * 100) + " %" }

  /// Three significant digits, never with an exponent; zeros at the end left out.
  static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    guard value != 0 else { return "0" }
    let decimals =
      value.magnitude >= 99.95
      ? 0 : value.magnitude >= 9.995 ? 1 : value.magnitude >= 0.9995 ? 2 : 3
    return fixed(value, decimals: decimals)
  }

  /// A number with at most so many digits behind the point, zeros at the end left out.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "–" }
    let scale = [1.0, 10, 100, 1_000][min(decimals, 3)]
    let scaled = Int64((value.magnitude * scale).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let whole = "\(scaled / Int64(scale))"
    var rest = String("\(scaled % Int64(scale) + Int64(scale))".dropFirst())
    while rest.hasSuffix("0") { rest.removeLast() }
    return sign + (rest.isEmpty ? whole : "\(whole).\(rest)")
  }
}
