import InteropContracts
import Platform
import RPC

/// `grpc.testing.TestService`, as gRPC's description of the interoperability tests wants it.
struct TestServer: GRPCTesting.TestService {
  private static let echoedInitially = "x-grpc-test-echo-initial"
  private static let echoedFinally = "x-grpc-test-echo-trailing-bin"

  func emptyCall(
    _ request: GRPCTesting.Empty, _ context: CallContext
  ) async throws -> GRPCTesting.Empty {
    GRPCTesting.Empty()
  }

  func unaryCall(
    _ request: GRPCTesting.SimpleRequest, _ context: CallContext
  ) async throws -> GRPCTesting.SimpleResponse {
    echoMetadata(context)
    try check(request.expectCompressed, context)
    try fail(as: request.responseStatus)
    context.compressesResponses = request.responseCompressed?.value ?? false
    var response = GRPCTesting.SimpleResponse()
    response.payload = try payload(request.responseSize)
    return response
  }

  func cacheableUnaryCall(
    _ request: GRPCTesting.SimpleRequest, _ context: CallContext
  ) async throws -> GRPCTesting.SimpleResponse {
    try await unaryCall(request, context)
  }

  func streamingOutputCall(
    _ request: GRPCTesting.StreamingOutputCallRequest,
    _ responses: ResponseWriter<GRPCTesting.StreamingOutputCallResponse>, _ context: CallContext
  ) async throws {
    echoMetadata(context)
    try await answer(request, responses, context)
  }

  func streamingInputCall(
    _ requests: RequestStream<GRPCTesting.StreamingInputCallRequest>, _ context: CallContext
  ) async throws -> GRPCTesting.StreamingInputCallResponse {
    echoMetadata(context)
    var size = 0
    while let request = try await requests.next() {
      try check(request.expectCompressed, context)
      size += request.payload?.body.count ?? 0
    }
    return GRPCTesting.StreamingInputCallResponse(
      aggregatedPayloadSize: Int32(clamping: size))
  }

  func fullDuplexCall(
    _ requests: RequestStream<GRPCTesting.StreamingOutputCallRequest>,
    _ responses: ResponseWriter<GRPCTesting.StreamingOutputCallResponse>, _ context: CallContext
  ) async throws {
    echoMetadata(context)
    while let request = try await requests.next() {
      try await answer(request, responses, context)
    }
  }

  func halfDuplexCall(
    _ requests: RequestStream<GRPCTesting.StreamingOutputCallRequest>,
    _ responses: ResponseWriter<GRPCTesting.StreamingOutputCallResponse>, _ context: CallContext
  ) async throws {
    echoMetadata(context)
    var kept: [GRPCTesting.StreamingOutputCallRequest] = []
    while let request = try await requests.next() {
      guard kept.count < 1000 else {
        throw RPCError(.resourceExhausted, "at most 1,000 requests are kept for their answers")
      }
      kept.append(request)
    }
    for request in kept { try await answer(request, responses, context) }
  }

  func unimplementedCall(
    _ request: GRPCTesting.Empty, _ context: CallContext
  ) async throws -> GRPCTesting.Empty {
    throw RPCError(.unimplemented, "nobody serves this method; it is there to fail")
  }

  // MARK: What the methods have in common

  private func answer(
    _ request: GRPCTesting.StreamingOutputCallRequest,
    _ responses: ResponseWriter<GRPCTesting.StreamingOutputCallResponse>, _ context: CallContext
  ) async throws {
    try fail(as: request.responseStatus)
    for wanted in request.responseParameters {
      if wanted.intervalUs > 0 {
        let wake = context.time.now() + .microseconds(Int64(wanted.intervalUs))
        await context.time.sleep(until: wake)
        try Task.checkCancellation()
      }
      context.compressesResponses = wanted.compressed?.value ?? false
      var response = GRPCTesting.StreamingOutputCallResponse()
      response.payload = try payload(wanted.size)
      try await responses.send(response)
    }
  }

  private func echoMetadata(_ context: CallContext) {
    if let value = context.metadata[Self.echoedInitially] {
      context.initialMetadata.add(Self.echoedInitially, value)
    }
    if let value = context.metadata[Self.echoedFinally] {
      context.trailingMetadata.add(Self.echoedFinally, value)
    }
  }

  private func check(_ expected: GRPCTesting.BoolValue?, _ context: CallContext) throws {
    guard let expected, expected.value != context.requestWasCompressed else { return }
    throw RPCError(
      .invalidArgument,
      expected.value ? "the request must come compressed" : "the request must not be compressed")
  }

  private func fail(as status: GRPCTesting.EchoStatus?) throws {
    guard let status, status.code != 0 else { return }
    throw RPCError(RPCCode(rawValue: Int(status.code)) ?? .unknown, status.message)
  }

  private func payload(_ size: Int32) throws -> GRPCTesting.Payload {
    // A little less than the 4 MiB that a message may have.
    guard (0...4_000_000).contains(size) else {
      throw RPCError(.invalidArgument, "a payload has 0 to 4,000,000 bytes, not \(size)")
    }
    return GRPCTesting.Payload(body: [UInt8](repeating: 0, count: Int(size)))
  }
}
