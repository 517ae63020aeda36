import RPC
import RPCServices
import Testing
import Wire

/// What tools learn from reflection.
struct ReflectionTests {
  private let client: GRPCReflection.ServerReflectionClient<InProcessTransport>

  init() throws {
    var router = Router(HealthService())
    try router.addReflection()
    client = GRPCReflection.ServerReflectionClient(InProcessTransport(to: router))
  }

  private func answer(
    _ question: GRPCReflection.ServerReflectionRequest.MessageRequest
  ) async throws -> GRPCReflection.ServerReflectionResponse.MessageResponse? {
    try await client.serverReflectionInfo { requests, responses in
      var request = GRPCReflection.ServerReflectionRequest()
      request.messageRequest = question
      try await requests.send(request)
      requests.finish()
      return try await responses.next()?.messageResponse
    }
  }

  private func fileNames(
    _ question: GRPCReflection.ServerReflectionRequest.MessageRequest
  ) async throws -> [String] {
    guard case .fileDescriptorResponse(let response) = try await answer(question) else { return [] }
    return try response.fileDescriptorProto.map {
      try Reflected.File(decoding: $0, as: .protobuf).name
    }
  }

  @Test func `every service is listed, reflection's own too`() async throws {
    guard case .listServicesResponse(let list) = try await answer(.listServices("")) else {
      Issue.record("no list")
      return
    }
    #expect(
      list.service.map(\.name) == [
        "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
      ])
  }

  @Test(arguments: [
    "grpc.health.v1.Health", "grpc.health.v1.Health.Check", "grpc.health.v1.HealthCheckRequest",
    "grpc.health.v1.HealthCheckRequest.service", "grpc.health.v1.HealthCheckResponse.ServingStatus",
    "grpc.health.v1.HealthCheckResponse.NOT_SERVING",
  ])
  func `a symbol of any kind leads to its file`(symbol: String) async throws {
    #expect(try await fileNames(.fileContainingSymbol(symbol)) == ["grpc/health/v1/health.proto"])
  }

  @Test func `what a file imports comes with it`() async throws {
    #expect(
      try await fileNames(.fileByFilename("grpc/reflection/v1alpha/reflection.proto")) == [
        "grpc/reflection/v1alpha/reflection.proto", "grpc/reflection/v1/reflection.proto",
      ])
  }

  @Test(arguments: [
    GRPCReflection.ServerReflectionRequest.MessageRequest.fileByFilename("none.proto"),
    .fileContainingSymbol("grpc.health.v1.Sick"), .allExtensionNumbersOfType("No.Such"),
    .fileContainingExtension(
      GRPCReflection.ExtensionRequest(containingType: "No.Such", extensionNumber: 1)),
  ])
  func `what is not there is not found, and the stream goes on`(
    question: GRPCReflection.ServerReflectionRequest.MessageRequest
  ) async throws {
    guard case .errorResponse(let error) = try await answer(question) else {
      Issue.record("no error")
      return
    }
    #expect(error.errorCode == 5)
  }
}
