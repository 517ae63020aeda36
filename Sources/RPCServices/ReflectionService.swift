import RPC

/// `grpc.reflection.v1.ServerReflection`: tells tools what a server serves.
struct ReflectionService: GRPCReflection.ServerReflection {
  let files: ReflectedFiles
  /// The full names of the services, sorted.
  let services: [String]

  func serverReflectionInfo(
    _ requests: RequestStream<GRPCReflection.ServerReflectionRequest>,
    _ responses: ResponseWriter<GRPCReflection.ServerReflectionResponse>, _ context: CallContext
  ) async throws {
    while let request = try await requests.next() {
      var response = GRPCReflection.ServerReflectionResponse()
      response.validHost = request.host
      response.messageResponse = answer(request)
      response.originalRequest = request
      try await responses.send(response)
    }
  }

  private func answer(
    _ request: GRPCReflection.ServerReflectionRequest
  ) -> GRPCReflection.ServerReflectionResponse.MessageResponse {
    switch request.messageRequest {
    case .fileByFilename(let name):
      return descriptors(files.file(named: name), "file `\(name)`")
    case .fileContainingSymbol(let symbol):
      return descriptors(files.file(declaring: symbol), "symbol `\(symbol)`")
    case .fileContainingExtension(let which):
      return descriptors(
        files.file(extending: which.containingType, with: which.extensionNumber),
        "extension \(which.extensionNumber) of `\(which.containingType)`")
    case .allExtensionNumbersOfType(let message):
      guard let numbers = files.extensionNumbers(of: message) else {
        return failure(.notFound, "there is no message `\(message)` here")
      }
      return .allExtensionNumbersResponse(
        GRPCReflection.ExtensionNumberResponse(baseTypeName: message, extensionNumber: numbers))
    case .listServices:
      return .listServicesResponse(
        GRPCReflection.ListServiceResponse(
          service: services.map { GRPCReflection.ServiceResponse(name: $0) }))
    case nil:
      return failure(.invalidArgument, "the request asks nothing: set one of its five questions")
    }
  }

  private func descriptors(
    _ found: [[UInt8]]?, _ what: String
  ) -> GRPCReflection.ServerReflectionResponse.MessageResponse {
    guard let found else { return failure(.notFound, "there is no \(what) here") }
    return .fileDescriptorResponse(
      GRPCReflection.FileDescriptorResponse(fileDescriptorProto: found))
  }

  private func failure(
    _ code: RPCCode, _ message: String
  ) -> GRPCReflection.ServerReflectionResponse.MessageResponse {
    .errorResponse(
      GRPCReflection.ErrorResponse(errorCode: Int32(code.rawValue), errorMessage: message))
  }
}

/// The same by its earlier name.
struct AlphaReflectionService: GRPCReflectionAlpha.ServerReflection {
  let service: ReflectionService

  func serverReflectionInfo(
    _ requests: RequestStream<GRPCReflection.ServerReflectionRequest>,
    _ responses: ResponseWriter<GRPCReflection.ServerReflectionResponse>, _ context: CallContext
  ) async throws {
    try await service.serverReflectionInfo(requests, responses, context)
  }
}
