public import Reactor

/// Where calls go.
public struct LoadTarget: Sendable {
  /// The address.
  public var address: SocketAddress
  /// How TLS is set up; nil for cleartext HTTP/2.
  public var tls: TLSContext?
  /// The name that the server's certificate must have.
  public var serverName: String?

  /// A target.
  public init(address: SocketAddress, tls: TLSContext? = nil, serverName: String? = nil) {
    self.address = address
    self.tls = tls
    self.serverName = serverName
  }
}
