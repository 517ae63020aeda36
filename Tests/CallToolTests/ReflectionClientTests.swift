import CallTool
import RPC
import RPCServices
import SchemaCompiler
import Testing
import Wire

@Suite struct ReflectionClientTests {
  private typealias Request = GRPCReflection.ServerReflectionRequest
  private typealias Response = GRPCReflection.ServerReflectionResponse

  private func client(
    _ answer: @escaping @Sendable (MethodDescriptor, Request.MessageRequest?) -> Answer
  ) -> ReflectionClient {
    let transport = AnsweringTransport { (method, bytes) throws(RPCError) in
      var response = Response()
      do {
        let request = try Request(decoding: bytes, as: .protobuf)
        switch answer(method, request.messageRequest) {
        case .files(let files):
          response.messageResponse = .fileDescriptorResponse(
            GRPCReflection.FileDescriptorResponse(fileDescriptorProto: files))
        case .services(let names):
          response.messageResponse = .listServicesResponse(
            GRPCReflection.ListServiceResponse(
              service: names.map { GRPCReflection.ServiceResponse(name: $0) }))
        case .notFound:
          response.messageResponse = .errorResponse(
            GRPCReflection.ErrorResponse(errorCode: 5, errorMessage: "not found"))
        case .unimplemented: throw RPCError(.unimplemented, "no such service")
        }
        return [try response.encoded(as: .protobuf)]
      } catch {
        throw RPCError(reporting: error)
      }
    }
    return ReflectionClient(over: transport, options: CallOptions())
  }

  private enum Answer { case files([[UInt8]]), services([String]), notFound, unimplemented }

  /// A file's descriptor alone, out of a set.
  private func descriptor(_ path: String, _ texts: [String: String]) throws -> [UInt8] {
    let schema = try #require(Compilation([path], from: SchemaTexts(texts)).schema)
    let set = schema.descriptorSet(withSourceInfo: false)
    var offset = 0
    var found: [UInt8] = []
    while offset < set.count {
      offset += 1
      var (length, shift) = (0, 0)
      repeat {
        length |= Int(set[offset] & 0x7F) << shift
        shift += 7
        offset += 1
      } while set[offset - 1] >= 0x80
      found = Array(set[offset..<offset + length])
      offset += length
    }
    return found
  }

  private let texts = ["shop.proto": Shop.text, "base.proto": Shop.base]

  @Test func `files that a server leaves out are asked for`() async throws {
    let shop = try descriptor("shop.proto", texts)
    let base = try descriptor("base.proto", texts)
    let schema = try await client { _, request in
      switch request {
      case .fileContainingSymbol: .files([shop])
      case .fileByFilename("base.proto"): .files([base])
      default: .notFound
      }
    }.schema(declaring: ["demo.v1.Shop"])
    #expect(schema.service(named: "demo.v1.Shop")?.methods.count == 4)
    #expect(schema.message(named: "demo.v1.Thing") != nil)
  }

  @Test func `the order of files makes no difference`() async throws {
    let files = [try descriptor("shop.proto", texts), try descriptor("base.proto", texts)]
    for order in [files, files.reversed()] {
      let schema = try await client { _, _ in .files(order) }.schema(declaring: ["demo.v1.Shop"])
      #expect(schema.files.map(\.path) == ["base.proto", "shop.proto"])
    }
  }

  @Test func `an older server is asked by the older name`() async throws {
    let services = try await client { method, _ in
      method.service.contains("v1alpha") ? .services(["b", "a"]) : .unimplemented
    }.services()
    #expect(services == ["a", "b"])
  }

  @Test func `a server without reflection is told so`() async throws {
    let expected = CallFailure.schema(
      "the server has no reflection (neither grpc.reflection.v1 nor v1alpha): name its schema with"
        + " --proto DIR or --descriptors FILE")
    await #expect(throws: expected) { try await client { _, _ in .unimplemented }.services() }
  }

  @Test func `an unknown service is told with what was meant`() async throws {
    let expected = CallFailure.schema(
      "the server has no `demo.v1.Shp`; did you mean `demo.v1.Shop`?")
    await #expect(throws: expected) {
      _ = try await client { _, request in
        if case .listServices = request { .services(["demo.v1.Shop"]) } else { .notFound }
      }.schema(declaring: ["demo.v1.Shp"])
    }
  }

  @Test func `a server that names ever new files is left`() async throws {
    await #expect(throws: CallFailure.self) {
      _ = try await client { _, request in
        // Each file imports one more: `1` names `11`, and so on by another digit.
        var path = "0"
        if case .fileByFilename(let name) = request { path = name }
        let next = "\((Int(path) ?? 0) + 1)"
        let name = Array(path.utf8)
        let other = Array(next.utf8)
        return .files([
          [0x0A, UInt8(name.count)] + name + [0x1A, UInt8(other.count)] + other
        ])
      }.schema(declaring: ["a.B"])
    }
  }

  @Test(arguments: [[], [0xFF], [0x0A, 0x05]])
  func `bytes that are no file are refused`(_ bytes: [UInt8]) async throws {
    let expected = CallFailure.answer(
      "the server's reflection answered with a file that cannot be read")
    await #expect(throws: expected) {
      _ = try await client { _, _ in .files([bytes]) }.schema(declaring: ["a.B"])
    }
  }
}
