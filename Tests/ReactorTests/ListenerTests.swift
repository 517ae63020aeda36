import Dispatch
import Foundation
import Platform
import Reactor
import Testing

@Suite(.timeLimit(.minutes(3))) final class ListenerTests {
  private let servers = EventLoopGroup(count: 1)
  private let callers = EventLoopGroup(count: 1)

  deinit {
    servers.stop()
    callers.stop()
  }

  @Test(arguments: ["tcp", "unix"])
  func `who had connected when the listener stopped is let in`(_ kind: String) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/sarai-\(UUID().uuidString)"
    let wanted =
      kind == "tcp" ? SocketAddress("127.0.0.1", port: 0) : SocketAddress(path: path)
    let loop = servers.loops[0]
    let socket = try await servers.listen(on: #require(wanted)) { _ in
      RecordingHandler(echoes: true)
    }
    // Two actions that stand still: what is handed over during the first runs directly behind the
    // second, before the loop looks at its sockets.
    let (first, second) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let (steps, step) = AsyncStream<Void>.makeStream()
    loop.execute {
      step.yield()
      first.wait()
    }
    for await _ in steps { break }
    loop.execute { second.wait() }
    let stopping = Task.immediate { await socket.stop() }
    first.signal()
    let address = socket.address
    let clients = (0..<5).map { _ in RecordingHandler() }
    let caller = callers.loops[0]
    for client in clients {
      await caller.run { _ = try? caller.connect(to: address, handler: client) }
      #expect(await client.next() == .opened(nil))
      client.send([1])
    }
    second.signal()
    await stopping.value
    for client in clients { #expect(await client.bytes(1) == [1]) }
    let late = RecordingHandler()
    let isRefused = await caller.run {
      do throws(SocketError) {
        _ = try caller.connect(to: address, handler: late)
        return false
      } catch {
        return true
      }
    }
    if !isRefused { #expect(await late.next() == .closed(.failed("Connection refused"))) }
  }

  @Test func `a port that somebody listens on is refused, and free once they stop`() async throws {
    let any = try #require(SocketAddress("127.0.0.1", port: 0))
    let socket = try await servers.listen(on: any) { _ in RecordingHandler() }
    let others = callers
    let error = await #expect(throws: SocketError.self) {
      _ = try await others.listen(on: socket.address) { _ in RecordingHandler() }
    }
    #expect(error?.description == "cannot listen on \(socket.address): Address already in use")
    await socket.stop()
    let again = try await others.listen(on: socket.address) { _ in RecordingHandler() }
    #expect(again.address == socket.address)
  }
}
