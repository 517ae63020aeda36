import CLinux
import Glibc

/// A non-blocking socket, closed when it goes.
struct Socket: ~Copyable {
  /// How a read or write went.
  enum Outcome: Equatable {
    /// That many bytes; 0 from a read is the peer's end.
    case bytes(Int)
    /// Nothing now; try again when the socket is ready.
    case notReady
    /// The connection is gone: an error number of errno(3).
    case failed(Int32)
  }

  let descriptor: Int32

  /// Takes over an open socket.
  init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// A new non-blocking socket; nil when the system is out of them.
  static func make(for address: SocketAddress) -> Socket? {
    let descriptor = sarai_stream_socket(address.family)
    return descriptor < 0 ? nil : Socket(descriptor)
  }

  /// Small messages leave at once: the loop has gathered them already.
  func disableNagle() {
    set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
  }

  func set(_ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The error that a pending connect ended with; 0 for none.
  func pendingError() -> Int32 {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &value, &size)
    return value
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Outcome {
    outcome(of: unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0))
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Outcome {
    outcome(of: unsafe sarai_send(descriptor, bytes.baseAddress, bytes.count))
  }

  private func outcome(of count: Int) -> Outcome {
    if count >= 0 { return .bytes(count) }
    let error = errno
    if error == EAGAIN || error == EWOULDBLOCK || error == EINTR { return .notReady }
    return .failed(error)
  }
}
