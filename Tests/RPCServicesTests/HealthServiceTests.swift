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
    let error = await #expect(throws: RPCError.self) { [health] in
      try await client.watch(GRPCHealth.HealthCheckRequest(service: "shop.v1.Shop")) { statuses in
        #expect(try await statuses.next()?.status == .serving)
        health.set("shop.v1.Shop", .notServing)
        #expect(try await statuses.next()?.status == .notServing)
        health.set("shop.v1.Shop", .serving)
        #expect(try await statuses.next()?.status == .serving)
        health.stop()
        #expect(try await statuses.next()?.status == .notServing)
        _ = try await statuses.next()
      }
    }
    #expect(error?.code == .unavailable)
  }

  @Test func `a watch of an unknown service waits for it`() async throws {
    try await client.watch(GRPCHealth.HealthCheckRequest(service: "later")) { [health] statuses in
      #expect(try await statuses.next()?.status == .serviceUnknown)
      health.set("later", .serving)
      #expect(try await statuses.next()?.status == .serving)
    }
  }
}
