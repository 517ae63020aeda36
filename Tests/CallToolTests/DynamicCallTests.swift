import CallTool
import RPC
import SchemaCompiler
import Testing
import Wire

@Suite struct DynamicCallTests {
  /// A `Query` with a text alone is a `Thing` in every encoding.
  private let echo: @Sendable (MethodDescriptor, [UInt8]) throws(RPCError) -> [[UInt8]] = {
    _, request in [request]
  }

  private func call(
    _ method: String, _ requests: String, _ encoding: Encoding = .protobuf,
    answer: (@Sendable (MethodDescriptor, [UInt8]) throws(RPCError) -> [[UInt8]])? = nil
  ) async throws -> [String] {
    let schema = try Shop.schema()
    let call = try DynamicCall(
      of: method, in: schema, layouts: SchemaLayouts(schema),
      over: AnsweringTransport(encoding, answer: answer ?? echo), isCompact: true)
    let answers = Answers()
    try await call.run(RequestSource(Array(requests.utf8)), options: CallOptions()) {
      answers.add($0)
    }
    return answers.all
  }

  @Test(arguments: Encoding.allCases)
  func `a request goes out and its answer comes back in every encoding`(
    _ encoding: Encoding
  ) async throws {
    #expect(try await call("demo.v1.Shop/Find", #"{"text":"x"}"#, encoding) == [#"{"text":"x"}"#])
  }

  @Test func `without a request an empty one is sent`() async throws {
    #expect(try await call("demo.v1.Shop.Find", "") == ["{}"])
  }

  @Test(arguments: ["demo.v1.Shop/Put", "demo.v1.Shop/Talk"])
  func `a stream takes values one after the other`(_ method: String) async throws {
    let answers = try await call(method, #"{"text":"a"} {"text":"b"}{}"#)
    #expect(answers == [#"{"text":"a"}"#, #"{"text":"b"}"#, "{}"])
  }

  @Test func `a server's stream hands on each answer`() async throws {
    let answers = try await call("demo.v1.Shop/Watch", #"{"text":"a"}"#) { _, request in
      [request, request]
    }
    #expect(answers == [#"{"text":"a"}"#, #"{"text":"a"}"#])
  }

  @Test(arguments: [
    (
      "demo.v1.Shop/Find", "{\n \"count\": true}",
      "line 2, column 11, count: a value of the wrong type; it is to be a demo.v1.Query"
    ),
    (
      "demo.v1.Shop/Talk", "{}\n  {\"txet\": 1}",
      #"line 2, column 12, txet: a member that the message does not have ("txet" of"#
        + " demo.v1.Query); it is to be a demo.v1.Query"
    ),
    (
      "demo.v1.Shop/Find", "{}\n{}",
      "line 2, column 1: a second value, where /demo.v1.Shop/Find takes one request"
    ),
  ])
  func `a wrong request is told with its place`(
    _ method: String, _ text: String, _ expected: String
  ) async throws {
    await #expect(throws: CallFailure.input(expected)) { try await call(method, text) }
  }

  @Test(arguments: [
    ("demo.v1.Shop/Fnd", "`demo.v1.Shop` has no method `Fnd`; did you mean `Find`?"),
    ("demo.v1.Shopp/Find", "there is no service `demo.v1.Shopp`; did you mean `demo.v1.Shop`?"),
    ("Shop/Find", "there is no service `Shop`; did you mean `demo.v1.Shop`?"),
    ("Find", "`Find` names no method; write package.Service/Method"),
  ])
  func `an unknown method is told with what was meant`(
    _ method: String, _ expected: String
  ) async throws {
    await #expect(throws: CallFailure.schema(expected)) { try await call(method, "") }
  }

  @Test func `a failed call keeps its status`() async throws {
    let error = RPCError(.notFound, "no such thing")
    for method in ["Find", "Watch", "Talk"] {
      await #expect(throws: CallFailure.status(error)) {
        try await call("demo.v1.Shop/\(method)", "{}") { _, _ throws(RPCError) in throw error }
      }
    }
  }

  @Test func `an answer that is none is told so`() async throws {
    let expected = CallFailure.answer(
      "an answer of 1 bytes is no demo.v1.Thing of this schema: byte 0: the input ends inside a"
        + " value")
    await #expect(throws: expected) {
      try await call("demo.v1.Shop/Find", "{}") { _, _ in [[0x80]] }
    }
  }
}
