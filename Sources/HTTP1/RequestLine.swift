/// The first line of a request (RFC 9112 section 3).
struct RequestLine {
  let method: String
  let target: RequestTarget
  let version: HTTP1Version

  init(_ line: Span<UInt8>, methodBytesMax: Int) throws(HTTP1Error) {
    let space = UInt8(ascii: " ")
    guard let methodEnd = line.firstIndex(of: space), methodEnd > 0,
      let targetEnd = line.firstIndex(of: space, from: methodEnd + 1),
      ByteSet.token.containsAll(of: line.extracting(..<methodEnd))
    else { throw .malformedRequestLine }
    version = try Self.version(line.extracting((targetEnd + 1)...))
    if methodEnd > methodBytesMax { throw .unknownMethod }
    method = String(bytes: line.extracting(..<methodEnd))
    // Tunnels are not for this server.
    if method == "CONNECT" { throw .unknownMethod }
    target = try RequestTarget(
      line.extracting(methodEnd + 1..<targetEnd), isOptions: method == "OPTIONS")
  }

  private static func version(_ bytes: Span<UInt8>) throws(HTTP1Error) -> HTTP1Version {
    if bytes.equals("HTTP/1.1".utf8Span.span) { return .http11 }
    if bytes.equals("HTTP/1.0".utf8Span.span) { return .http10 }
    let isDigit = { (byte: UInt8) in byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
    guard bytes.count == 8, bytes.extracting(..<5).equals("HTTP/".utf8Span.span),
      isDigit(bytes[5]), bytes[6] == UInt8(ascii: "."), isDigit(bytes[7])
    else { throw .malformedRequestLine }
    throw .unsupportedVersion
  }
}
