/// A universally unique identifier, RFC 9562: 128 bits.
public struct UUID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The first 64 bits.
  public let high: UInt64
  /// The last 64 bits.
  public let low: UInt64

  /// These bits.
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// All bits zero, which is nobody's.
  public static let null = UUID(high: 0, low: 0)

  /// A version 7 identifier: such made later sort behind earlier ones, to the millisecond.
  public static func version7(
    sinceEpoch: Duration, _ random: some RandomSource
  ) -> UUID {
    let milliseconds = UInt64(truncatingIfNeeded: sinceEpoch.nanoseconds / 1_000_000)
    return UUID(
      high: milliseconds << 16 | 0x7000 | random.next() & 0x0FFF,
      low: 0x8000_0000_0000_0000 | random.next() >> 2)
  }

  /// The canonical text of 36 lower-case characters; nil for any other.
  public init?(_ text: String) {
    let characters = text.utf8.span
    guard characters.count == 36 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for place in 0..<36 {
      let character = characters[place]
      if Self.isHyphen(place) {
        guard character == UInt8(ascii: "-") else { return nil }
        continue
      }
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      default: return nil
      }
      high = high << 4 | low >> 60
      low = low << 4 | UInt64(digit)
    }
    self.init(high: high, low: low)
  }

  private static func isHyphen(_ place: Int) -> Bool {
    place == 8 || place == 13 || place == 18 || place == 23
  }

  /// 16 bytes, the first first; nil for any other number of bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for place in 0..<8 {
      high = high << 8 | UInt64(bytes[place])
      low = low << 8 | UInt64(bytes[place + 8])
    }
    self.init(high: high, low: low)
  }

  /// The 16 bytes.
  public var bytes: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 16)
    for place in 0..<8 {
      bytes[place] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * place))
      bytes[place + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * place))
    }
    return bytes
  }

  /// The canonical text.
  public var description: String {
    var text = [UInt8](repeating: UInt8(ascii: "-"), count: 36)
    var (high, low) = (high, low)
    for place in 0..<36 where !Self.isHyphen(place) {
      let digit = UInt8(truncatingIfNeeded: high >> 60)
      text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
      high = high << 4 | low >> 60
      low <<= 4
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// By the bits, as the bytes and the texts sort too.
  public static func < (left: UUID, right: UUID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
