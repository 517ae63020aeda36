import Reactor

/// Where a client finds a service: `host:port`, `dns:host:port`, `static:address,address`,
/// `unix:/path`.
public struct Target: Sendable, Hashable, CustomStringConvertible {
  enum Kind: Hashable {
    /// These addresses.
    case fixed([SocketAddress])
    /// What the name stands for, asked anew for every connection.
    case name(String, port: UInt16)
  }

  let kind: Kind
  /// The target as it was written.
  public let description: String
  /// What the `:authority` of calls says.
  public let authority: String
  /// The name that a certificate must bear; nil for paths.
  public let serverName: String?

  /// - Throws: `TargetError`, which says what is wrong with the text.
  public init(_ text: String) throws(TargetError) {
    description = text
    if text.hasPrefix("unix:") {
      guard let address = SocketAddress(path: String(text.dropFirst(5))) else {
        throw TargetError("`\(text)`: a path has 1 to 107 bytes")
      }
      kind = .fixed([address])
      authority = "localhost"
      serverName = nil
      return
    }
    if text.hasPrefix("static:") {
      var addresses: [SocketAddress] = []
      var names: [String] = []
      for part in text.dropFirst(7).split(separator: ",") {
        let (host, port) = try Self.split(String(part))
        guard let address = SocketAddress(host, port: port) else {
          throw TargetError("`\(part)` is not an address: use numbers, or dns: for names")
        }
        addresses.append(address)
        names.append(host)
      }
      guard let first = addresses.first else { throw TargetError("`\(text)` holds no address") }
      kind = .fixed(addresses)
      authority = first.description
      serverName = names.first
      return
    }
    let plain = text.hasPrefix("dns:") ? String(text.dropFirst(4)) : text
    let (host, port) = try Self.split(plain)
    if let address = SocketAddress(host, port: port) {
      kind = .fixed([address])
    } else {
      kind = .name(host, port: port)
    }
    authority = plain
    serverName = host
  }

  private static func split(_ text: String) throws(TargetError) -> (host: String, port: UInt16) {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else { throw TargetError("`\(text)` names no port: write host:port") }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard !host.isEmpty else { throw TargetError("`\(text)` names no host: write host:port") }
    return (host, port)
  }
}

/// Why a text is no target.
public struct TargetError: Error, CustomStringConvertible {
  /// What is wrong and what to write.
  public let description: String

  init(_ description: String) { self.description = description }
}
