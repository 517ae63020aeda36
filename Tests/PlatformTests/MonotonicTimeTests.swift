import Platform
import Testing

@Suite struct MonotonicTimeTests {
  @Test func `adding past the end gives the distant future`() {
    let late = MonotonicTime(nanoseconds: .max - 1)
    #expect(late + .seconds(1) == .distantFuture)
    #expect(MonotonicTime(nanoseconds: 0) + .seconds(Int64.max) == .distantFuture)
  }

  @Test(
    arguments: [
      (Duration.seconds(2), 2_000_000_000), (.nanoseconds(7), 7), (.milliseconds(-3), -3_000_000),
      (.seconds(Int64.max), .max), (.seconds(Int64.min), .min),
    ] as [(Duration, Int64)])
  func `a duration has whole nanoseconds within 64 bits`(_ duration: Duration, _ expected: Int64) {
    #expect(duration.nanoseconds == expected)
  }

  @Test func `the machine's clock goes forward`() {
    let time = SystemTime()
    let first = time.now()
    #expect(time.now() >= first)
    #expect(time.sinceEpoch() > .seconds(1_700_000_000))
  }
}
