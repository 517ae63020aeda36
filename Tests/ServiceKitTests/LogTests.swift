import Foundation
import Platform
import RPC
import ServiceKit
import Testing

@Suite struct LogTests {
  private final class Lines: LogSink {
    let all = Lock<[String]>([])
    func write(_ line: String) { all.withLock { $0.append(line) } }
  }

  private struct Cause: Error {}

  private let lines = Lines()

  private func log(_ format: Log.Format, from level: Log.Level = .info) -> Log {
    // 2024-02-29 23:59:59.987
    let time = ManualTime(sinceEpoch: .milliseconds(1_709_251_199_987))
    return Log("identity", from: level, as: format, to: lines, time: time)
  }

  @Test func `people read the time, the level, the message and its fields`() {
    log(.text).warning(
      "the disk is nearly full", .text("path", "/data"), .text("why", "two \"words\""),
      .integer("left", 5), .duration("since", .microseconds(1_500)))
    #expect(
      lines.all.withLock { $0 } == [
        #"23:59:59.987 warning the disk is nearly full path=/data why="two \"words\"" left=5 since=1.5ms"#
      ])
  }

  @Test func `programs read JSON`() throws {
    log(.json).error("a \u{1} b\n", .text("who", "足球\u{2028}"), .duration("took", .milliseconds(2)))
    let line = try #require(lines.all.withLock(\.first))
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    #expect(object["time"] as? String == "2024-02-29T23:59:59.987Z")
    #expect(object["message"] as? String == "a \u{1} b\n")
    #expect(object["who"] as? String == "足球\u{2028}")
    #expect(object["took_ms"] as? Double == 2)
    #expect(!line.contains("\n"))
  }

  @Test func `what a caller wrote begins no line and moves no cursor`() {
    log(.text).info("a\nb\u{1B}[2J\u{202E}c", .text("x", "\u{9B}31m\r\n"))
    #expect(
      lines.all.withLock { $0 } == [#"23:59:59.987 info    a b [2J c x="\u009b31m\u000d\n""#])
  }

  @Test func `long texts are cut`() throws {
    log(.text).info(
      String(repeating: "x", count: 100_000),
      .text("who", "a" + String(repeating: "\u{301}", count: 100_000)))
    #expect(try #require(lines.all.withLock(\.first)).utf8.count < 20_000)
  }

  @Test func `lines below the level are not even made`() {
    let log = log(.text, from: .warning)
    var isMade = false
    log.info(
      {
        isMade = true
        return "x"
      }())
    #expect(!isMade)
    #expect(lines.all.withLock(\.isEmpty))
  }

  @Test(arguments: [
    (RPCCode.notFound, "info", false), (.internal, "error", true), (.dataLoss, "error", true),
  ])
  func `the cause of a failure is told when it is ours`(
    _ code: RPCCode, _ level: String, _ tellsCause: Bool
  ) throws {
    let context = CallContext(
      MethodDescriptor(service: "a.B", name: "Get", kind: .unary),
      metadata: ["x-request-id": "r1", "authorization": "Bearer secret"], time: ManualTime())
    CallLog(log(.json)).callEnded(
      context, CallOutcome(error: RPCError(code, "no"), cause: Cause(), duration: .zero))
    let line = try #require(lines.all.withLock(\.first))
    #expect(line.contains("\"level\":\"\(level)\""))
    #expect(line.contains("\"request_id\":\"r1\""))
    #expect(line.contains("\"cause\"") == tellsCause)
    #expect(!line.contains("secret"))
  }

  /// A sink writes as long as the process lives, so its pipe must.
  private static let pipe = Pipe()

  @Test func `a reader that is too slow costs lines, not time`() {
    let pipe = Self.pipe
    let sink = DescriptorSink(pipe.fileHandleForWriting.fileDescriptor)
    let line = String(repeating: "x", count: 1_000)
    for _ in 0..<5_000 { sink.write(line) }
    // Nothing was read so far: a pipe holds 64 KiB, the sink a MiB, the rest is counted.
    var text = Data()
    while !text.contains(UInt8(ascii: "(")) {
      text.append(pipe.fileHandleForReading.availableData)
      sink.write("y")
    }
    #expect(text.count < 3 << 20)
    #expect(String(decoding: text, as: UTF8.self).contains("lines were dropped"))
  }
}
