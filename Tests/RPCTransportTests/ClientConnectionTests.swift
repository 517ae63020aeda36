import Dispatch
import HTTP2
import Platform
import RPC
import Reactor
import Testing

@testable import RPCTransport

/// What becomes of calls when their connection does not go on as it should.
@Suite(.timeLimit(.minutes(3))) final class ClientConnectionTests {
  private let group = EventLoopGroup(count: 1, time: ManualTime())

  deinit { group.stop() }

  /// A client of a peer that answers each request like that; the requests are counted from 0.
  private func client(
    _ answer: @escaping @Sendable (_ peer: HTTP2Peer, _ stream: Int32, _ turn: Int) -> [UInt8]
  ) async throws -> RPCClient {
    let turns = Lock(0)
    let address = try await HTTP2Peer.listen(on: group) { peer, stream in
      let turn = turns.withLock { turns in
        defer { turns += 1 }
        return turns
      }
      return answer(peer, stream, turn)
    }
    var options = ClientOptions()
    options.form = .grpc
    return RPCClient(
      try Target(address.description), on: group, options: options, time: JumpingTime())
  }

  private func say(_ client: RPCClient) async -> RPCError? {
    await failure { () throws(RPCError) in
      try await client.unary(TestService.say, Text("a"), options: CallOptions())
    }
  }

  @Test func `a connection that is lost is replaced by the next call`() async throws {
    let client = try await client { peer, stream, turn in
      if turn == 0 { peer.connection?.close() } else { peer.succeed(stream) }
      return []
    }
    #expect(await say(client)?.code == .unavailable)
    #expect(await say(client) == nil)
  }

  @Test func `a call ends when the peer breaks the protocol, and the next has a new connection`()
    async throws
  {
    let client = try await client { peer, stream, turn in
      // A DATA frame that belongs to no stream.
      if turn == 0 { return [0, 0, 0, 0, 0, 0, 0, 0, 0] }
      peer.succeed(stream)
      return []
    }
    #expect(await say(client)?.code == .unavailable)
    #expect(await say(client) == nil)
  }

  @Test(arguments: [(10_000, nil), (20_000, .resourceExhausted)] as [(Int, RPCCode?)])
  func `an answer with more header fields than are read fails`(
    _ fieldBytes: Int, _ code: RPCCode?
  ) async throws {
    let client = try await client { peer, stream, _ in
      peer.succeed(stream, fieldBytes: fieldBytes)
      return []
    }
    #expect(await say(client)?.code == code)
  }

  @Test func `what the service has not seen is repeated, however often it refuses`() async throws {
    let client = try await client { peer, stream, turn in
      if turn % 3 < 2 {
        peer.session.reset(stream: stream, errorCode: HTTP2ErrorCode.refusedStream)
      } else {
        peer.succeed(stream)
      }
      return []
    }
    // Repeating this one is not known to be harmless, and the budget is for half as many.
    for _ in 0..<10 { #expect(await say(client) == nil) }
  }

  @Test func `a stream whose connection has begun to end meanwhile begins on another`()
    async throws
  {
    let peers = EventLoopGroup(count: 1)
    defer { peers.stop() }
    let first = Lock<HTTP2PeerBox?>(nil)
    // The peers hold what it is kept in.
    defer { first.withLock { $0 = nil } }
    let address = try await HTTP2Peer.listen(on: peers) { peer, stream in
      first.withLock { if $0 == nil { $0 = HTTP2PeerBox(peer) } }
      peer.succeed(stream)
      return []
    }
    var options = ClientOptions()
    options.form = .grpc
    let client = RPCClient(
      try Target(address.description), on: group, options: options, time: JumpingTime())
    #expect(await say(client) == nil)
    // While the client's loop stands still, the connection is chosen and then said to end.
    let loop = group.loops[0]
    let held = DispatchSemaphore(value: 0)
    let (steps, step) = AsyncStream<Void>.makeStream()
    loop.execute {
      step.yield()
      held.wait()
    }
    for await _ in steps { break }
    let call = Task.immediate {
      try await client.serverStreaming(TestService.repeat, Text("a"), options: CallOptions()) {
        try await $0.next()
      }
    }
    let peer = try #require(first.withLock { $0 })
    await peers.loops[0].run { peer.sayGoodbye() }
    // The bytes have left when the loop has turned.
    await peers.loops[0].run {}
    held.signal()
    let answer = try await call.value
    #expect(answer == Text())
  }
}

/// Sendable, because it is only used on its peer's loop.
private final class HTTP2PeerBox: @unchecked Sendable {
  private let peer: HTTP2Peer

  init(_ peer: HTTP2Peer) { self.peer = peer }

  func sayGoodbye() {
    peer.session.goAway()
    peer.connection?.flushSoon()
  }
}
