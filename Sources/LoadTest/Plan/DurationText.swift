extension Duration {
  /// Reads `250us`, `10ms`, `1.5s`, `2m` or `1h`; nil for anything else, or beyond a year.
  public init?(loadText text: String) {
    let digits = text.prefix { $0.isASCII && $0.isNumber || $0 == "." }
    let nanoseconds: Double? =
      switch text.dropFirst(digits.count) {
      case "ns": 1
      case "us", "µs": 1e3
      case "ms": 1e6
      case "s": 1e9
      case "m": 60e9
      case "h": 3_600e9
      default: nil
      }
    guard let nanoseconds, let number = Double(digits), number * nanoseconds <= 3.2e16 else {
      return nil
    }
    self = .nanoseconds(Int64((number * nanoseconds).rounded()))
  }
}
