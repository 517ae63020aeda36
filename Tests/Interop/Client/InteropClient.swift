import Glibc
import InteropContracts
import RPC
import RPCTransport
import Reactor

/// Runs cases of gRPC's interoperability tests against a server.
@main
struct InteropClient {
  private static let usage = """
    usage: interop-client --port N [--host HOST] [--case NAME|all] [--protocol grpc|native]
                          [--tls --ca FILE [--server-name NAME]]

      --case          one of those below, by default all of them; can be given several times
      --lacks NAME    a case that the server cannot serve: it is counted as skipped
      --ca            PEM file of the authority that signed the server's certificate
      --server-name   the name in that certificate, if it is not the host's

    A line for each case: `passed NAME`, `failed NAME: why` or `skipped NAME: why`.
    The status is 1 if one failed.
    """

  private var host = "127.0.0.1"
  private var port = ""
  private var names: [String] = []
  private var lacking: Set<String> = []
  private var options = ClientOptions()
  private var usesTLS = false
  private var files = TLSFiles()

  static func main() async throws {
    guard let client = InteropClient(CommandLine.arguments.dropFirst()) else {
      print(usage)
      print("\ncases: \(InteropCase.all.map(\.name).joined(separator: " "))")
      exit(2)
    }
    exit(try await client.run() ? 0 : 1)
  }

  private init?(_ arguments: ArraySlice<String>) {
    options.form = .grpc
    var arguments = arguments
    while let option = arguments.popFirst() {
      if option == "--tls" {
        usesTLS = true
        continue
      }
      guard let value = arguments.popFirst() else { return nil }
      switch option {
      case "--host": host = value
      case "--port": port = value
      case "--case": if value != "all" { names.append(value) }
      case "--lacks": lacking.insert(value)
      case "--protocol": options.form = value == "native" ? .native : .grpc
      case "--ca": files.trustedAuthorities = value
      case "--server-name": options.serverName = value
      default: return nil
      }
    }
    let known = Set(InteropCase.all.map(\.name))
    guard !port.isEmpty, names.allSatisfy(known.contains) else { return nil }
  }

  /// Whether all cases passed.
  private func run() async throws -> Bool {
    var options = options
    if usesTLS { options.tls = try TLSContext(.client, files, protocolNames: ["h2"]) }
    let group = EventLoopGroup(count: 1)
    let target = try Target("\(host):\(port)")
    var havePassed = true
    for each in InteropCase.all where names.isEmpty || names.contains(each.name) {
      if lacking.contains(each.name) {
        print("skipped \(each.name): the server lacks it")
        continue
      }
      let client = RPCClient(target, on: group, options: options)
      do {
        try await each.run(client)
        print("passed \(each.name)")
      } catch {
        havePassed = false
        print("failed \(each.name): \(error)")
      }
      client.close()
      // What a later case hangs in is to be seen.
      fflush(nil)
    }
    return havePassed
  }
}
