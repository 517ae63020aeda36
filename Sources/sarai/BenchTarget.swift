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

  init(_ text: String, _ arguments: Arguments) async throws(CommandFailure) {
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
      (address, host, authority) = (try await Self.address(of: name, port), name, text)
    }
    let options = try TLSOptions(arguments)
    tls = options.context
    serverName = tls == nil ? nil : options.serverName ?? host
  }
  /// Of a name, the first address that the system gives: a run loads one server.
  private static func address(
    of name: String, _ port: UInt16
  ) async throws(CommandFailure) -> SocketAddress {
    if let address = SocketAddress(name == "localhost" ? "127.0.0.1" : name, port: port) {
      return address
    }
    let found: [SocketAddress]
    do throws(NameError) {
      found = try await NameResolver.addresses(of: name, port: port)
    } catch {
      throw .usage("\(error); write HOST:PORT or unix:PATH")
    }
    guard let first = found.first else { throw .usage("the host \(name) has no address") }
    return first
  }
}
