import Platform
import Testing

@Suite(.timeLimit(.minutes(3))) struct ManualTimeTests {
  @Test func `it stands still until it is moved, and then both clocks move`() {
    let time = ManualTime(MonotonicTime(nanoseconds: 5), sinceEpoch: .seconds(10))
    #expect(time.now() == MonotonicTime(nanoseconds: 5))
    time.advance(by: .seconds(2))
    #expect(time.now() - MonotonicTime(nanoseconds: 5) == .seconds(2))
    #expect(time.sinceEpoch() == .seconds(12))
  }

  @Test func `a sleeper wakes when its time has come and not before`() async {
    let time = ManualTime()
    let woken = Lock(false)
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        await time.sleep(until: MonotonicTime(nanoseconds: 100))
        woken.withLock { $0 = true }
      }
      while time.sleeperCount == 0 { await Task.yield() }
      time.advance(by: .nanoseconds(99))
      #expect(time.sleeperCount == 1)
      #expect(!woken.withLock { $0 })
      time.advance(by: .nanoseconds(1))
      await tasks.waitForAll()
    }
    #expect(woken.withLock { $0 })
  }

  @Test func `a cancelled sleeper wakes and is forgotten`() async {
    let time = ManualTime()
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await time.sleep(until: .distantFuture) }
      while time.sleeperCount == 0 { await Task.yield() }
      tasks.cancelAll()
    }
    #expect(time.sleeperCount == 0)
  }
}
