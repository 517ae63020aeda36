import CLinux
import Glibc

/// Why a socket cannot be listened on or connected.
public struct SocketError: Error, CustomStringConvertible {
  /// What failed, where, and what to do.
  public let description: String
  /// The number of errno(3).
  public let number: Int32

  init(_ action: String, _ address: SocketAddress, _ number: Int32) {
    self.number = number
    let reason = unsafe String(cString: strerror(number))
    description = "cannot \(action) \(address): \(reason)"
  }
}

/// Accepts connections for one loop. The loops of a group listen on the same address, and the
/// kernel spreads the connections over them (SO_REUSEPORT, socket(7)).
final class Listener: Watcher {
  private let loop: EventLoop
  private let socket: Socket
  private let accept: (Int32) -> Void
  /// Where the socket lies, which is this listener's to remove.
  private let path: String?
  private var token: UInt64 = 0
  private var isWatching = false

  init(
    _ loop: EventLoop, on address: SocketAddress, accept: @escaping (Int32) -> Void
  ) throws(SocketError) {
    self.loop = loop
    self.accept = accept
    guard let socket = Socket.make(for: address) else {
      throw SocketError("open a socket for", address, errno)
    }
    let isTCP = address.port != nil
    if isTCP {
      socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
      socket.set(SOL_SOCKET, sarai_so_reuseport(), 1)
    }
    if let path = address.path, Self.isAbandoned(path, address) { unsafe unlink(path) }
    path = address.path
    guard unsafe address.withSocketAddress({ unsafe bind(socket.descriptor, $0, $1) }) == 0,
      listen(socket.descriptor, ReactorLimits.backlogMax) == 0
    else { throw SocketError("listen on", address, errno) }
    self.socket = socket
  }

  /// Refuses an address on which another program listens already: with SO_REUSEPORT alone the two
  /// would share it, each getting half of the connections that are meant for one.
  static func requireFree(_ address: SocketAddress) throws(SocketError) {
    guard let port = address.port, port != 0, let probe = Socket.make(for: address) else { return }
    probe.set(SOL_SOCKET, SO_REUSEADDR, 1)
    guard unsafe address.withSocketAddress({ unsafe bind(probe.descriptor, $0, $1) }) == 0 else {
      throw SocketError("listen on", address, errno)
    }
  }

  var address: SocketAddress? { SocketAddress.local(of: socket.descriptor) }

  func start() {
    isWatching = true
    token = loop.watch(socket.descriptor, .readable, self)
  }

  func stop() {
    guard isWatching else { return }
    // Who comes later is refused by the kernel; who has connected already is let in.
    if let path { unsafe unlink(path) }
    acceptWaiting(Int(ReactorLimits.backlogMax) + 1)
    isWatching = false
    loop.unwatch(socket.descriptor, token: token)
    shutdown(socket.descriptor, Int32(SHUT_RDWR))
  }

  func loopEnds() { stop() }

  func becameReady(_ readiness: Readiness) {
    guard isWatching else { return }
    acceptWaiting(ReactorLimits.acceptsPerTurnMax)
  }

  private func acceptWaiting(_ countMax: Int) {
    for _ in 0..<countMax {
      let descriptor = sarai_accept(socket.descriptor)
      if descriptor < 0 { return failed(with: errno) }
      accept(descriptor)
    }
  }

  /// Without descriptors or memory the next connection stays ready, and to look at it at once would
  /// be all that the loop does.
  private func failed(with error: Int32) {
    guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error) else { return }
    loop.rewatch(socket.descriptor, [], token: token)
    loop.schedule(after: ReactorLimits.acceptPause) { [weak self] in
      guard let self, isWatching else { return }
      loop.rewatch(socket.descriptor, .readable, token: token)
    }
  }

  /// Whether a path is that of a socket on which nobody listens any more: its process was killed.
  private static func isAbandoned(_ path: String, _ address: SocketAddress) -> Bool {
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK,
      let probe = Socket.make(for: address)
    else { return false }
    let result = unsafe address.withSocketAddress { unsafe connect(probe.descriptor, $0, $1) }
    return result != 0 && errno == ECONNREFUSED
  }
}
