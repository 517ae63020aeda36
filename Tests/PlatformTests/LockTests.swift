import Platform
import Testing

@Suite struct LockTests {
  private struct Mishap: Error {}

  @Test func `no change is lost between threads`() async {
    let count = Lock(0)
    await withTaskGroup(of: Void.self) { tasks in
      for _ in 0..<8 {
        tasks.addTask { for _ in 0..<1000 { count.withLock { $0 += 1 } } }
      }
    }
    #expect(count.withLock { $0 } == 8000)
  }

  @Test func `it is released when the body throws`() {
    let lock = Lock(1)
    #expect(throws: Mishap.self) { try lock.withLock { _ in throw Mishap() } }
    #expect(lock.withLock { $0 } == 1)
  }
}
