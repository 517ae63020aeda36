/// Bytes as text of few letters, 5 or 6 bits each, without padding; one text for each byte string.
struct BitText: Sendable {
  private let letters: [UInt8]
  private let values: [UInt8]
  private let bitsPerLetter: Int
  private static let none: UInt8 = 0xFF

  /// - Parameter letters: 32 or 64 of them.
  init(_ letters: String) {
    self.letters = Array(letters.utf8)
    bitsPerLetter = self.letters.count == 64 ? 6 : 5
    var values = [UInt8](repeating: Self.none, count: 256)
    for (value, letter) in self.letters.enumerated() { values[Int(letter)] = UInt8(value) }
    self.values = values
  }

  func text(_ bytes: some Sequence<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.underestimatedCount * 8 / bitsPerLetter + 1)
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= bitsPerLetter {
        count -= bitsPerLetter
        text.append(letters[Int(bits >> UInt32(count)) & (letters.count - 1)])
      }
    }
    if count > 0 {
      text.append(letters[Int(bits << UInt32(bitsPerLetter - count)) & (letters.count - 1)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for another letter, a letter too many, and bits behind the last byte that are not zero.
  func bytes(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.underestimatedCount * bitsPerLetter / 8)
    var bits: UInt32 = 0
    var count = 0
    for letter in text {
      let value = values[Int(letter)]
      guard value != Self.none else { return nil }
      bits = bits << UInt32(bitsPerLetter) | UInt32(value)
      count += bitsPerLetter
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    guard count < bitsPerLetter, bits & (1 << UInt32(count) - 1) == 0 else { return nil }
    return bytes
  }
}

/// Base64 with the alphabet for URLs and without padding (RFC 4648 section 5); read strictly, so
/// that a byte string has one text.
public enum Base64URL {
  private static let letters = BitText(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

  /// The text of some bytes.
  public static func text(_ bytes: some Sequence<UInt8>) -> String { letters.text(bytes) }

  /// The bytes; nil unless it is their one text.
  public static func bytes(_ text: some StringProtocol) -> [UInt8]? { letters.bytes(text.utf8) }

  /// The bytes of a text that is given as ASCII; nil unless it is their one text.
  public static func bytes(_ text: ArraySlice<UInt8>) -> [UInt8]? { letters.bytes(text) }
}

/// Base64 with the standard alphabet (RFC 4648 section 4) and without padding, as PHC strings have
/// it; read strictly.
enum Base64Unpadded {
  private static let letters = BitText(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

  static func text(_ bytes: [UInt8]) -> String { letters.text(bytes) }

  static func bytes(_ text: some StringProtocol) -> [UInt8]? { letters.bytes(text.utf8) }
}

/// Base32 (RFC 4648 section 6) in upper case and without padding, as authenticator programs take a
/// secret; read strictly.
public enum Base32 {
  private static let letters = BitText("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

  /// The text of some bytes.
  public static func text(_ bytes: some Sequence<UInt8>) -> String { letters.text(bytes) }

  /// The bytes; nil unless it is their one text.
  public static func bytes(_ text: some StringProtocol) -> [UInt8]? { letters.bytes(text.utf8) }
}
