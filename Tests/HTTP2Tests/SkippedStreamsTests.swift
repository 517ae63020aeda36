import Testing

@testable import HTTP2

@Suite struct SkippedStreamsTests {
  @Test(arguments: [
    ([1, 3, 5, 3, 1], [true, true, true, true, true]),
    ([3, 1], [true, false]),
    ([1, 9, 3, 5, 7, 1, 9, 11], [true, true, false, false, false, true, true, true]),
    ([1, 5, 9, 7, 3, 11], [true, true, true, false, false, true]),
    ([Int32.max, 1], [true, false]),
  ])
  func `what was passed over is refused`(_ streams: [Int32], _ expected: [Bool]) {
    var skipped = SkippedStreams()
    #expect(streams.map { skipped.headersReceived(on: $0) } == expected)
  }

  @Test func `the last sixteen gaps are remembered`() {
    var skipped = SkippedStreams()
    // Each of 17 streams leaves the one below it out: 1, 5, 9 and so on.
    let used = stride(from: Int32(3), through: 67, by: 4)
    #expect(used.map { skipped.headersReceived(on: $0) }.allSatisfy { $0 })
    let unused = stride(from: Int32(1), through: 65, by: 4)
    #expect(
      unused.map { skipped.headersReceived(on: $0) } == [true] + Array(repeating: false, count: 16))
  }
}
