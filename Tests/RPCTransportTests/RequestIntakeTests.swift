import HTTP2
import Platform
import RPC
import Testing

@testable import RPCTransport

@Suite struct RequestIntakeTests {
  /// A window of 1,000 bytes, of which 500 are surely open.
  private let limits = {
    var limits = ServerLimits()
    limits.messageBytesMax = 10_000
    limits.http2.streamWindowBytes = 1_000
    return limits
  }()

  @Test func `what is taken is let in again, and nothing before`() throws {
    let sink = Sink()
    var intake = RequestIntake(1, .grpc, limits)
    try intake.take(in: message(300) + message(50), sink)
    #expect(sink.consumedBytes == 0)
    _ = intake.take(sink)
    #expect(sink.consumedBytes == 305)
    _ = intake.take(sink)
    #expect(sink.consumedBytes == 360 && sink.heldBytes == 0)
  }

  @Test func `empty messages count, too`() throws {
    let sink = Sink()
    var intake = RequestIntake(1, .grpc, limits)
    for _ in 0..<100 { try intake.take(in: message(0), sink) }
    #expect(sink.consumedBytes == 0)
    // Each has its envelope of 5 bytes, and costs more than that.
    #expect(sink.heldBytes > 100 * 5)
  }

  @Test func `a large message comes in as far as it was given room`() throws {
    let sink = Sink()
    sink.hasRoom = false
    var intake = RequestIntake(1, .grpc, limits)
    let bytes = message(3_000)
    try intake.take(in: Array(bytes[..<900]), sink)
    #expect(sink.askedBytes == 3_005 - 500)
    #expect(sink.consumedBytes == 0)
    intake.roomGranted(sink)
    #expect(sink.consumedBytes == 900)
    try intake.take(in: Array(bytes[900...]), sink)
    #expect(sink.givenBackBytes == 0)
    _ = intake.take(sink)
    #expect(sink.givenBackBytes == sink.askedBytes)
    #expect(sink.consumedBytes == 3_005 && sink.heldBytes == 0)
  }

  @Test func `a native body, whose length nobody knows, asks for the largest`() throws {
    let sink = Sink()
    var intake = RequestIntake(1, .native, limits)
    try intake.take(in: [UInt8](repeating: 0, count: 200), sink)
    #expect(sink.askedBytes == 0)
    try intake.take(in: [UInt8](repeating: 0, count: 200), sink)
    #expect(sink.askedBytes == 10_000 - 500)
  }

  @Test(arguments: [true, false])
  func `a call that ends gives all back`(hasRoom: Bool) throws {
    let sink = Sink()
    sink.hasRoom = hasRoom
    var intake = RequestIntake(1, .grpc, limits)
    try intake.take(in: Array(message(3_000)[..<900]), sink)
    intake.drop(sink)
    #expect(sink.heldBytes == 0 && sink.consumedBytes == 900)
    #expect(sink.givenBackBytes == sink.askedBytes && sink.wasGranted == hasRoom)
  }

  @Test func `a message with room stalls once nothing comes of it for the limit`() throws {
    let sink = Sink()
    var intake = RequestIntake(1, .grpc, limits)
    let bytes = message(3_000)
    try intake.take(in: Array(bytes[..<900]), sink)
    #expect(intake.stalls(at: 0, 30, 31) == [false, false, true])
    try intake.take(in: Array(bytes[900..<901]), sink)
    #expect(intake.stalls(at: 40, 70, 71) == [false, false, true])
    try intake.take(in: Array(bytes[901...]), sink)
    // That the handler takes its time is not the peer's fault.
    #expect(intake.stalls(at: 80, 200) == [false, false])
  }

  @Test func `a message without room does not stall, however long it waits`() throws {
    let sink = Sink()
    sink.hasRoom = false
    var intake = RequestIntake(1, .grpc, limits)
    try intake.take(in: Array(message(3_000)[..<900]), sink)
    #expect(intake.stalls(at: 0, 100) == [false, false])
    intake.roomGranted(sink)
    #expect(intake.stalls(at: 101, 131, 132) == [false, false, true])
  }

  @Test func `a connection that holds too much refuses the message`() {
    let sink = Sink()
    sink.heldBytesMax = 100
    #expect(throws: RPCError.self) {
      var intake = RequestIntake(1, .grpc, limits)
      try intake.take(in: message(200), sink)
    }
  }

  private func message(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    Envelope.append([UInt8](repeating: 0, count: count), flag: 0, to: &bytes)
    return bytes
  }
}

extension RequestIntake {
  /// What a call does with bytes that come in.
  fileprivate mutating func take(in bytes: [UInt8], _ sink: Sink) throws {
    received(byteCount: bytes.count)
    _ = try gather(bytes.span, sink)
    settle(sink)
  }

  /// Whether the call is stalled at each of these seconds, with a limit of 30.
  fileprivate mutating func stalls(at seconds: Int64...) -> [Bool] {
    var stalls: [Bool] = []
    for second in seconds {
      let now = MonotonicTime(nanoseconds: second * 1_000_000_000)
      stalls.append(isStalled(longerThan: .seconds(30), now: now))
    }
    return stalls
  }
}

/// Counts what a call asks of its connection.
private final class Sink: CallSink {
  var hasRoom = true
  var heldBytesMax = Int.max
  private(set) var consumedBytes = 0
  private(set) var heldBytes = 0
  private(set) var askedBytes = 0
  private(set) var givenBackBytes = 0
  private(set) var wasGranted = false

  func consume(_ stream: Int32, byteCount: Int) { consumedBytes += byteCount }

  func mayAnswer(byteCount: Int) -> Bool { true }
  func compress(byteCount: Int) {}
  func hold(_ byteCount: Int) -> Bool {
    heldBytes += byteCount
    return heldBytes <= heldBytesMax
  }

  func askForRoom(_ stream: Int32, byteCount: Int) -> Bool {
    askedBytes += byteCount
    return hasRoom
  }

  func giveRoomBack(_ stream: Int32, byteCount: Int, isGranted: Bool) {
    givenBackBytes += byteCount
    wasGranted = isGranted
  }

  let turnstile = Turnstile()

  func run(_ call: ServerCall, _ invocation: @escaping UnaryInvocation) {}
  func answer(_ stream: Int32, _ answer: consuming CallAnswer) {}
  func begin(_ stream: Int32, _ head: HeaderList) {}
  func send(_ stream: Int32, _ append: (inout [UInt8]) -> Void) -> Bool { true }
  func finish(_ stream: Int32, _ trailers: HeaderList?) {}
  func callEnded(_ stream: Int32) {}
  func mayTakeRequest(_ stream: Int32) -> Bool { true }
  func leaveQueue(_ stream: Int32) {}
}
