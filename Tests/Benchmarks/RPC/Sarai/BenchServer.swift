import Glibc
import RPC
import RPCTransport
import Reactor

/// Echoes what it is sent, through the whole stack.
struct Echo: SaraiBenchV1.EchoService {
  func echo(
    _ request: SaraiBenchV1.EchoMessage, _ context: CallContext
  ) async throws -> SaraiBenchV1.EchoMessage {
    request
  }

  func stream(
    _ request: SaraiBenchV1.StreamRequest, _ responses: ResponseWriter<SaraiBenchV1.EchoMessage>,
    _ context: CallContext
  ) async throws {
    let message = SaraiBenchV1.EchoMessage(payload: request.payload)
    for _ in 0..<max(0, request.count) { try await responses.send(message) }
  }
}

/// The server that the RPC benchmark measures: `rpc-bench-server --port N [--loops L]`.
@main
struct BenchServer {
  static func main() async throws {
    var port: UInt16 = 0
    var loops = 1
    var arguments = CommandLine.arguments.dropFirst()
    while let option = arguments.popFirst() {
      switch (option, arguments.popFirst()) {
      case ("--port", let value?): port = UInt16(value) ?? 0
      case ("--loops", let value?): loops = Int(value) ?? 1
      default:
        print("usage: rpc-bench-server [--port N] [--loops N]")
        exit(2)
      }
    }
    guard let address = SocketAddress("127.0.0.1", port: port) else { exit(2) }
    let group = EventLoopGroup(count: loops)
    let server = RPCServer(Router(Echo()), on: group)
    let bound = try await server.listen(on: address)
    print("listening on \(bound)")
    // Whoever started this waits for that line.
    fflush(nil)
    while true { try await Task.sleep(for: .seconds(3600)) }
  }
}
