/// A set of ASCII characters.
struct ByteSet {
  private let low: UInt64
  private let high: UInt64

  init(_ characters: String) {
    var low: UInt64 = 0
    var high: UInt64 = 0
    for byte in characters.utf8 {
      if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
    }
    self.low = low
    self.high = high
  }

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte < 64 ? low : high
    return byte < 128 && word >> UInt64(byte & 63) & 1 == 1
  }

  func containsAll(of bytes: Span<UInt8>) -> Bool {
    for index in bytes.indices where !contains(bytes[index]) { return false }
    return true
  }

  private static let alphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

  /// `tchar` of RFC 9110 section 5.6.2.
  static let token = ByteSet(alphanumeric + "!#$%&'*+-.^_`|~")

  /// `pchar` of RFC 3986 and `/`, and the brackets, caret and bar that browsers leave as they are.
  static let path = ByteSet(alphanumeric + "-._~%!$&'()*+,;=:@/[]^|")

  /// What browsers leave as it is in a query; never a fragment.
  static let query = ByteSet(alphanumeric + "-._~%!$&'()*+,;=:@/[]^|?{}`\\")

  /// The names of hosts in use. RFC 3986 allows more, commas for one, that only an attack needs.
  static let host = ByteSet(alphanumeric + "-._~")

  static let hexadecimal = ByteSet("0123456789ABCDEFabcdef")
}

extension UInt8 {
  /// What may stand in a line: no control character but the tab.
  @inline(__always)
  var isText: Bool { self >= 0x20 && self != 0x7F || self == UInt8(ascii: "\t") }

  @inline(__always)
  var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

  /// The value of a hexadecimal digit.
  var hexadecimalValue: Int? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self - UInt8(ascii: "0"))
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self - UInt8(ascii: "A")) + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self - UInt8(ascii: "a")) + 10
    default: nil
    }
  }

  @inline(__always)
  var lowercased: UInt8 {
    self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
  }
}

extension Span<UInt8> {
  func equals(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index] != other[index] { return false }
    return true
  }

  func equalsIgnoringCase(_ other: Span<UInt8>) -> Bool {
    guard count == other.count else { return false }
    for index in indices where self[index].lowercased != other[index].lowercased { return false }
    return true
  }

  func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    for index in start..<count where self[index] == byte { return index }
    return nil
  }

  /// A number in decimal digits alone, without zeros in front, at most 18 digits.
  var decimal: Int? {
    guard count > 0, count <= 18, count == 1 || self[0] != UInt8(ascii: "0") else { return nil }
    var value = 0
    for index in indices {
      guard self[index] >= UInt8(ascii: "0"), self[index] <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(self[index] - UInt8(ascii: "0"))
    }
    return value
  }
}

extension String {
  /// Text of the bytes; what is not UTF-8 is replaced.
  init(bytes: Span<UInt8>) {
    do {
      self.init(copying: try UTF8Span(validating: bytes))
    } catch {
      self = bytes.indices.reduce(into: "") { text, index in
        text.unicodeScalars.append(bytes[index] < 0x80 ? Unicode.Scalar(bytes[index]) : "\u{FFFD}")
      }
    }
  }
}

extension Array<UInt8> {
  mutating func append(_ bytes: Span<UInt8>) {
    // Of nothing, the standard library would write a count of 0 into what all empty arrays share.
    if bytes.isEmpty { return }
    append(addingCapacity: bytes.count) { room in
      for index in bytes.indices { room.append(bytes[index]) }
    }
  }
}
