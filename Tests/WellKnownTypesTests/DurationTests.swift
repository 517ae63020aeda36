import Testing
import WellKnownTypes
import Wire

@Suite struct DurationTests {
  @Test(arguments: [
    (Duration.seconds(3), #""3s""#),
    (.milliseconds(1_500), #""1.500s""#),
    (.milliseconds(-1_500), #""-1.500s""#),
    (.nanoseconds(1), #""0.000000001s""#),
    (.zero, #""0s""#),
  ])
  func `Swift's durations become the schema's and come back`(
    _ duration: Duration, _ json: String
  ) throws {
    let message = GoogleProtobuf.Duration(duration)
    #expect(message.duration == duration)
    #expect(String(decoding: try message.encoded(as: .json), as: UTF8.self) == json)
  }
}
