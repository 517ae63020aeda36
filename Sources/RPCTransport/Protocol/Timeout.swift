/// Time limits as headers say them.
enum Timeout {
  /// `grpc-timeout`: up to 8 digits and a unit of H, M, S, m, u or n; nil if it is anything else.
  static func grpc(_ text: Span<UInt8>) -> Duration? {
    guard text.count >= 2, text.count <= 9,
      let value = digits(text.extracting(..<(text.count - 1)))
    else { return nil }
    switch text[text.count - 1] {
    case UInt8(ascii: "H"): return .seconds(value * 3600)
    case UInt8(ascii: "M"): return .seconds(value * 60)
    case UInt8(ascii: "S"): return .seconds(value)
    case UInt8(ascii: "m"): return .milliseconds(value)
    case UInt8(ascii: "u"): return .microseconds(value)
    case UInt8(ascii: "n"): return .nanoseconds(value)
    default: return nil
    }
  }

  /// `sarai-timeout`: 1 to 14 digits, at least 1, in microseconds; nil if it is anything else.
  static func sarai(_ text: Span<UInt8>) -> Duration? {
    guard text.count <= 14, let value = digits(text), value > 0 else { return nil }
    return .microseconds(value)
  }

  /// A `grpc-timeout`, rounded up to what its digits can say, so that no peer gives up early.
  static func grpcText(_ timeout: Duration) -> String {
    let microseconds = max(1, (timeout.nanosecondsRounded + 999) / 1000)
    if microseconds < 100_000_000 { return "\(microseconds)u" }
    let milliseconds = (microseconds + 999) / 1000
    if milliseconds < 100_000_000 { return "\(milliseconds)m" }
    return "\(min(99_999_999, (milliseconds + 999) / 1000))S"
  }

  /// A `sarai-timeout`.
  static func saraiText(_ timeout: Duration) -> String {
    "\(min(99_999_999_999_999, max(1, (timeout.nanosecondsRounded + 999) / 1000)))"
  }

  private static func digits(_ text: Span<UInt8>) -> Int64? {
    if text.isEmpty { return nil }
    var value: Int64 = 0
    for index in text.indices {
      guard case UInt8(ascii: "0")...UInt8(ascii: "9") = text[index] else { return nil }
      value = value * 10 + Int64(text[index] - UInt8(ascii: "0"))
    }
    return value
  }
}

extension Duration {
  fileprivate var nanosecondsRounded: Int64 {
    let (seconds, attoseconds) = components
    // A call that may take longer than three years may take three years.
    return min(seconds, 100_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
