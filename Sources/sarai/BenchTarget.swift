import LoadTest
import Reactor
import Terminal

/// Where the load goes, by the words of the command line.
struct BenchTarget: Sendable {
  let address: SocketAddress
  /// What `:authority` says.
  let authority: String
  private let tls: TLSContext?
  private let serverName: String?

  var isTLS: Bool { tls != nil }

  var loadTarget: LoadTarget { LoadTarget(address: address, tls: tls, serverName: serverName) }

  init(_ text: String, _ arguments: Arguments) throws(CommandFailure) {
    let host: String
    if text.hasPrefix("unix:") {
      guard let address = SocketAddress(path: String(text.dropFirst(5))) else {
        throw .usage("`\(text)`: a socket's path has 1 to 107 bytes")
      }
      (self.address, host, authority) = (address, "localhost", "localhost")
    } else {
      guard let colon = text.lastIndex(of: ":"),
        let port = UInt16(text[text.index(after: colon)...]),
        port > 0
      else { throw .usage("`\(text)` is no target; write HOST:PORT or unix:PATH") }
      var name = String(text[..<colon])
      if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
      guard let address = SocketAddress(name == "localhost" ? "127.0.0.1" : name, port: port) else {
        throw .usage("`\(name)` is no address; write it in numbers, such as 127.0.0.1 or [::1]")
      }
      (self.address, host, authority) = (address, name, text)
    }
    let options = try TLSOptions(arguments)
    tls = options.context
    serverName = tls == nil ? nil : options.serverName ?? host
  }
}
