import Platform
import Reactor
import Testing

@Suite(.timeLimit(.minutes(3))) final class EventLoopTests {
  private let group = EventLoopGroup(count: 2)

  deinit { group.stop() }

  @Test func `actions from other threads run on the loop, in their order`() async {
    let loop = group.loops[0]
    let seen = Lock<[Int]>([])
    #expect(!loop.isCurrent)
    for number in 0..<100 {
      loop.execute {
        loop.preconditionIsCurrent()
        seen.withLock { $0.append(number) }
      }
    }
    #expect(await loop.run { loop.isCurrent })
    #expect(seen.withLock { $0 } == Array(0..<100))
  }

  @Test func `a task that prefers the loop runs on it, from beginning to end`() async {
    let loop = group.loops[0]
    let other = group.loops[1]
    await withTaskExecutorPreference(loop) {
      #expect(loop.isCurrent)
      await Task.yield()
      #expect(loop.isCurrent)
      #expect(await other.run { other.isCurrent && !loop.isCurrent })
      #expect(loop.isCurrent)
    }
  }

  @Test func `timers run in order on the loop, without those that were cancelled`() async {
    let loop = group.loops[0]
    let order = Lock<[Int]>([])
    await withCheckedContinuation { continuation in
      loop.execute {
        let now = loop.now
        let cancelled = loop.schedule(at: now + .microseconds(1500)) {
          order.withLock { $0.append(9) }
        }
        loop.schedule(at: now + .milliseconds(3)) {
          order.withLock { $0.append(3) }
          continuation.resume()
        }
        loop.schedule(at: now + .milliseconds(1)) {
          order.withLock { $0.append(1) }
          loop.cancel(cancelled)
        }
        loop.schedule(at: now + .milliseconds(2)) { order.withLock { $0.append(2) } }
      }
    }
    #expect(order.withLock { $0 } == [1, 2, 3])
  }

  @Test func `tasks that keep each other busy leave timers their turn`() async {
    let loop = group.loops[0]
    let isOver = Lock(false)
    loop.execute {
      loop.schedule(after: .milliseconds(1)) { isOver.withLock { $0 = true } }
    }
    await withTaskExecutorPreference(loop) {
      while !isOver.withLock({ $0 }) { await Task.yield() }
    }
  }
}
