import LoadTest
import Platform
import RPC
import Reactor
import Testing

/// Runs against a real server on this machine.
@Suite(.timeLimit(.minutes(3))) struct LoadRunTests {
  private let group = EventLoopGroup(count: 1)

  /// Runs one method of the peer, or several.
  private func run(
    _ methods: String..., load: LoadPlan.Load = .closed, clientStreams: Bool = false,
    change: (inout LoadPlan) -> Void
  ) async throws -> LoadReport {
    let address = try await PeerServer.listen(group)
    var plan = LoadPlan(load, mix: try MethodMix(methods.map { .init("peer.Peer/\($0)") }))
    plan.duration = .seconds(20)
    change(&plan)
    let prepared = methods.map { method in
      PreparedMethod(
        "peer.Peer/\(method)", clientStreams: clientStreams, serverStreams: clientStreams,
        requests: [[1, 2, 3], [], [4]], plan: plan, callProtocol: .grpc,
        authority: address.description, isTLS: false)
    }
    let run = LoadRun(plan, target: LoadTarget(address: address), methods: prepared)
    let description = LoadReport.Run(
      target: address.description, transport: "grpc", load: plan.description, startedAt: 0, seed: 1)
    let report = try await run(on: group.next(), described: description)
    group.stop()
    return report
  }

  @Test func `a number of calls is made exactly, over all connections and streams`() async throws {
    let report = try await run("Echo") { plan in
      plan.callsMax = 1_000
      plan.connections = 3
      plan.streamsPerConnection = 7
    }
    #expect(report.calls == 1_000)
    #expect(report.failureCount == 0)
    #expect(report.messagesReceived == 1_000)
    #expect(report.bytesSent > 0 && report.bytesReceived > 0)
    #expect(report.latency.percentile(50) > 0)
  }

  @Test func `a rate is kept to the call`() async throws {
    let profile = RateProfile([.init(from: 1_000, duration: .milliseconds(300))])
    let report = try await run("Echo", load: .open(profile, .uniform)) { plan in
      plan.duration = profile.duration
      plan.connections = 2
      plan.streamsPerConnection = 50
    }
    #expect(report.calls + report.unsentCalls == 300)
    #expect(report.failureCount == 0)
  }

  @Test func `a rate goes on after a burst that took all streams`() async throws {
    // 100 calls are due at once, for 5 streams; then one each 5 ms.
    let profile = RateProfile([
      .init(from: 1_000_000, duration: .microseconds(100)),
      .init(from: 200, duration: .milliseconds(400)),
    ])
    let report = try await run("Echo", load: .open(profile, .uniform)) { plan in
      plan.duration = profile.duration
      plan.streamsPerConnection = 5
    }
    #expect(report.calls == 180)
    #expect(report.unsentCalls == 0)
  }

  @Test func `streams send and receive all their messages`() async throws {
    let report = try await run("Echo", clientStreams: true) { plan in
      plan.callsMax = 10
      plan.messagesPerStream = 2_000
    }
    #expect(report.calls == 10)
    #expect(report.messagesReceived == 20_000)
  }

  @Test(arguments: [
    ("Refuse", RPCCode.permissionDenied, "not today"),
    ("NotHTTP", .unimplemented, "HTTP status 404"),
    ("Reset", .resourceExhausted, "the server reset the stream with HTTP/2's error code 11"),
  ])
  func `failures are counted by code, with what the first said`(
    method: String, code: RPCCode, detail: String
  ) async throws {
    let report = try await run(method) { $0.callsMax = 5 }
    #expect(report.failures.map(\.code) == [code])
    #expect(report.failures.map(\.count) == [5])
    #expect(report.failureDetails[code] == detail)
  }

  @Test func `a call without an answer ends at its deadline, and its stream is free again`()
    async throws
  {
    let report = try await run("Silence") { plan in
      plan.callsMax = 4
      plan.deadline = .milliseconds(20)
    }
    #expect(report.failures.map(\.code) == [.deadlineExceeded])
    #expect(report.calls == 4)
    #expect(report.latency.min >= 20_000_000)
  }

  @Test func `what a rate asked for counts although it never came back`() async throws {
    let profile = RateProfile([.init(from: 100, duration: .milliseconds(100))])
    let report = try await run("Silence", load: .open(profile, .uniform)) { plan in
      plan.duration = profile.duration
      plan.streamsPerConnection = 4
      plan.deadline = .milliseconds(200)
    }
    #expect(report.calls == 4)
    #expect(report.unsentCalls == 6)
    #expect(report.failureCount == 4)
  }

  @Test func `a lost connection fails its calls and is opened anew`() async throws {
    let report = try await run("HangUp") { $0.callsMax = 3 }
    #expect(report.calls == 3)
    #expect(report.failures.map(\.code) == [.unavailable])
    #expect(report.connectionsLost >= 2)
  }

  @Test func `where nobody listens the run does not begin, and says so`() async throws {
    let plan = LoadPlan(.closed, mix: try MethodMix(text: "peer.Peer/Echo"))
    let address = try #require(SocketAddress("127.0.0.1", port: 1))
    let method = PreparedMethod(
      "peer.Peer/Echo", clientStreams: false, serverStreams: false, requests: [[]], plan: plan,
      callProtocol: .grpc, authority: "x", isTLS: false)
    let run = LoadRun(plan, target: LoadTarget(address: address), methods: [method])
    let description = LoadReport.Run(
      target: "", transport: "", load: "", startedAt: 0, seed: 1)
    let failure = await #expect(throws: LoadFailure.self) {
      try await run(on: group.next(), described: description)
    }
    #expect(failure?.description.contains("cannot connect to 127.0.0.1:1") == true)
  }
}
