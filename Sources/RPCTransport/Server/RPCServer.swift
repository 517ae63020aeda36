public import Platform
public import RPC
public import Reactor

/// Serves the methods of a router over gRPC, native and JSON, over HTTP/2 and HTTP/1.1, on any
/// number of addresses.
public final class RPCServer: Sendable {
  private let core: ServerCore
  private let group: EventLoopGroup
  private let registries: [ObjectIdentifier: ConnectionRegistry]
  private let listening = Lock<[ListeningSocket]>([])

  /// - Parameters:
  ///   - observe: is told of what happens to connections, on their loops; it must not block.
  public init(
    _ router: Router, on group: EventLoopGroup, limits: ServerLimits = ServerLimits(),
    time: any TimeSource = SystemTime(),
    observe: @escaping @Sendable (ServerEvent) -> Void = { _ in }
  ) {
    core = ServerCore(router, limits, time, observe)
    self.group = group
    registries = Dictionary(
      uniqueKeysWithValues: group.loops.map { (ObjectIdentifier($0), ConnectionRegistry($0)) })
  }

  /// Serves an address from now on.
  ///
  /// - Returns: the address, with the port that the system chose if it was 0.
  /// - Throws: `SocketError` when the address cannot be had.
  @discardableResult
  public func listen(
    on address: SocketAddress, tls: TLSContext? = nil
  ) async throws(SocketError) -> SocketAddress {
    let socket = try await group.listen(
      on: address, tls: tls, connectionsMax: core.limits.connectionsMax
    ) { [core, registries] loop in
      guard let registry = registries[ObjectIdentifier(loop)] else {
        preconditionFailure("a loop of another group")
      }
      return ServerConnection(core, registry)
    }
    listening.withLock { $0.append(socket) }
    return socket.address
  }

  /// Stops gracefully: takes no further connection nor call, lets the calls in flight end, and
  /// returns when they have, or when the limit for that is over and the rest was cut off.
  public func drain() async {
    let sockets = listening.withLock { sockets in
      defer { sockets = [] }
      return sockets
    }
    for socket in sockets { await socket.stop() }
    await withTaskGroup(of: Void.self) { tasks in
      for loop in group.loops {
        guard let registry = registries[ObjectIdentifier(loop)] else { continue }
        let limit = core.limits.drainMax
        tasks.addTask {
          await withCheckedContinuation { continuation in
            loop.execute {
              let cutOff = loop.schedule(after: limit) { registry.closeAll() }
              registry.drain {
                loop.execute { loop.cancel(cutOff) }
                continuation.resume()
              }
            }
          }
        }
      }
    }
  }
}
