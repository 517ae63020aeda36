/// A range of network addresses, as CIDR writes it: `203.0.113.0/24`, `2001:db8::/32` (RFC 4632,
/// RFC 4291). A version 4 address stands as the version 6 address that maps it.
struct Network: Sendable, Hashable {
  private let bits: UInt128
  private let prefixLength: Int

  /// Nil for what is no range.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = Address(parts[0]), parts[1].utf8.count <= 3,
      parts[1].utf8.allSatisfy(RegisterNumber.isDigit), let length = Int(parts[1]),
      length <= (address.isVersion4 ? 32 : 128)
    else { return nil }
    prefixLength = address.isVersion4 ? length + 96 : length
    bits = address.bits
    // What stands behind the prefix must be empty: else someone meant another range.
    guard bits & ~mask == 0 else { return nil }
  }

  private var mask: UInt128 { prefixLength == 0 ? 0 : ~UInt128(0) << (128 - prefixLength) }

  /// Whether an address is in the range; what is no address is in none.
  func contains(_ text: String) -> Bool {
    Address(Substring(text)).map { $0.bits & mask == bits } ?? false
  }

  private struct Address {
    let bits: UInt128
    let isVersion4: Bool

    init?(_ text: Substring) {
      if let four = Self.version4(text) {
        bits = 0xFFFF << 32 | UInt128(four)
        isVersion4 = true
      } else if let six = Self.version6(text) {
        bits = six
        isVersion4 = false
      } else {
        return nil
      }
    }

    private static func version4(_ text: Substring) -> UInt32? {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 4 else { return nil }
      var address: UInt32 = 0
      for part in parts {
        guard part.utf8.allSatisfy(RegisterNumber.isDigit), let byte = UInt8(part),
          part == String(byte)
        else { return nil }
        address = address << 8 | UInt32(byte)
      }
      return address
    }

    private static func version6(_ text: Substring) -> UInt128? {
      let halves = text.split(separator: "::", omittingEmptySubsequences: false)
      guard text.utf8.count <= 45, (1...2).contains(halves.count),
        let high = groups(halves[0]), let low = halves.count == 2 ? groups(halves[1]) : []
      else { return nil }
      let missing = 8 - high.count - low.count
      guard halves.count == 2 ? missing >= 1 : missing == 0 else { return nil }
      return (high + [UInt16](repeating: 0, count: missing) + low)
        .reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func groups(_ text: Substring) -> [UInt16]? {
      if text.isEmpty { return [] }
      var groups: [UInt16] = []
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index == parts.count - 1, let four = version4(part) {
          groups += [UInt16(four >> 16), UInt16(truncatingIfNeeded: four)]
        } else {
          guard (1...4).contains(part.utf8.count),
            part.utf8.allSatisfy({ $0 != 0x2B && $0 != 0x2D }),
            let group = UInt16(part, radix: 16)
          else { return nil }
          groups.append(group)
        }
      }
      return groups
    }
  }
}
