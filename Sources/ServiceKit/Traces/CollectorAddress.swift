/// Where a trace collector takes spans: `http://host:port`, with a path if it is not `/v1/traces`.
struct CollectorAddress: Sendable, Hashable {
  let host: String
  let port: UInt16
  let path: String

  /// As `host` of requests says it.
  var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Nil for anything else.
  init?(_ text: String) {
    guard text.hasPrefix("http://"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return nil
    }
    let rest = text.dropFirst("http://".count)
    let authority = rest.prefix { $0 != "/" }
    let path = rest.dropFirst(authority.count)
    var host = authority
    var port: UInt16 = 4318
    if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
      guard let number = UInt16(authority[authority.index(after: colon)...]), number > 0 else {
        return nil
      }
      port = number
      host = authority[..<colon]
    }
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    self.port = port
    self.path = path.count > 1 ? String(path) : "/v1/traces"
  }
}
