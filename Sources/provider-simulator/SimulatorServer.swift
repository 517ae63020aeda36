import Glibc
import HTTP1
import HTTPClient
import Platform
import ProviderSimulator

/// A small HTTP/1.1 server on the loopback: a thread reads each connection, tasks answer.
final class SimulatorServer: Sendable {
  private let listener: Int32
  let port: UInt16

  /// More than payments ever opens.
  private static let backlog: Int32 = 64

  /// Listens on 127.0.0.1; nil when that is not possible.
  init?(port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var on: Int32 = 1
    unsafe setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = unsafe withUnsafeMutablePointer(to: &address) { address in
      unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe bind(listener, address, length) == 0 && listen(listener, Self.backlog) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard listener >= 0, isBound else { return nil }
    self.listener = listener
    self.port = UInt16(bigEndian: address.sin_port)
  }

  /// Serves connections until the process ends, each in a task of its own.
  func serve(_ provider: SimulatedProvider) async {
    let (connections, source) = AsyncStream<Int32>.makeStream()
    Thread.start { [listener] in
      while true {
        let connection = accept(listener, nil, nil)
        if connection >= 0 { source.yield(connection) }
      }
    }
    await withDiscardingTaskGroup { group in
      for await connection in connections {
        group.addTask { await Self.serve(connection, provider) }
      }
    }
  }

  private static func serve(_ socket: Int32, _ provider: SimulatedProvider) async {
    let asked = await withCheckedContinuation { continuation in
      Thread.start { continuation.resume(returning: read(socket)) }
    }
    guard let asked,
      let reply = try? await provider.reply(
        to: asked.path, fields: asked.fields, body: asked.body)
    else {
      close(socket)
      return
    }
    switch reply {
    case .silence:
      // The caller waits until its own time is up.
      let time = SystemTime()
      await time.sleep(until: time.now() + .seconds(150))
    case .response(let response): write(response, to: socket)
    }
    close(socket)
  }

  private struct Asked: Sendable {
    var path = ""
    var fields: [HTTPField] = []
    var body: [UInt8] = []
  }

  /// One request; nil for what is none.
  private static func read(_ socket: Int32) -> Asked? {
    var connection = HTTP1Connection()
    var asked = Asked()
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      while let event = connection.nextEvent() {
        switch event {
        case .requestReceived(let request):
          asked.path = request.target
          asked.fields = request.fields.map { HTTPField($0.name, $0.value) }
        case .bodyReceived(let bytes): asked.body += bytes
        case .requestEnded: return asked
        case .failed: return nil
        }
      }
      let count = unsafe recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      connection.receive(buffer.span.extracting(0..<count))
    }
  }

  private static func write(_ response: HTTPResponse, to socket: Int32) {
    var head = "HTTP/1.1 \(response.status) Answer\r\n"
    for field in response.fields { head += "\(field.name): \(field.value)\r\n" }
    head += "content-length: \(response.body.count)\r\nconnection: close\r\n\r\n"
    var rest = (Array(head.utf8) + response.body)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
