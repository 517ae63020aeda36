import CLinux
import Glibc

/// Where a socket listens or connects: TCP over IPv4 or IPv6, or a path of this machine.
public struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  private let bytes: [UInt8]
  /// As people write it: `127.0.0.1:7001`, `[::1]:7001`, `unix:/run/sarai.sock`.
  public let description: String

  var family: Int32 {
    unsafe bytes.withUnsafeBytes { unsafe Int32($0.loadUnaligned(as: sa_family_t.self)) }
  }

  /// The port of a TCP address; nil for a path.
  public let port: UInt16?

  /// The path of an address that has no port, unless the system told of it.
  let path: String?

  private init(bytes: [UInt8], description: String, port: UInt16?, path: String? = nil) {
    self.bytes = bytes
    self.description = description
    self.port = port
    self.path = path
  }

  /// An address of numbers, such as `127.0.0.1` or `::1`; nil for anything else.
  public init?(_ numbers: String, port: UInt16) {
    var v4 = sockaddr_in()
    if unsafe inet_pton(AF_INET, numbers, &v4.sin_addr) == 1 {
      v4.sin_family = sa_family_t(AF_INET)
      v4.sin_port = port.bigEndian
      self.init(bytes: Self.copy(v4), description: "\(numbers):\(port)", port: port)
      return
    }
    var v6 = sockaddr_in6()
    guard unsafe inet_pton(AF_INET6, numbers, &v6.sin6_addr) == 1 else { return nil }
    v6.sin6_family = sa_family_t(AF_INET6)
    v6.sin6_port = port.bigEndian
    self.init(bytes: Self.copy(v6), description: "[\(numbers)]:\(port)", port: port)
  }

  /// A path of this machine, unix(7); nil if it is longer than the system allows (107 bytes).
  public init?(path: String) {
    var address = sockaddr_un()
    let utf8 = Array(path.utf8)
    guard !utf8.isEmpty, utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      return nil
    }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: utf8) }
    self.init(bytes: Self.copy(address), description: "unix:\(path)", port: nil, path: path)
  }

  /// What a system call said.
  init?(storage: sockaddr_storage) {
    var storage = storage
    switch Int32(storage.ss_family) {
    case AF_INET, AF_INET6:
      let isV4 = Int32(storage.ss_family) == AF_INET
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      let port = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
        // The address stands behind family and port, in IPv6 behind the flow label too.
        let offset = isV4 ? 4 : 8
        unsafe inet_ntop(
          isV4 ? AF_INET : AF_INET6, bytes.baseAddress.map { unsafe $0 + offset }, &text,
          socklen_t(INET6_ADDRSTRLEN))
        return unsafe UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      }
      let numbers = String(
        decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      self.init(numbers, port: port)
    case AF_UNIX: self.init(bytes: Self.copy(storage), description: "unix:", port: nil)
    default: return nil
    }
  }

  /// The same host at another port.
  func withPort(_ port: UInt16) -> SocketAddress? {
    guard self.port != nil, let colon = description.lastIndex(of: ":") else { return nil }
    let host = description[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
    return SocketAddress(String(host), port: port)
  }

  private static func copy<Address>(_ address: Address) -> [UInt8] {
    unsafe withUnsafeBytes(of: address) { unsafe [UInt8]($0) }
  }

  /// Hands the address to a system call.
  func withSocketAddress<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    unsafe bytes.withUnsafeBytes { bytes in
      // Never empty: the initialisers see to it.
      let address = unsafe bytes.baseAddress.unsafelyUnwrapped
      return unsafe body(address.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
  }

  /// The address that a socket is bound to.
  static func local(of descriptor: Int32) -> SocketAddress? {
    unsafe read { unsafe getsockname(descriptor, $0, $1) }
  }

  /// The address of a socket's peer.
  static func peer(of descriptor: Int32) -> SocketAddress? {
    unsafe read { unsafe getpeername(descriptor, $0, $1) }
  }

  private static func read(
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let status = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, &size) }
    }
    return status == 0 ? SocketAddress(storage: storage) : nil
  }
}
