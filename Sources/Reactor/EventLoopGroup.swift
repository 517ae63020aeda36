import CLinux
import Glibc
public import Platform
import Synchronization

/// Some loops, each on a thread of its own.
public final class EventLoopGroup: Sendable {
  /// The loops.
  public let loops: [EventLoop]
  private let turn = Atomic<Int>(0)

  /// Starts `count` loops.
  public init(count: Int, time: any TimeSource = SystemTime()) {
    precondition(count > 0, "without a loop nothing runs")
    // A write to a connection that the peer has closed is an error of that write, no signal.
    signal(SIGPIPE, SIG_IGN)
    sarai_raise_descriptor_limit()
    loops = (0..<count).map { _ in EventLoop(time: time) }
    for loop in loops { Thread.start { loop.run() } }
  }

  /// The loops in turn.
  public func next() -> EventLoop {
    loops[turn.add(1, ordering: .relaxed).oldValue % loops.count]
  }

  /// Ends the loops, once they have done what they were given; their sockets are closed.
  public func stop() {
    for loop in loops { loop.stop() }
  }

  /// Listens on an address, on all loops; `handler` is asked for each connection's handler, on the
  /// loop that the connection will live on.
  ///
  /// - Throws: `SocketError` when the address is taken or is not one of this machine's.
  public func listen(
    on address: SocketAddress, tls: TLSContext? = nil, connectionsMax: Int = 10_000,
    handler: @escaping @Sendable (EventLoop) -> any ConnectionHandler
  ) async throws(SocketError) -> ListeningSocket {
    try Listener.requireFree(address)
    var address = address
    let quota = ConnectionQuota(max: connectionsMax)
    var parts: [ListeningSocket.Part] = []
    // Loops share a TCP port; a path has one listener only.
    for loop in address.port == nil ? Array(loops.prefix(1)) : loops {
      let bound = address
      let part = await loop.run { () -> Result<ListeningSocket.Part, SocketError> in
        do throws(SocketError) {
          let listener = try Listener(loop, on: bound) { descriptor in
            let socket = Socket(descriptor)
            // Over the limit, the peer learns at once that there is no place.
            guard quota.take() else { return }
            let peer = SocketAddress.peer(of: socket.descriptor)
            if bound.port != nil { socket.disableNagle() }
            let handler = Counted(handler(loop), quota)
            Connection(
              socket, on: loop, tls: tls?.session(.server), peer: peer, isConnecting: false,
              handler: handler
            ).start()
          }
          listener.start()
          return .success(ListeningSocket.Part(loop: loop, listener: listener))
        } catch {
          return .failure(error)
        }
      }
      do throws(SocketError) {
        parts.append(try part.get())
      } catch {
        // Nobody is told of an address that only some of the loops listen on.
        for part in parts { await part.loop.run { part.listener.stop() } }
        throw error
      }
      // The first loop has chosen the port when it was left open.
      if let chosen = parts[0].listener.address, chosen.port != nil { address = chosen }
    }
    return ListeningSocket(address: address, parts: parts)
  }
}

/// An address that is listened on.
public final class ListeningSocket: Sendable {
  /// Sendable, because the listener is only used on its loop.
  struct Part: @unchecked Sendable {
    let loop: EventLoop
    let listener: Listener
  }

  /// The address, with the port that the system chose if it was left open (0).
  public let address: SocketAddress
  private let parts: [Part]

  init(address: SocketAddress, parts: [Part]) {
    self.address = address
    self.parts = parts
  }

  /// Accepts no further connections; those that are there stay.
  public func stop() async {
    for part in parts { await part.loop.run { part.listener.stop() } }
  }
}

/// How many connections a listener may have, over all loops.
final class ConnectionQuota: Sendable {
  private let taken = Atomic<Int>(0)
  private let max: Int

  init(max: Int) { self.max = max }

  func take() -> Bool {
    if taken.add(1, ordering: .relaxed).newValue <= max { return true }
    giveBack()
    return false
  }

  func giveBack() { taken.subtract(1, ordering: .relaxed) }
}

/// Gives a connection's place back when it is closed.
private final class Counted: ConnectionHandler {
  private let handler: any ConnectionHandler
  private let quota: ConnectionQuota

  init(_ handler: any ConnectionHandler, _ quota: ConnectionQuota) {
    self.handler = handler
    self.quota = quota
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    handler.connectionOpened(connection, protocolName: protocolName)
  }

  func connectionReceived(_ bytes: Span<UInt8>) { handler.connectionReceived(bytes) }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    handler.connectionProduce(into: &output, upTo: byteCountMax)
  }

  func connectionClosed(_ reason: ConnectionEnd) {
    quota.giveBack()
    handler.connectionClosed(reason)
  }
}
