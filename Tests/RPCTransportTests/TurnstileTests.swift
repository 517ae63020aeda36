import Platform
import RPC
import Reactor
import Testing

@testable import RPCTransport

@Suite(.timeLimit(.minutes(3))) final class TurnstileTests {
  private let group = EventLoopGroup(count: 1)

  deinit { group.stop() }

  @Test func `one is within at a time, and all get in, in their order`() async {
    let turnstile = Turnstile()
    let within = Lock<[Int]>([])
    let order = Lock<[Int]>([])
    await withTaskExecutorPreference(group.loops[0]) {
      await withTaskGroup(of: Void.self) { tasks in
        for number in 0..<20 {
          tasks.addTask {
            await turnstile.enter()
            within.withLock { $0.append(number) }
            for _ in 0..<3 { await Task.yield() }
            let isAlone = within.withLock { $0 == [number] }
            #expect(isAlone)
            within.withLock { $0 = [] }
            order.withLock { $0.append(number) }
            turnstile.leave()
          }
        }
      }
    }
    #expect(order.withLock { $0 } == Array(0..<20))
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `large compressed messages at once are all served, and bombs among them refused`(
    _ form: ClientOptions.Form
  ) async throws {
    var limits = ServerLimits()
    limits.messageBytesMax = 1 << 18
    let service = try await TestService(limits)
    let client = try service.client(form)
    let codes = try await withThrowingTaskGroup(of: RPCCode?.self) { calls in
      for number in 0..<20 {
        calls.addTask {
          var options = CallOptions()
          options.usesCompression = true
          let text = Text(String(repeating: "a", count: number % 2 == 0 ? 200_000 : 1 << 20))
          return await failure { () throws(RPCError) in
            let answer = try await client.unary(TestService.say, text, options: options)
            #expect(answer == text)
          }?.code
        }
      }
      return try await calls.reduce(into: []) { $0.append($1) }
    }
    #expect(codes.filter { $0 == nil }.count == 10)
    #expect(codes.filter { $0 == .resourceExhausted }.count == 10)
  }

  @Test(arguments: ClientOptions.Form.allCases)
  func `callers that give up while their messages are decompressed hold nobody up`(
    _ form: ClientOptions.Form
  ) async throws {
    let service = try await TestService()
    let client = try service.client(form)
    var options = CallOptions()
    options.usesCompression = true
    let compressed = options
    let text = Text(String(repeating: "a", count: 1 << 19))
    for _ in 0..<5 {
      await withTaskGroup(of: Void.self) { calls in
        for _ in 0..<10 {
          calls.addTask {
            _ = await failure { () throws(RPCError) in
              try await client.unary(TestService.say, text, options: compressed)
            }
          }
        }
        await service.turn()
        calls.cancelAll()
      }
    }
    let answer = try await client.unary(TestService.say, text, options: compressed)
    #expect(answer == text)
  }
}
