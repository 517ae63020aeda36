import Foundation
import Platform
import Reactor
import Testing

@Suite(.timeLimit(.minutes(3))) final class ConnectionTests {
  private let group = EventLoopGroup(count: 2)
  private let accepted = AsyncStream<RecordingHandler>.makeStream()

  deinit { group.stop() }

  private var anyPort: SocketAddress {
    get throws { try #require(SocketAddress("127.0.0.1", port: 0)) }
  }

  private func listen(
    on address: SocketAddress, connectionsMax: Int = 10,
    _ handler: @escaping @Sendable () -> RecordingHandler = { RecordingHandler(echoes: true) }
  ) async throws -> ListeningSocket {
    let accepted = accepted.continuation
    return try await group.listen(on: address, connectionsMax: connectionsMax) { _ in
      let handler = handler()
      accepted.yield(handler)
      return handler
    }
  }

  private func connect(
    _ address: SocketAddress, _ handler: RecordingHandler = RecordingHandler()
  ) async throws -> RecordingHandler {
    let loop = group.loops[0]
    try await loop.run { () -> Result<Void, SocketError> in
      do throws(SocketError) {
        _ = try loop.connect(to: address, handler: handler)
        return .success(())
      } catch {
        return .failure(error)
      }
    }.get()
    return handler
  }

  @Test(arguments: ["tcp", "unix"])
  func `bytes go there and back`(_ kind: String) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/sarai-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let address =
      try kind == "tcp" ? anyPort : try #require(SocketAddress(path: path))
    let socket = try await listen(on: address)
    let client = try await connect(socket.address.port == nil ? address : socket.address)
    #expect(await client.next() == .opened(nil))
    let sent = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    client.send(sent)
    #expect(await client.bytes(sent.count) == sent)
    client.close()
    #expect(await client.next() == .closed(.closedHere))
    let server = try #require(await accepted.stream.first { _ in true })
    #expect(await server.rest().end == .closedByPeer)
  }

  @Test func `who does not read stops the writer, and reading lets it go on`() async throws {
    // The kernel holds less for a path than for TCP.
    let path = FileManager.default.temporaryDirectory.path + "/sarai-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let address = try #require(SocketAddress(path: path))
    let output = [UInt8](repeating: 7, count: 4 << 20)
    _ = try await listen(on: address) { RecordingHandler(output: output) }
    let client = try await connect(
      address, RecordingHandler(whenOpen: { $0.pauseReading(true) }))
    #expect(await client.next() == .opened(nil))
    let server = try #require(await accepted.stream.first { _ in true })
    #expect(await server.next() == .opened(nil))
    let connection = try #require(server.connection)
    let loop = connection.loop
    while await !loop.run({ connection.hasUnsentBytes }) {}
    let produced = server.producedBytes
    #expect(produced < output.count / 2)
    for _ in 0..<100 { await loop.run {} }
    // The kernel may still have moved some, but no more than a few buffers full.
    #expect(server.producedBytes - produced <= 1 << 20)
    await client.pauseReading(false)
    #expect(await client.bytes(output.count).count == output.count)
  }

  @Test func `who has much to send has its share of a turn, and goes on in the next`()
    async throws
  {
    let output = [UInt8](repeating: 7, count: 4 << 20)
    let shares = AsyncStream<Int>.makeStream()
    let listened = try await listen(on: anyPort) {
      let sender = Lock<RecordingHandler?>(nil)
      let handler = RecordingHandler(output: output) { connection in
        // Runs when the turn is over in which the first was sent.
        connection.loop.execute {
          shares.continuation.yield(sender.withLock { $0.take() }?.producedBytes ?? 0)
        }
      }
      sender.withLock { $0 = handler }
      return handler
    }
    let client = try await connect(listened.address)
    let share = try #require(await shares.stream.first { _ in true })
    #expect(share > 0)
    #expect(share < output.count / 8)
    #expect(await client.next() == .opened(nil))
    #expect(await client.bytes(output.count) == output)
  }

  @Test func `a peer that goes while nobody reads is noticed`() async throws {
    let socket = try await listen(on: anyPort) {
      RecordingHandler(whenOpen: { $0.pauseReading(true) })
    }
    let client = try await connect(socket.address)
    #expect(await client.next() == .opened(nil))
    client.send([1])
    let server = try #require(await accepted.stream.first { _ in true })
    #expect(await server.next() == .opened(nil))
    // Unread bytes make the close a reset, which is what a peer that died looks like.
    server.send([2])
    #expect(await client.bytes(1) == [2])
    await client.pauseReading(true)
    server.send([UInt8](repeating: 3, count: 100_000))
    while server.producedBytes < 100_001 { await Task.yield() }
    while await server.connection?.loop.run({ server.connection?.hasUnsentBytes }) == true {}
    client.close()
    #expect(await server.rest().end != nil)
  }

  @Test func `one connection too many is closed, and a place that is free again is given away`()
    async throws
  {
    let socket = try await listen(on: anyPort, connectionsMax: 1)
    let first = try await connect(socket.address)
    first.send([1])
    #expect(await first.next() == .opened(nil))
    first.send([1])
    #expect(await first.bytes(2) == [1, 1])
    let second = try await connect(socket.address)
    #expect(await second.rest().bytes == [])
    let server = try #require(await accepted.stream.first { _ in true })
    first.close()
    #expect(await server.rest().end == .closedByPeer)
    let third = try await connect(socket.address)
    third.send([3])
    #expect(await third.next() == .opened(nil))
    #expect(await third.bytes(1) == [3])
  }

  @Test func `a graceful close sends everything first`() async throws {
    let output = [UInt8](repeating: 9, count: 1 << 20)
    let socket = try await listen(on: anyPort) {
      RecordingHandler(output: output, whenOpen: { $0.closeWhenFlushed() })
    }
    let client = try await connect(socket.address)
    let (bytes, end) = await client.rest()
    #expect(bytes == output)
    #expect(end == .closedByPeer)
  }

  @Test func `a loop that ends closes its connections`() async throws {
    let others = EventLoopGroup(count: 1)
    defer { others.stop() }
    let client = RecordingHandler()
    let socket = try await listen(on: anyPort)
    _ = await others.loops[0].run {
      try? others.loops[0].connect(to: socket.address, handler: client)
    }
    #expect(await client.next() == .opened(nil))
    let server = try #require(await accepted.stream.first { _ in true })
    others.stop()
    #expect(await client.next() == .closed(.closedHere))
    #expect(await server.rest().end == .closedByPeer)
  }

  @Test func `where nobody listens the connection fails with the system's reason`() async throws {
    let socket = try await listen(on: anyPort)
    await socket.stop()
    let client = try await connect(socket.address)
    #expect(await client.next() == .closed(.failed("Connection refused")))
  }

  @Test func `an address that is taken is refused with its name`() async throws {
    let path = FileManager.default.temporaryDirectory.path + "/sarai-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let address = try #require(SocketAddress(path: path))
    let socket = try await listen(on: address)
    let error = await #expect(throws: SocketError.self) { _ = try await self.listen(on: address) }
    #expect(error?.description == "cannot listen on unix:\(path): Address already in use")
    await socket.stop()
  }

  @Test func `a path is free after its listener, also after one that was killed`() async throws {
    let files = FileManager.default
    let path = files.temporaryDirectory.path + "/sarai-\(UUID().uuidString)"
    let abandoned = path + "-abandoned"
    defer { try? files.removeItem(atPath: abandoned) }
    let address = try #require(SocketAddress(path: path))
    try await listen(on: address).stop()
    #expect(!files.fileExists(atPath: path))
    let socket = try await listen(on: address)
    // What stopping does not find stays, as it does when nobody stops.
    try files.moveItem(atPath: path, toPath: abandoned)
    await socket.stop()
    try await listen(on: #require(SocketAddress(path: abandoned))).stop()
    #expect(!files.fileExists(atPath: abandoned))
    #expect(files.createFile(atPath: abandoned, contents: nil))
    let file = try #require(SocketAddress(path: abandoned))
    await #expect(throws: SocketError.self) { _ = try await self.listen(on: file) }
    #expect(files.fileExists(atPath: abandoned))
  }
}
