import LoadTest
import Platform
import Testing

@Suite struct QuantityTests {
  @Test(arguments: [
    (0, "0ns"), (999, "999ns"), (1_000, "1µs"), (845_400, "845µs"), (999_499, "999µs"),
    (999_500, "1ms"), (1_270_000_000, "1.27s"), (3_600_000_000_000, "3600s"),
  ])
  func `latencies have three digits`(nanoseconds: Int64, text: String) {
    #expect(Quantity.latency(nanoseconds) == text)
  }

  @Test(arguments: [
    (0, "0"), (0.5, "0.5"), (3.14159, "3.14"), (999.4, "999"), (999.5, "1,000"),
    (1_234_567.8, "1,234,568"), (.infinity, "–"), (.nan, "–"),
  ])
  func `numbers are grouped by thousands`(value: Double, text: String) {
    #expect(Quantity.number(value) == text)
  }

  @Test func `negative numbers are grouped too`() {
    #expect(Quantity.grouped(-123_456) == "-123,456")
  }

  @Test(arguments: [(0, "0 B"), (1_536, "1.5 KiB"), (1_048_576, "1 MiB"), (5e12, "4.55 TiB")])
  func `bytes are counted by 1024`(count: Double, text: String) {
    #expect(Quantity.bytes(count) == text)
  }

  @Test(arguments: [
    ("250us", 250_000), ("10ms", 10_000_000), ("1.5s", 1_500_000_000), ("2m", 120_000_000_000),
    ("1h", 3_600_000_000_000), ("", nil), ("10", nil), ("ms", nil), ("-1s", nil), ("1d", nil),
    ("1.2.3s", nil), ("9999999h", nil),
  ])
  func `durations are read`(text: String, nanoseconds: Int64?) {
    #expect(Duration(loadText: text)?.nanoseconds == nanoseconds)
  }
}
