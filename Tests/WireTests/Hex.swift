/// Bytes as the specification writes them: `03 50 4B`; `FF*9` stands for nine of them.
struct Hex: ExpressibleByStringLiteral, CustomStringConvertible, Sendable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  init(stringLiteral text: String) { self.init(text) }

  init(_ text: String) {
    bytes = text.split(separator: " ").flatMap { group in
      let parts = group.split(separator: "*")
      guard let byte = UInt8(parts[0], radix: 16) else {
        preconditionFailure("\(group) is not hexadecimal")
      }
      return [UInt8](repeating: byte, count: parts.count > 1 ? Int(parts[1]) ?? 0 : 1)
    }
  }

  /// The bytes so many times over.
  func repeated(_ count: Int) -> [UInt8] {
    var all: [UInt8] = []
    for _ in 0..<count { all += bytes }
    return all
  }

  var description: String {
    let digits = bytes.prefix(24).map {
      ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true)
    }
    return digits.joined(separator: " ") + (bytes.count > 24 ? " … (\(bytes.count) bytes)" : "")
  }
}

/// A chain of trees, each to the left of the one before; the outermost counts as 1.
enum Chain {
  /// In native, the innermost without any field.
  static func native(depth: Int) -> [UInt8] {
    (1..<depth).reduce([0x00]) { inner, _ in [0x20] + varint(inner.count) + inner }
  }

  /// In protobuf.
  static func protobuf(depth: Int) -> [UInt8] {
    (1..<depth).reduce([]) { inner, _ in [0x32] + varint(inner.count) + inner }
  }

  static func varint(_ value: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(rest & 0x7F | 0x80))
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
