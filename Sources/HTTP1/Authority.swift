/// The host and the port of RFC 3986, as `host` and absolute targets have it.
enum Authority {
  static func isValid(_ bytes: Span<UInt8>) -> Bool {
    let hostEnd: Int
    if bytes.count > 0, bytes[0] == UInt8(ascii: "[") {
      guard let close = bytes.firstIndex(of: UInt8(ascii: "]")),
        isIPv6(bytes.extracting(1..<close))
      else { return false }
      hostEnd = close + 1
    } else {
      hostEnd = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
      // 255 bytes is the longest name of the DNS.
      guard hostEnd > 0, hostEnd <= 255, ByteSet.host.containsAll(of: bytes.extracting(..<hostEnd))
      else { return false }
    }
    guard hostEnd < bytes.count else { return true }
    guard bytes[hostEnd] == UInt8(ascii: ":"),
      let port = bytes.extracting((hostEnd + 1)...).decimal
    else { return false }
    return port <= 65_535
  }

  /// By its characters: what it means is for those who use it.
  private static func isIPv6(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= 2, bytes.count <= 45 else { return false }
    var colons = 0
    for index in bytes.indices {
      if bytes[index] == UInt8(ascii: ":") {
        colons += 1
      } else if !ByteSet.hexadecimal.contains(bytes[index]), bytes[index] != UInt8(ascii: ".") {
        return false
      }
    }
    return colons >= 2 && colons <= 8
  }
}
