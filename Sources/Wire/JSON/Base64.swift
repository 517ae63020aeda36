/// Base64 (RFC 4648): written with the standard alphabet and padding, read with either alphabet,
/// padded or not.
public enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Writes `bytes` at the end of `text`.
  public static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
    var index = 0
    while index + 2 < bytes.count {
      let group =
        UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
        | UInt32(bytes[index + 2])
      for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
      index += 3
    }
    switch bytes.count - index {
    case 1:
      let group = UInt32(bytes[index]) << 16
      text.append(alphabet[Int(group >> 18)])
      text.append(alphabet[Int(group >> 12 & 63)])
      text.append(contentsOf: "==".utf8)
    case 2:
      let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8
      text.append(alphabet[Int(group >> 18)])
      text.append(alphabet[Int(group >> 12 & 63)])
      text.append(alphabet[Int(group >> 6 & 63)])
      text.append(UInt8(ascii: "="))
    default: break
    }
  }

  /// The bytes; nil when the text is not Base64.
  public static func decode(_ text: String) -> [UInt8]? {
    var units = Array(text.utf8)
    let padded = units.count
    while units.last == UInt8(ascii: "="), padded - units.count < 2 { units.removeLast() }
    let padding = padded - units.count
    guard units.count % 4 != 1, padding == 0 || padded % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(units.count / 4 * 3 + 2)
    var group: UInt32 = 0
    for (index, unit) in units.enumerated() {
      guard let value = value(unit) else { return nil }
      group = group << 6 | value
      if index % 4 == 3 {
        bytes.append(UInt8(truncatingIfNeeded: group >> 16))
        bytes.append(UInt8(truncatingIfNeeded: group >> 8))
        bytes.append(UInt8(truncatingIfNeeded: group))
      }
    }
    switch units.count % 4 {
    case 2: bytes.append(UInt8(truncatingIfNeeded: group >> 4))
    case 3:
      bytes.append(UInt8(truncatingIfNeeded: group >> 10))
      bytes.append(UInt8(truncatingIfNeeded: group >> 2))
    default: break
    }
    return bytes
  }

  private static func value(_ unit: UInt8) -> UInt32? {
    switch unit {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(unit - UInt8(ascii: "A"))
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(unit - UInt8(ascii: "a")) + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(unit - UInt8(ascii: "0")) + 52
    case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
    case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
    default: nil
    }
  }
}
