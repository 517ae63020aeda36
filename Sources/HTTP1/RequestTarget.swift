/// What a request is for (RFC 9112 section 3.2).
struct RequestTarget {
  /// A path with an optional query, or `*`.
  let text: String
  /// The authority of an absolute target, which must agree with the host field: proxies in front
  /// may have gone by either.
  let authority: String?

  init(_ bytes: Span<UInt8>, isOptions: Bool) throws(HTTP1Error) {
    guard bytes.count > 0 else { throw .malformedRequestLine }
    if bytes[0] == UInt8(ascii: "/") {
      try Self.check(bytes)
      text = String(bytes: bytes)
      authority = nil
    } else if isOptions, bytes.count == 1, bytes[0] == UInt8(ascii: "*") {
      text = "*"
      authority = nil
    } else {
      guard let start = Self.authorityStart(bytes) else { throw .invalidTarget }
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") {
        end += 1
      }
      guard Authority.isValid(bytes.extracting(start..<end)) else { throw .invalidTarget }
      authority = String(bytes: bytes.extracting(start..<end))
      let rest = bytes.extracting(end...)
      try Self.check(rest)
      let isPath = rest.count > 0 && rest[0] == UInt8(ascii: "/")
      // Section 3.2.4: an absolute target without a path means the server itself.
      text =
        rest.count == 0 && isOptions
        ? "*" : isPath ? String(bytes: rest) : "/" + String(bytes: rest)
    }
  }

  /// Where the authority begins after `http://` or `https://`.
  private static func authorityStart(_ bytes: Span<UInt8>) -> Int? {
    for scheme in ["http://", "https://"]
    where bytes.count > scheme.utf8.count
      && bytes.extracting(..<scheme.utf8.count).equalsIgnoringCase(scheme.utf8Span.span)
    {
      return scheme.utf8.count
    }
    return nil
  }

  /// The characters of a path and a query, percent signs before two digits only.
  private static func check(_ bytes: Span<UInt8>) throws(HTTP1Error) {
    var allowed = ByteSet.path
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "?") { allowed = ByteSet.query }
      guard allowed.contains(byte) else { throw .invalidTarget }
      if byte == UInt8(ascii: "%") {
        guard index + 2 < bytes.count, ByteSet.hexadecimal.contains(bytes[index + 1]),
          ByteSet.hexadecimal.contains(bytes[index + 2])
        else { throw .invalidTarget }
      }
      index += 1
    }
  }
}
