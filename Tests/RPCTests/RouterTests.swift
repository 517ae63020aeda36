import Testing
import Wire

@testable import RPC

@Suite struct RouterTests {
  private struct Text: Message {
    var content = ""
    var unknownFields = UnknownFields()

    init() {}
    init(_ content: String) { self.content = content }

    static let layout = MessageLayout(Self.self, "test.Text", unknown: \.unknownFields) { fields in
      fields.singular(1, "content", .string, \.content)
    }
  }

  private static let echo = RPC.Method<Text, Text>(service: "test.Echo", name: "Say", kind: .unary)
  private static let flood = RPC.Method<Text, Text>(
    service: "test.Echo", name: "Flood", kind: .serverStreaming)

  private struct Mishap: Error {}

  private var router: Router {
    var router = Router()
    router.unary(Self.echo) { text, _ in
      if text.content == "fail" { throw Mishap() }
      return text
    }
    router.serverStreaming(Self.flood) { text, responses, _ in
      while true { try await responses.send(text) }
    }
    return router
  }

  @Test func `an unknown method is unimplemented`() async {
    let other = RPC.Method<Text, Text>(service: "test.Echo", name: "Sing", kind: .unary)
    await #expect(throws: RPCError(.unimplemented, "there is no method /test.Echo/Sing")) {
      try await InProcessTransport(to: router).unary(other, Text(), options: CallOptions())
    }
  }

  @Test func `a method called as another kind is unimplemented`() async {
    let error = await #expect(throws: RPCError.self) {
      try await InProcessTransport(to: router).unary(
        Self.flood, Text(), options: CallOptions())
    }
    #expect(error?.code == .unimplemented)
  }

  @Test func `what a handler throws of its own stays inside`() async {
    await #expect(
      throws: RPCError(.internal, "the service failed; the cause is in its log")
    ) {
      try await InProcessTransport(to: router).unary(
        Self.echo, Text("fail"), options: CallOptions())
    }
  }

  @Test func `a request that cannot be read is an invalid argument`() async {
    let error = await #expect(throws: RPCError.self) {
      try await InProcessTransport(to: router).unary(
        Self.echo.descriptor, [0xFF], options: CallOptions())
    }
    #expect(error?.code == .invalidArgument)
  }

  @Test(arguments: ["unary", "stream"])
  func `metadata of an answer that could not travel is refused without a network, too`(
    _ kind: String
  ) async {
    var router = Router()
    router.unary(Self.echo) { text, context in
      context.trailingMetadata.add("x", "a\r\nb")
      return text
    }
    router.serverStreaming(Self.flood) { text, responses, context in
      context.initialMetadata.add("content-length", "1")
      try await responses.send(text)
    }
    let transport = InProcessTransport(to: router)
    let error = await #expect(throws: RPCError.self) {
      if kind == "unary" {
        _ = try await transport.unary(Self.echo, Text("a"), options: CallOptions())
      } else {
        try await transport.serverStreaming(Self.flood, Text("a"), options: CallOptions()) {
          while try await $0.next() != nil {}
        }
      }
    }
    #expect(error?.code == .internal)
    #expect(error?.message.contains("metadata that cannot be sent") == true)
  }

  @Test func `an endless stream ends when its reader does`() async throws {
    let transport = InProcessTransport(to: router, messagesMax: 2)
    let first = try await transport.serverStreaming(
      Self.flood, Text("x"), options: CallOptions()
    ) { responses in
      try await responses.next()
    }
    #expect(first == Text("x"))
  }

  @Test func `a second response to a call of one is an internal failure`() async {
    let one = RPC.Method<Text, Text>(
      service: "test.Echo", name: "Flood", kind: .clientStreaming)
    await #expect(
      throws: RPCError(.internal, "the service gave a second response to a call of one")
    ) {
      try await InProcessTransport(to: router).clientStreaming(one, options: CallOptions()) {
        try await $0.send(Text("x"))
      }
    }
  }
}
