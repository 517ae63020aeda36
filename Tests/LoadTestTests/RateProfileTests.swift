import Testing

@testable import LoadTest

@Suite struct RateProfileTests {
  @Test(arguments: [
    ("1000", [RateProfile.Stage(from: 1_000, duration: .seconds(10))]),
    ("1000:30s", [RateProfile.Stage(from: 1_000, duration: .seconds(30))]),
    ("0-5000:1.5m", [RateProfile.Stage(from: 0, to: 5_000, duration: .seconds(90))]),
    (
      "100:1s,200:2s",
      [
        RateProfile.Stage(from: 100, duration: .seconds(1)),
        RateProfile.Stage(from: 200, duration: .seconds(2)),
      ]
    ),
  ])
  func `rates are read`(text: String, stages: [RateProfile.Stage]) throws {
    #expect(try RateProfile(text: text, duration: .seconds(10)).stages == stages)
  }

  @Test(arguments: [
    "", "fast", "100,", "100:0s", "100:x", "-5", "1-2-3", "0", "nan", "inf", "1e9", "100:30",
  ])
  func `what is no rate is refused`(text: String) {
    #expect(throws: LoadPlanError.self) {
      try RateProfile(text: text, duration: .seconds(10))
    }
  }
}
