import Platform
import Reactor

/// One POST to a trace collector, over HTTP/1.1 on a connection of its own: the answer's status is
/// all that counts of it. On its loop.
final class CollectorRequest: ConnectionHandler {
  private let request: [UInt8]
  private let continuation: CheckedContinuation<Int?, Never>
  private var connection: Connection?
  private var timer: LoopTimer?
  private var isSent = false
  private var answer: [UInt8] = []
  private var hasEnded = false

  /// How much of an answer is looked at: the status line.
  private static let answerBytesMax = 512
  private static let timeMax: Duration = .seconds(10)

  private init(
    _ body: [UInt8], to address: CollectorAddress,
    _ continuation: CheckedContinuation<Int?, Never>
  ) {
    let head = """
      POST \(address.path) HTTP/1.1\r
      host: \(address.authority)\r
      content-type: application/x-protobuf\r
      content-length: \(body.count)\r
      connection: close\r
      \r

      """
    request = Array(head.utf8) + body
    self.continuation = continuation
  }

  /// Sends a body.
  ///
  /// - Returns: the status of the answer; nil when there was none.
  static func post(
    _ body: [UInt8], to address: CollectorAddress, at target: SocketAddress, on loop: EventLoop
  ) async -> Int? {
    await withCheckedContinuation { continuation in
      loop.execute {
        let request = CollectorRequest(body, to: address, continuation)
        request.timer = loop.schedule(after: timeMax) { request.end(nil) }
        do throws(SocketError) {
          request.connection = try loop.connect(to: target, handler: request)
        } catch {
          request.end(nil)
        }
      }
    }
  }

  func connectionOpened(_ connection: Connection, protocolName: String?) {
    self.connection = connection
    connection.flushSoon()
  }

  func connectionProduce(into output: inout [UInt8], upTo byteCountMax: Int) {
    if !isSent { output += request }
    isSent = true
  }

  func connectionReceived(_ bytes: Span<UInt8>) {
    for index in bytes.indices where answer.count < Self.answerBytesMax {
      answer.append(bytes[index])
    }
    // `HTTP/1.1 200 …`
    guard answer.count >= 12, answer.starts(with: "HTTP/1.".utf8) else { return }
    end(Int(String(decoding: answer[9..<12], as: UTF8.self)))
  }

  func connectionClosed(_ reason: ConnectionEnd) {
    connection = nil
    end(nil)
  }

  private func end(_ status: Int?) {
    if hasEnded { return }
    hasEnded = true
    if let timer, let connection { connection.loop.cancel(timer) }
    timer = nil
    connection?.close()
    continuation.resume(returning: status)
  }
}
