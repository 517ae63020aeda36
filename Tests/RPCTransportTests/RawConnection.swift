import Platform
import Reactor

/// A connection that sends what it was given, and keeps what comes.
final class RawConnection: ConnectionHandler {
  private var output: [UInt8]
  private var input: [UInt8] = []
  private let whenClosed: ([UInt8]) -> Void

  private init(_ output: [UInt8], _ whenClosed: @escaping ([UInt8]) -> Void) {
    self.output = output
    self.whenClosed = whenClosed
  }

  /// Gives all that the peer sends until it closes the connection.
  static func exchange(
    _ bytes: [UInt8], with address: SocketAddress, on loop: EventLoop
  ) async -> [UInt8] {
    await withCheckedContinuation { continuation in
      loop.execute {
        let handler = RawConnection(bytes) { continuation.resume(returning: $0) }
        do throws(SocketError) {
          _ = try loop.connect(to: address, handler: handler)
        } catch {
          continuation.resume(returning: [])
        }
      }
    }
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) { connection.flushSoon() }

  func connectionReceived(_ bytes: Span<UInt8>) {
    for index in bytes.indices { input.append(bytes[index]) }
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    output += self.output
    self.output = []
  }

  func connectionClosed(_ reason: ConnectionEnd) { whenClosed(input) }
}
