/// How settings write times and columns.
extension Duration {
  private static let units: [(name: String, length: Duration)] = [
    ("h", .seconds(3_600)), ("m", .seconds(60)), ("s", .seconds(1)), ("ms", .milliseconds(1)),
  ]

  /// `500ms`, `10s`, `5m`, `12h`: a whole number and its unit.
  init?(short text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), number <= 1_000_000_000,
      let unit = Self.units.first(where: { $0.name == text[digits.endIndex...] })
    else { return nil }
    self = unit.length * number
  }

  /// In the largest unit that leaves no rest.
  var short: String {
    for unit in Self.units {
      let count = Int64((self / unit.length).rounded())
      if unit.length * count == self, count != 0 || unit.name == "ms" {
        return "\(count)\(unit.name)"
      }
    }
    return "\(self)"
  }
}

extension String {
  /// With spaces behind it.
  func padded(to width: Int) -> String {
    count < width ? self + String(repeating: " ", count: width - count) : self
  }
}

extension Substring {
  /// Without white space around it.
  var trimmed: Substring {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return self[first...last]
  }
}
