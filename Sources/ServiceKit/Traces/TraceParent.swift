/// Where a call belongs in a trace: the header `traceparent` of W3C Trace Context, version 00.
struct TraceParent: Sendable, Hashable {
  /// The trace's 128 bits, not all zero.
  let traceHigh: UInt64
  let traceLow: UInt64
  /// The caller's span, not zero.
  let span: UInt64
  /// Whether the caller records its span.
  let isSampled: Bool

  init(traceHigh: UInt64, traceLow: UInt64, span: UInt64, isSampled: Bool) {
    self.traceHigh = traceHigh
    self.traceLow = traceLow
    self.span = span
    self.isSampled = isSampled
  }

  /// Nil for what is no traceparent: then a new trace begins.
  init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    // A later version may have more parts behind.
    guard parts.count >= 4, parts[0].utf8.count == 2, parts[0] != "ff",
      parts[0] != "00" || parts.count == 4, Self.hex(parts[0]) != nil,
      parts[1].utf8.count == 32, let high = Self.hex(parts[1].prefix(16)),
      let low = Self.hex(parts[1].suffix(16)), high | low != 0,
      parts[2].utf8.count == 16, let span = Self.hex(parts[2]), span != 0,
      parts[3].utf8.count == 2, let flags = Self.hex(parts[3])
    else { return nil }
    self.init(traceHigh: high, traceLow: low, span: span, isSampled: flags & 1 == 1)
  }

  /// As it travels.
  var text: String {
    "00-\(Self.text(traceHigh))\(Self.text(traceLow))-\(Self.text(span))-0\(isSampled ? 1 : 0)"
  }

  /// Lower-case digits only.
  private static func hex(_ text: Substring) -> UInt64? {
    var value: UInt64 = 0
    for character in text.utf8 {
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(character - 48)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(character - 87)
      default: return nil
      }
    }
    return value
  }

  private static func text(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
