import Testing
import WellKnownTypes

@Suite struct TimestampSwiftTests {
  @Test(
    arguments: [
      (0, 0, 0), (1_500_000, 1, 500_000_000), (-1, -1, 999_999_000), (-1_000_000, -1, 0),
      (-1_500_000, -2, 500_000_000),
    ] as [(Int64, Int64, Int32)])
  func `microseconds become seconds and a part that is never negative`(
    _ microseconds: Int64, _ seconds: Int64, _ nanos: Int32
  ) {
    let timestamp = GoogleProtobuf.Timestamp(microsecondsSinceEpoch: microseconds)
    #expect(timestamp == GoogleProtobuf.Timestamp(seconds: seconds, nanos: nanos))
    #expect(timestamp.sinceEpoch.wholeMicroseconds == microseconds)
  }

  @Test func `parts of a microsecond are cut towards the past`() {
    #expect(Duration.nanoseconds(1_999).wholeMicroseconds == 1)
    #expect(Duration.nanoseconds(-1).wholeMicroseconds == -1)
    #expect(Duration.seconds(Int64.max).wholeMicroseconds == .max)
  }
}
