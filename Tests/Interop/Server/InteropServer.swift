import Dispatch
import Glibc
import InteropContracts
import RPC
import RPCServices
import RPCTransport
import Reactor

/// Serves gRPC's interoperability tests over all protocols, with health and reflection.
@main
struct InteropServer {
  private static let usage = """
    usage: interop-server [--port N | --unix PATH] [--loops N] [--time-scale F] [--tls --certificate FILE --key FILE
             [--client-authority FILE]]

      --port N            the port on 127.0.0.1; without it, one that is free
      --unix PATH         a socket at this path instead of a port
      --loops N           event loops, by default 1
      --time-scale F      multiplies all limits of time, for tests of them
      --tls               with the certificate chain and key of these PEM files; clients must show a
                          certificate of the authority, if one is named
    """

  private var port: UInt16 = 0
  private var path: String?
  private var loops = 1
  private var limits = ServerLimits()
  private var usesTLS = false
  private var files = TLSFiles()

  static func main() async throws {
    ProcessMemory.giveBackLargeBlocks()
    guard let server = InteropServer(CommandLine.arguments.dropFirst()) else {
      print(usage)
      exit(2)
    }
    try await server.serve()
  }

  private init?(_ arguments: ArraySlice<String>) {
    var arguments = arguments
    while let option = arguments.popFirst() {
      if option == "--tls" {
        usesTLS = true
        continue
      }
      guard let value = arguments.popFirst() else { return nil }
      switch option {
      case "--port":
        guard let number = UInt16(value) else { return nil }
        port = number
      case "--unix": path = value
      case "--loops":
        guard let number = Int(value), (1...64).contains(number) else { return nil }
        loops = number
      case "--time-scale":
        guard let factor = Double(value), factor > 0 else { return nil }
        limits = limits.timesScaled(by: factor)
      case "--certificate": files.certificateChain = value
      case "--key": files.privateKey = value
      case "--client-authority": files.trustedAuthorities = value
      default: return nil
      }
    }
    if usesTLS, files.certificateChain == nil || files.privateKey == nil { return nil }
  }

  private func serve() async throws {
    let health = HealthService([GRPCTesting.TestServiceMethods.service])
    var router = Router(TestServer(), health)
    try router.addReflection(InteropDescriptors.fileDescriptorSet)
    let server = RPCServer(router, on: EventLoopGroup(count: loops), limits: limits) { event in
      switch event {
      case .ended, .callsReset, .answerReplaced: Self.log("\(event)")
      case .opened, .closed: break
      }
    }
    let address = path.map { SocketAddress(path: $0) } ?? SocketAddress("127.0.0.1", port: port)
    guard let address else {
      print("a socket's path has 1 to 107 bytes")
      exit(2)
    }
    let tls = usesTLS ? try TLSContext(.server, files) : nil
    print("listening on \(try await server.listen(on: address, tls: tls))")
    // Whoever started this waits for that line.
    fflush(nil)
    await Self.terminationRequested()
    health.stop()
    await server.drain()
  }

  /// Returns when the process is told to end.
  private static func terminationRequested() async {
    let (requests, continuation) = AsyncStream.makeStream(of: Void.self)
    // Else the signal ends the process at once.
    signal(SIGTERM, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
    source.setEventHandler { continuation.yield() }
    source.resume()
    for await _ in requests { break }
    source.cancel()
  }

  private static func log(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
  }
}
