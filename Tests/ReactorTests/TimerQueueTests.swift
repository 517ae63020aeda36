import Platform
import Testing

@testable import Reactor

@Suite struct TimerQueueTests {
  private func time(_ nanoseconds: Int64) -> MonotonicTime {
    MonotonicTime(nanoseconds: nanoseconds)
  }

  @Test func `timers run by deadline, equal ones in the order that they were set`() {
    var queue = TimerQueue()
    var run: [Int] = []
    for (index, deadline) in [5, 3, 5, 1, 3, 9].enumerated() {
      _ = queue.add(at: time(Int64(deadline))) { run.append(index) }
    }
    #expect(queue.next == time(1))
    while let action = queue.popDue(at: time(5)) { action() }
    #expect(run == [3, 1, 4, 0, 2])
    #expect(queue.next == time(9))
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `what is cancelled does not run, all else does in order`(_ seed: UInt64) {
    var queue = TimerQueue()
    var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    func random(_ bound: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % bound
    }
    var timers: [LoopTimer] = []
    var run: [Int] = []
    var deadlines: [Int64] = []
    for index in 0..<200 {
      deadlines.append(Int64(random(50)))
      timers.append(queue.add(at: time(deadlines[index])) { run.append(index) })
    }
    var kept = Set(0..<200)
    for _ in 0..<120 {
      let index = Int(random(200))
      queue.cancel(timers[index])
      kept.remove(index)
    }
    while let action = queue.popDue(at: time(50)) { action() }
    #expect(run == kept.sorted { (deadlines[$0], $0) < (deadlines[$1], $1) })
    #expect(queue.next == nil)
  }
}
