import Glibc
import Platform
import RPC
import Reactor
import Testing

@testable import RPCTransport

/// What the client does beside calling.
@Suite(.timeLimit(.minutes(3))) struct ClientTests {
  @Test(
    arguments: [
      (TestService.try, 2, 3, nil), (TestService.try, 9, 3, .unavailable),
      (TestService.tryOnce, 1, 1, .unavailable),
    ] as [(TestService.Method, Int, Int, RPCCode?)])
  func `what is harmless is tried three times at most, after growing waits`(
    _ method: TestService.Method, _ failures: Int, _ tries: Int, _ code: RPCCode?
  ) async throws {
    let service = try await TestService()
    let time = JumpingTime()
    let client = try service.client(.native, time: time)
    service.failuresLeft.withLock { $0 = failures }
    let error = await failure { () throws(RPCError) in
      try await client.unary(method, Text("a"), options: CallOptions())
    }
    #expect(error?.code == code)
    #expect(service.tries.withLock { $0 } == tries)
    #expect(time.sleeps.count == tries - 1)
    for (wait, milliseconds) in zip(time.sleeps, [100, 200]) {
      let usual: Duration = .milliseconds(milliseconds)
      #expect((usual * 0.8...usual * 1.2).contains(wait))
    }
  }

  @Test func `no retry outlives the call's time`() async throws {
    let service = try await TestService()
    let time = JumpingTime()
    let client = try service.client(.native, time: time)
    service.failuresLeft.withLock { $0 = 9 }
    let error = await failure { () throws(RPCError) in
      try await client.unary(
        TestService.try, Text(), options: CallOptions(timeout: .milliseconds(50)))
    }
    #expect(error?.code == .unavailable)
    #expect(service.tries.withLock { $0 } == 1)
  }

  @Test func `retries stop when they have used up their budget, and successes earn it`()
    async throws
  {
    let service = try await TestService()
    let client = try service.client(.native, time: JumpingTime()) { $0.attemptsMax = 2 }
    func call() async -> Bool {
      await failure { () throws(RPCError) in
        try await client.unary(TestService.try, Text(), options: CallOptions())
      } == nil
    }
    service.failuresLeft.withLock { $0 = 30 }
    for _ in 0..<20 { #expect(await !call()) }
    #expect(service.tries.withLock { $0 } == 30)
    for _ in 0..<10 { #expect(await call()) }
    service.failuresLeft.withLock { $0 = 3 }
    for _ in 0..<2 { #expect(await !call()) }
    #expect(service.tries.withLock { $0 } == 43)
  }

  @Test func `a read that is not answered is sent again, and the first answer counts`()
    async throws
  {
    let service = try await TestService()
    let client = try service.client(.native, time: JumpingTime()) { $0.hedgeAfter = .seconds(1) }
    let reports = Lock(0)
    var options = CallOptions()
    options.receivesMetadata = { _ in reports.withLock { $0 += 1 } }
    let answer = try await client.unary(TestService.read, Text("a"), options: options)
    #expect(answer == Text("a"))
    #expect(reports.withLock { $0 } == 1)
    await service.gate.wait(for: .cancelled)
  }

  @Test func `a service on a path is waited for, and not asked again before its time`()
    async throws
  {
    let path = "/tmp/sarai-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max)).sock"
    defer { unsafe unlink(path) }
    let first = try await TestService()
    let client = try first.client(.native, to: try Target("unix:\(path)"))
    func call(_ waits: Bool) async -> RPCError? {
      var options = CallOptions()
      options.waitsForReady = waits
      return await failure { () throws(RPCError) in
        try await client.unary(TestService.say, Text(), options: options)
      }
    }
    #expect(await call(false)?.code == .unavailable)
    async let waiting = call(true)
    let service = try await TestService(at: SocketAddress(path: path))
    // It is there, but the client does not look before some 100 ms have passed.
    #expect(await call(false)?.code == .unavailable)
    await first.advanceCallers(by: .milliseconds(121))
    #expect(await waiting == nil)
    #expect(await call(false) == nil)
    await service.server.drain()
  }

  @Test func `calls go to both services, and none is lost when one of them stops`() async throws {
    let one = try await TestService()
    let other = try await TestService()
    let target = try Target("static:\(one.address),\(other.address)")
    let client = try one.client(.native, to: target, time: JumpingTime())
    while one.tries.withLock({ $0 }) == 0 || other.tries.withLock({ $0 }) == 0 {
      _ = try await client.unary(TestService.try, Text(), options: CallOptions())
    }
    try await withThrowingTaskGroup { tasks in
      for _ in 0..<4 {
        tasks.addTask {
          for _ in 0..<50 {
            // Repeating this one is not known to be harmless: only what was not seen is repeated.
            _ = try await client.unary(TestService.tryOnce, Text(), options: CallOptions())
          }
        }
      }
      tasks.addTask { await one.server.drain() }
      try await tasks.waitForAll()
    }
    let before = one.tries.withLock { $0 }
    _ = try await client.unary(TestService.try, Text(), options: CallOptions())
    #expect(one.tries.withLock { $0 } == before)
  }

  @Test func `a service that does not answer gets five calls in a row and no further one`()
    async throws
  {
    let one = try await TestService()
    let other = try await TestService()
    let arrivals = Lock(0)
    let (silence, sink) = AsyncStream<Void>.makeStream()
    let group = EventLoopGroup(count: 1, time: ManualTime())
    defer { group.stop() }
    let silent = try await HTTP2Peer.listen(on: group) { _, _ in
      arrivals.withLock { $0 += 1 }
      sink.yield()
      return []
    }
    let target = try Target("static:\(one.address),\(silent),\(other.address)")
    let client = try one.client(.grpc, to: target)
    // Time passes only when a call waits in vain.
    let clock = Task {
      for await _ in silence { await one.advanceCallers(by: .seconds(1)) }
    }
    defer { clock.cancel() }
    for _ in 0..<100 {
      let error = await failure { () throws(RPCError) in
        try await client.unary(
          TestService.say, Text(), options: CallOptions(timeout: .seconds(1)))
      }
      #expect(error == nil || error?.code == .deadlineExceeded)
    }
    #expect(arrivals.withLock { $0 } == 5)
  }

  @Test func `a client that was closed refuses`() async throws {
    let service = try await TestService()
    let client = try service.client(.native)
    _ = try await client.unary(TestService.say, Text(), options: CallOptions())
    client.close()
    let error = await failure { () throws(RPCError) in
      try await client.unary(TestService.say, Text(), options: CallOptions())
    }
    #expect(error?.code == .cancelled)
  }

  @Test func `waits double up to twenty seconds and differ by a fifth at most`() {
    var backoff = Backoff()
    var random = SystemRandomNumberGenerator()
    for usual in [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 20, 20, 20, 20] {
      let wait = backoff.next(&random) / .seconds(1)
      #expect((usual * 0.8...usual * 1.2).contains(wait))
    }
    backoff.reset()
    #expect(backoff.next(&random) <= .milliseconds(120))
  }

  @Test(arguments: [
    "", "host", "host:", ":1", "host:0", "host:70000", "static:", "static:name:1", "unix:",
  ])
  func `a target that names no place is refused`(_ text: String) {
    #expect(throws: TargetError.self) { try Target(text) }
  }
}
