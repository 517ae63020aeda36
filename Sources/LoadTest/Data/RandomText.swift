/// Random text of the shapes that requests need.
enum RandomText {
  private static let alphabet = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

  static func letters(_ count: Int, _ random: inout SeededRandom) -> String {
    var units: [UInt8] = []
    units.reserveCapacity(count)
    for _ in 0..<count { units.append(alphabet[Int(random.next() % UInt64(alphabet.count))]) }
    return String(decoding: units, as: UTF8.self)
  }

  /// A UUID of version 4 (RFC 9562).
  static func uuid(_ random: inout SeededRandom) -> String {
    let high = random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    let digits = hexadecimal(high) + hexadecimal(low)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if [8, 12, 16, 20].contains(index) { text += "-" }
      text.append(digit)
    }
    return text
  }

  private static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Bytes as JSON carries them.
  static func base64(byteCount: Int, _ random: inout SeededRandom) -> String {
    // Four letters of the alphabet are always three whole bytes.
    letters((byteCount + 2) / 3 * 4, &random)
  }

  /// A point in time of the year 2026, as JSON writes it.
  static func timestamp(_ random: inout SeededRandom) -> String {
    func part(_ bounds: ClosedRange<Int>) -> String {
      String("\(Int.random(in: bounds, using: &random) + 100)".dropFirst())
    }
    return "2026-\(part(1...12))-\(part(1...28))T\(part(0...23)):\(part(0...59)):\(part(0...59))Z"
  }
}
