import Platform
import RPC
import RPCServices
import Testing

/// What probes learn from the health service.
struct HealthServiceTests {
  private let health = HealthService(["shop.v1.Shop"])
  private var client: GRPCHealth.HealthClient<InProcessTransport> {
    GRPCHealth.HealthClient(InProcessTransport(to: Router(health)))
  }

  @Test(arguments: ["", "shop.v1.Shop"])
  func `a service that was named serves, and so does the server`(name: String) async throws {
    let response = try await client.check(GRPCHealth.HealthCheckRequest(service: name))
    #expect(response.status == .serving)
  }

  @Test func `nobody knows of a service that was not named`() async throws {
    let error = await #expect(throws: RPCError.self) {
      _ = try await client.check(GRPCHealth.HealthCheckRequest(service: "shop.v1.Bank"))
    }
    #expect(error?.code == .notFound)
  }

  @Test func `a watch tells each change, and ends when the server stops`() async throws {
    let seen = Lock<[GRPCHealth.HealthCheckResponse.ServingStatus?]>([])
    let request = GRPCHealth.HealthCheckRequest(service: "shop.v1.Shop")
    var code: RPCCode?
    do {
      try await client.watch(request) { [health] (statuses) async throws in
        let first = try await statuses.next()?.status
        health.set("shop.v1.Shop", .notServing)
        let second = try await statuses.next()?.status
        health.stop()
        seen.withLock { $0 = [first, second] }
        while try await statuses.next() != nil {}
      }
    } catch let error as RPCError {
      code = error.code
    }
    #expect(code == .unavailable)
    #expect(seen.withLock { $0 } == [.serving, .notServing])
  }

  @Test func `a watch that comes after the stop is told so, and ends`() async throws {
    health.stop()
    let seen = Lock<[GRPCHealth.HealthCheckResponse.ServingStatus]>([])
    let request = GRPCHealth.HealthCheckRequest(service: "shop.v1.Shop")
    var code: RPCCode?
    do {
      try await client.watch(request) { (statuses) async throws in
        while let next = try await statuses.next() { seen.withLock { $0.append(next.status) } }
      }
    } catch let error as RPCError {
      code = error.code
    }
    #expect(code == .unavailable)
    #expect(seen.withLock { $0 } == [.notServing])
  }

  @Test func `a watch of an unknown service waits for it`() async throws {
    let request = GRPCHealth.HealthCheckRequest(service: "later")
    let seen = try await client.watch(request) { [health] (statuses) async throws in
      let first = try await statuses.next()?.status
      health.set("later", .serving)
      return [first, try await statuses.next()?.status]
    }
    #expect(seen == [.serviceUnknown, .serving])
  }
}
