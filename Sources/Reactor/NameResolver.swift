import CLinux
import Glibc
import Platform

/// Asks the system for the addresses of names, getaddrinfo(3), on threads of its own since that
/// blocks.
public enum NameResolver {
  /// The addresses of a name, at most 64 of them.
  ///
  /// - Throws: `NameError`, which says what the system said.
  public static func addresses(
    of name: String, port: UInt16
  ) async throws(NameError) -> [SocketAddress] {
    let result = await withCheckedContinuation { continuation in
      Thread.start { continuation.resume(returning: look(name, port)) }
    }
    return try result.get()
  }

  private static func look(_ name: String, _ port: UInt16) -> Result<[SocketAddress], NameError> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(name, nil, &hints, &list)
    guard status == 0 else {
      let reason = unsafe String(cString: gai_strerror(status))
      return .failure(NameError(description: "cannot find the host \(name): \(reason)"))
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [SocketAddress] = []
    var next = unsafe list
    while let entry = unsafe next, addresses.count < 64 {
      var storage = sockaddr_storage()
      unsafe withUnsafeMutableBytes(of: &storage) { target in
        let source = unsafe UnsafeRawBufferPointer(
          start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
        unsafe target.copyMemory(from: source)
      }
      if let address = SocketAddress(storage: storage)?.withPort(port) {
        addresses.append(address)
      }
      unsafe next = entry.pointee.ai_next
    }
    return .success(addresses)
  }
}

/// Why a name has no address.
public struct NameError: Error, CustomStringConvertible {
  /// Which name, and what the system said.
  public let description: String
}
