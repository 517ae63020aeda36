import Platform
import Testing

@Suite struct MonitorTests {
  @Test func `threads wait for what others change`() async {
    let turns = Monitor<[Int]>([])
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      for thread in 0..<4 {
        Thread.start {
          for round in 0..<100 {
            // Each adds its number when the one before it has.
            turns.wait { $0.count == round * 4 + thread ? () : nil }
            turns.change(waking: .all) { $0.append(thread) }
          }
        }
      }
      Thread.start {
        turns.wait { $0.count == 400 ? () : nil }
        continuation.resume()
      }
    }
    let all = turns.change(waking: .one) { $0 }
    #expect(all == (0..<400).map { $0 % 4 })
  }
}
