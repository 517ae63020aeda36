import RPC
import Testing

@testable import RPCTransport

/// What stands in header fields.
@Suite struct HeaderTextTests {
  @Test(
    arguments: [
      ("1H", .seconds(3600)), ("2M", .seconds(120)), ("99999999S", .seconds(99_999_999)),
      ("0m", .zero), ("5u", .microseconds(5)), ("7n", .nanoseconds(7)), ("", nil), ("S", nil),
      ("1", nil), ("123456789S", nil), ("-1S", nil), ("1s", nil), ("1.5S", nil), (" 1S", nil),
    ] as [(String, Duration?)])
  func `grpc-timeout is read as specified`(_ text: String, _ expected: Duration?) {
    let bytes = Array(text.utf8)
    let timeout = Timeout.grpc(bytes.span)
    #expect(timeout == expected)
  }

  @Test(
    arguments: [
      ("250000", .milliseconds(250)), ("99999999999999", .microseconds(99_999_999_999_999)),
      ("123456789012345", nil), ("", nil), ("-1", nil), ("1u", nil),
    ] as [(String, Duration?)])
  func `sarai-timeout is read as specified`(_ text: String, _ expected: Duration?) {
    let bytes = Array(text.utf8)
    let timeout = Timeout.sarai(bytes.span)
    #expect(timeout == expected)
  }

  @Test(
    arguments: [
      .zero, .nanoseconds(1), .microseconds(1500), .seconds(99), .seconds(101), .seconds(400_000),
      .seconds(Int64.max),
    ] as [Duration])
  func `a timeout that is written is no shorter and is read again`(_ timeout: Duration) throws {
    let grpc = Array(Timeout.grpcText(timeout).utf8)
    let sarai = Array(Timeout.saraiText(timeout).utf8)
    let years: Duration = .seconds(99_999_999)
    let grpcRead = Timeout.grpc(grpc.span)
    let saraiRead = Timeout.sarai(sarai.span)
    #expect(try #require(grpcRead) >= min(timeout, years))
    #expect(try #require(saraiRead) >= min(timeout, years))
  }

  @Test(arguments: [
    ("plain text", "plain text"), ("100 %", "100 %25"), ("a\nb", "a%0Ab"), ("ä", "%C3%A4"),
  ])
  func `grpc-message is percent-encoded, and read again`(_ text: String, _ encoded: String) {
    #expect(GRPCMessage.encode(text) == encoded)
    let bytes = Array(encoded.utf8)
    let decoded = GRPCMessage.decode(bytes.span)
    #expect(decoded == text)
  }

  @Test(arguments: ["%", "%4", "%zz", "a%"])
  func `a grpc-message that is badly encoded stays as it is`(_ text: String) {
    let bytes = Array(text.utf8)
    let decoded = GRPCMessage.decode(bytes.span)
    #expect(decoded == text)
  }

  @Test(arguments: 0..<20)
  func `Base64 is read with padding and without`(_ count: Int) {
    let bytes = (0..<count).map { UInt8($0 * 13) }
    let text = Base64Text.encode(bytes)
    #expect(Base64Text.decode(text) == bytes)
    let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
    #expect(Base64Text.decode(text + padding) == bytes)
  }

  @Test(arguments: ["A", "AA=", "AAA==", "A=AA", "AA-_", "====", "AA\n"])
  func `what is not Base64 is refused`(_ text: String) {
    #expect(Base64Text.decode(text) == nil)
  }
}
