import Reactor
import Terminal

/// The options of a command that say how it speaks TLS.
struct TLSOptions: Sendable {
  static let valued: Set<String> = ["--ca", "--cert", "--key", "--server-name"]

  /// Nil for no TLS.
  let context: TLSContext?
  /// The name that was given for the server's certificate.
  let serverName: String?

  init(_ arguments: Arguments) throws(CommandFailure) {
    let ca = try arguments.optional("--ca")
    let certificate = try arguments.optional("--cert")
    let key = try arguments.optional("--key")
    guard (certificate == nil) == (key == nil) else {
      throw .usage("`--cert` and `--key` go together")
    }
    serverName = try arguments.optional("--server-name")
    guard arguments.has("--tls") || ca != nil || certificate != nil else {
      if serverName != nil { throw .usage("`--server-name` goes with `--tls`") }
      context = nil
      return
    }
    do throws(TLSError) {
      context = try TLSContext(
        .client,
        TLSFiles(certificateChain: certificate, privateKey: key, trustedAuthorities: ca),
        protocolNames: ["h2"])
    } catch {
      throw .usage("\(error)")
    }
  }
}
