import InteropContracts
import Platform
import RPC
import RPCTransport

/// One case of gRPC's interoperability tests.
struct InteropCase: Sendable {
  typealias Client = GRPCTesting.TestServiceClient<RPCClient>

  let name: String
  let run: @Sendable (RPCClient) async throws -> Void

  init(_ name: String, _ run: @escaping @Sendable (Client) async throws -> Void) {
    self.name = name
    self.run = { try await run(Client($0)) }
  }

  static let all = unary + streams + failures

  static func simple(request: Int = 271_828, response: Int32 = 314_159) -> GRPCTesting.SimpleRequest
  {
    var simple = GRPCTesting.SimpleRequest()
    simple.responseSize = response
    simple.payload = payload(request)
    return simple
  }

  static func payload(_ size: Int) -> GRPCTesting.Payload {
    GRPCTesting.Payload(body: [UInt8](repeating: 0, count: size))
  }

  static func output(_ sizes: Int32..., request: Int = 0) -> GRPCTesting.StreamingOutputCallRequest
  {
    var output = GRPCTesting.StreamingOutputCallRequest()
    output.responseParameters = sizes.map { GRPCTesting.ResponseParameters(size: $0) }
    output.payload = payload(request)
    return output
  }

  static func zeros(_ payload: GRPCTesting.Payload?, _ size: Int) throws {
    try Expectation.equal(payload?.body.count, size, "bytes of the payload")
    let isZero = payload?.body.allSatisfy { $0 == 0 } ?? false
    try Expectation.equal(isZero, true, "the payload's bytes are zeros")
  }

  private static func largeUnary(_ client: Client) async throws {
    try zeros(try await client.unaryCall(simple()).payload, 314_159)
  }

  private static let unary = [
    Self("empty_unary") { client in
      let response = try await client.emptyCall(GRPCTesting.Empty())
      try Expectation.equal(response, GRPCTesting.Empty(), "response")
    },
    Self("large_unary") { try await largeUnary($0) },
    Self("cacheable_unary") { client in
      let options = CallOptions(metadata: ["x-user-ip": "1.2.3.4"])
      try zeros(
        try await client.cacheableUnaryCall(simple(), options: options).payload, 314_159)
    },
    Self("client_compressed_unary") { client in
      var request = simple()
      request.expectCompressed = GRPCTesting.BoolValue(value: true)
      let compressed = request
      try await Expectation.failure(.invalidArgument) { _ = try await client.unaryCall(compressed) }
      var options = CallOptions()
      options.usesCompression = true
      try zeros(try await client.unaryCall(compressed, options: options).payload, 314_159)
      request.expectCompressed = GRPCTesting.BoolValue(value: false)
      try zeros(try await client.unaryCall(request).payload, 314_159)
    },
    Self("server_compressed_unary") { client in
      for wanted in [true, false] {
        var request = simple()
        request.responseCompressed = GRPCTesting.BoolValue(value: wanted)
        try zeros(try await client.unaryCall(request).payload, 314_159)
      }
    },
    Self("custom_metadata") { try await customMetadata($0) },
    Self("rpc_soak") { client in for _ in 0..<100 { try await largeUnary(client) } },
    Self("concurrent_large_unary") { client in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<100 { group.addTask { try await largeUnary(client) } }
        try await group.waitForAll()
      }
    },
  ]

  private static func customMetadata(_ client: Client) async throws {
    let initial = ("x-grpc-test-echo-initial", "test_initial_metadata_value")
    let trailing = ("x-grpc-test-echo-trailing-bin", "q6ur")
    var options = CallOptions(metadata: [initial.0: initial.1, trailing.0: trailing.1])
    let received = Lock<ReplyMetadata?>(nil)
    options.receivesMetadata = { metadata in received.withLock { $0 = metadata } }
    let check = { @Sendable in
      let metadata = received.withLock { $0 }
      try Expectation.equal(metadata?.initial[initial.0], initial.1, "initial metadata")
      try Expectation.equal(metadata?.trailing[trailing.0], trailing.1, "trailing metadata")
    }
    try zeros(try await client.unaryCall(simple(), options: options).payload, 314_159)
    try check()
    received.withLock { $0 = nil }
    try await client.fullDuplexCall(options: options) { requests, responses in
      try await requests.send(output(314_159, request: 271_828))
      requests.finish()
      try zeros(try await responses.next()?.payload, 314_159)
      try Expectation.equal(try await responses.next(), nil, "second response")
    }
    try check()
  }
}
