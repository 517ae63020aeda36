public import RPC
import RPCServices
public import SchemaCompiler
import Wire

/// Asks a server for its schema: gRPC's reflection, version 1, or v1alpha where there is no other.
public struct ReflectionClient: Sendable {
  typealias Request = GRPCReflection.ServerReflectionRequest
  typealias Response = GRPCReflection.ServerReflectionResponse

  /// What a server may make this side keep.
  private static let filesMax = 2_000
  private static let bytesMax = 32 << 20
  private static let servicesMax = 10_000

  private let transport: any ClientTransport
  private let options: CallOptions

  /// - Parameter options: of each call, such as what the server wants to know of the caller.
  public init(over transport: any ClientTransport, options: CallOptions) {
    self.transport = transport
    self.options = options
  }

  /// The full names of the server's services, sorted.
  ///
  /// - Throws: `CallFailure`.
  public func services() async throws(CallFailure) -> [String] {
    try await conversation { ask in
      var request = Request()
      request.messageRequest = .listServices("*")
      guard case .listServicesResponse(let list) = try await ask(request) else {
        throw CallFailure.answer("the server's reflection did not answer with services")
      }
      guard list.service.count <= Self.servicesMax else {
        throw CallFailure.answer("the server names more than \(Self.servicesMax) services")
      }
      return list.service.map(\.name).sorted()
    }
  }

  /// The schema of the files that declare these symbols, and of all that they import.
  ///
  /// - Throws: `CallFailure`.
  public func schema(declaring symbols: [String]) async throws(CallFailure) -> Schema {
    do throws(CallFailure) {
      return try await answeredSchema(declaring: symbols)
    } catch {
      // What the server does not have was probably written wrong.
      guard case .schema(let text) = error, let services = try? await services() else {
        throw error
      }
      let unknown = symbols.first { text.contains("`\($0)`") } ?? ""
      throw .schema(text + SchemaLookup.hint(unknown, services))
    }
  }

  private func answeredSchema(declaring symbols: [String]) async throws(CallFailure) -> Schema {
    let files = try await conversation { ask in
      var gathering = Gathering()
      for symbol in symbols {
        var request = Request()
        request.messageRequest = .fileContainingSymbol(symbol)
        try gathering.add(try await ask(request))
      }
      while let path = gathering.nextMissing() {
        var request = Request()
        request.messageRequest = .fileByFilename(path)
        try gathering.add(try await ask(request))
      }
      return gathering.files
    }
    let compilation = Compilation(
      descriptorSet: DescriptorFile.set(of: files), named: "the server's schema")
    guard let schema = compilation.schema else {
      let faults = compilation.diagnostics.filter { $0.severity == .error }.prefix(5)
      throw .answer(
        "the schema that the server's reflection gives is wrong; give it with --proto or"
          + " --descriptors instead\n" + faults.map(\.description).joined(separator: "\n"))
    }
    return schema
  }

  /// The files that came, each path once.
  private struct Gathering {
    private(set) var files: [DescriptorFile] = []
    private var asked: Set<String> = []
    private var known: Set<String> = []
    private var byteCount = 0

    mutating func add(_ answer: Response.MessageResponse) throws(CallFailure) {
      guard case .fileDescriptorResponse(let response) = answer else {
        throw .answer("the server's reflection did not answer with a file")
      }
      for bytes in response.fileDescriptorProto {
        guard let file = DescriptorFile(bytes) else {
          throw .answer("the server's reflection answered with a file that cannot be read")
        }
        guard known.insert(file.path).inserted else { continue }
        byteCount += bytes.count
        files.append(file)
        guard files.count <= filesMax, byteCount <= bytesMax else {
          throw .answer(
            "the server's schema is larger than \(filesMax) files or \(bytesMax) bytes")
        }
      }
    }

    /// A file that is imported and has not come; those of protobuf itself are built in.
    mutating func nextMissing() -> String? {
      for file in files {
        for path in file.imports where !known.contains(path) && !BuiltInFiles.paths.contains(path) {
          if asked.insert(path).inserted { return path }
        }
      }
      return nil
    }
  }

  // MARK: The call

  private typealias Ask = (Request) async throws -> Response.MessageResponse

  private func conversation<T: Sendable>(
    _ body: @escaping @Sendable (Ask) async throws -> T
  ) async throws(CallFailure) -> T {
    do throws(CallFailure) {
      return try await conversation(with: "grpc.reflection.v1.ServerReflection", body)
    } catch {
      guard case .status(let status) = error, status.code == .unimplemented else { throw error }
    }
    do throws(CallFailure) {
      return try await conversation(with: "grpc.reflection.v1alpha.ServerReflection", body)
    } catch {
      guard case .status(let status) = error, status.code == .unimplemented else { throw error }
      throw .schema(
        "the server has no reflection (neither grpc.reflection.v1 nor v1alpha): name its schema"
          + " with --proto DIR or --descriptors FILE")
    }
  }

  private func conversation<T: Sendable>(
    with service: String, _ body: @escaping @Sendable (Ask) async throws -> T
  ) async throws(CallFailure) -> T {
    let method = RPC.Method<Request, Response>(
      service: service, name: "ServerReflectionInfo", kind: .bidirectional)
    do {
      return try await transport.bidirectional(method, options: options) { requests, responses in
        let result = try await body { request in
          try await requests.send(request)
          guard let response = try await responses.next() else {
            throw CallFailure.answer("the server's reflection ended without an answer")
          }
          guard let answer = response.messageResponse else {
            throw CallFailure.answer("the server's reflection gave an empty answer")
          }
          if case .errorResponse(let error) = answer { throw Self.failure(error, request) }
          return answer
        }
        requests.finish()
        return result
      }
    } catch let failure as CallFailure {
      throw failure
    } catch {
      throw .status(RPCError(reporting: error))
    }
  }

  private static func failure(
    _ error: GRPCReflection.ErrorResponse, _ request: Request
  ) -> CallFailure {
    switch request.messageRequest {
    case .fileContainingSymbol(let name) where error.errorCode == RPCCode.notFound.rawValue:
      .schema("the server has no `\(name)`")
    default:
      .answer("the server's reflection says: \(error.errorMessage) (code \(error.errorCode))")
    }
  }
}
