import CLinux
import Glibc

extension EventLoop {
  /// Begins a connection from this loop; the handler hears of how it goes. Only on the loop.
  public func connect(
    to address: SocketAddress, tls: TLSContext? = nil, serverName: String? = nil,
    handler: any ConnectionHandler
  ) throws(SocketError) -> Connection {
    preconditionIsCurrent()
    guard let socket = Socket.make(for: address) else {
      throw SocketError("open a socket for", address, errno)
    }
    if address.port != nil { socket.disableNagle() }
    let descriptor = socket.descriptor
    let status = unsafe address.withSocketAddress { address, size in
      unsafe Glibc.connect(descriptor, address, size)
    }
    guard status == 0 || errno == EINPROGRESS else {
      throw SocketError("connect to", address, errno)
    }
    let connection = Connection(
      socket, on: self, tls: tls?.session(.client(serverName: serverName)), peer: address,
      isConnecting: true, handler: handler)
    connection.start()
    return connection
  }
}
