import RPC
import Testing
import Wire

/// A service written against the generated protocol and called through the generated client.
@Suite struct GeneratedServiceTests {
  private struct Handler: Shop.ShopService {
    func getProduct(
      _ request: Shop.GetProductRequest, _ context: CallContext
    ) async throws -> Shop.Product {
      guard request.id != "none" else { throw RPCError(.notFound, "no such product") }
      return Shop.Product(id: request.id, labels: ["caller": context.metadata["caller"] ?? ""])
    }

    func `import`(
      _ requests: RequestStream<Shop.Product>, _ context: CallContext
    ) async throws -> Shop.ImportSummary {
      var count: UInt32 = 0
      for try await _ in requests { count += 1 }
      return Shop.ImportSummary(count: count)
    }

    func watch(
      _ request: Shop.GetProductRequest, _ responses: ResponseWriter<Shop.Product>,
      _ context: CallContext
    ) async throws {
      for number in 0..<100 { try await responses.send(Shop.Product(id: "\(number)")) }
    }

    func negotiate(
      _ requests: RequestStream<Shop.Money>, _ responses: ResponseWriter<Shop.Money>,
      _ context: CallContext
    ) async throws {
      for try await offer in requests {
        try await responses.send(Shop.Money(minorUnits: offer.minorUnits * 2))
      }
    }
  }

  private func client(_ encoding: Encoding) -> Shop.ShopServiceClient<InProcessTransport> {
    Shop.ShopServiceClient(InProcessTransport(to: Router(Handler()), encoding: encoding))
  }

  @Test(arguments: Encoding.allCases)
  func `a unary call carries request, response and metadata`(_ encoding: Encoding) async throws {
    let product = try await client(encoding).getProduct(
      Shop.GetProductRequest(id: "a"), options: CallOptions(metadata: ["caller": "test"]))
    #expect(product == Shop.Product(id: "a", labels: ["caller": "test"]))
  }

  @Test func `an error of the handler reaches the caller`() async {
    await #expect(throws: RPCError(.notFound, "no such product")) {
      try await client(.native).getProduct(Shop.GetProductRequest(id: "none"))
    }
  }

  private struct Doorkeeper: ServerInterceptor {
    func callReceived(_ context: CallContext) async throws(RPCError) {
      context[OrganisationCheck.self] = OrganisationCheck { (id) throws(RPCError) in
        if id != "ours" { throw RPCError(.notFound, "another's: \(id)") }
      }
    }
  }

  @Test func `the organisation of a request is checked before its handler runs`() async throws {
    let router = Router(Handler(), interceptors: [Doorkeeper()])
    let client = Shop.ShopServiceClient(InProcessTransport(to: router))
    let ours = Shop.GetProductRequest(id: "ours")
    let theirs = Shop.GetProductRequest(id: "theirs")
    #expect(try await client.getProduct(ours).id == "ours")
    await #expect(throws: RPCError(.notFound, "another's: theirs")) {
      try await client.getProduct(theirs)
    }
    try await client.watch(ours) { _ = try await $0.next() }
    await #expect(throws: RPCError(.notFound, "another's: theirs")) {
      try await client.watch(theirs) { _ = try await $0.next() }
    }
  }

  @Test func `a client stream ends with one response`() async throws {
    let summary = try await client(.native).import { requests in
      for _ in 0..<100 { try await requests.send(Shop.Product()) }
    }
    #expect(summary.count == 100)
  }

  @Test func `a server stream delivers all responses in order`() async throws {
    let ids = try await client(.protobuf).watch(Shop.GetProductRequest()) { responses in
      var ids: [String] = []
      for try await product in responses { ids.append(product.id) }
      return ids
    }
    #expect(ids == (0..<100).map(String.init))
  }

  @Test func `both sides of a bidirectional call take turns`() async throws {
    let answers = try await client(.json).negotiate { offers, answers in
      var result: [Int64] = []
      for offer in 1...50 {
        try await offers.send(Shop.Money(minorUnits: Int64(offer)))
        result.append(try await answers.next()?.minorUnits ?? 0)
      }
      offers.finish()
      #expect(try await answers.next() == nil)
      return result
    }
    #expect(answers == (1...50).map { $0 * 2 })
  }

  @Test func `methods carry what the schema says of repeating them`() {
    #expect(Shop.ShopServiceMethods.getProduct.idempotency == .noSideEffects)
    #expect(Shop.ShopServiceMethods.import.idempotency == .idempotent)
    #expect(Shop.ShopServiceMethods.negotiate.idempotency == .unknown)
    #expect(Shop.ShopServiceMethods.watch.path == "/example.shop.v1.ShopService/Watch")
  }
}
