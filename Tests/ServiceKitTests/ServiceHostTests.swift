import Access
import OperationsContracts
import Platform
import RPC
import SampleService
import Storage
import StorageTesting
import Testing
import Wire

@testable import ServiceKit

/// Two services in one process, on virtual time.
@Suite(.timeLimit(.minutes(1))) struct ServiceHostTests {
  private let place = Neighbourhood()
  private let asOperator = Neighbourhood.called(by: "operator")

  @Test(arguments: Engine.allCases)
  func `services call each other, and a repeated call is answered from its record`(
    _ engine: Engine
  ) async throws {
    try await place.run(engine) { _, porter in
      let client = Sample.PorterClient(porter.transport())
      let request = Sample.SignRequest(id: "a", name: "Noor")
      let first = try await client.bring(request, options: asOperator)
      let again = try await client.bring(request, options: asOperator)
      let other = try await client.bring(
        Sample.SignRequest(id: "b", name: "Omar"), options: asOperator)
      #expect(first.place == 1 && again == first && other.place == 2)
    }
  }

  @Test func `a caller who is not on the list is refused, by name or without`() async throws {
    try await place.run { book, _ in
      let client = Sample.GuestBookClient(book.transport())
      for options in [CallOptions(), Neighbourhood.called(by: "onboarding")] {
        let error = await #expect(throws: RPCError.self) {
          try await client.sign(Sample.SignRequest(id: "a"), options: options)
        }
        #expect(error?.code == .permissionDenied)
      }
    }
  }

  @Test func `a deadline passes on virtual time`() async throws {
    try await place.run { book, _ in
      let client = Sample.GuestBookClient(book.transport())
      let sleeping = place.time.sleeperCount
      async let answer = client.linger(
        Sample.LingerRequest(milliseconds: 3_600_000),
        options: Neighbourhood.called(by: "operator", timeout: .seconds(10)))
      await place.untilSleeping(sleeping + 2)
      place.time.advance(by: .seconds(11))
      do {
        _ = try await answer
        Issue.record("the call was answered")
      } catch {
        #expect(RPCError(reporting: error).code == .deadlineExceeded)
      }
    }
  }

  @Test func `a request id and a trace go through all services of a call`() async throws {
    try await place.run { _, porter in
      let client = Sample.PorterClient(porter.transport())
      var options = asOperator
      options.metadata.set("x-request-id", "request-7")
      options.metadata.set(
        "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
      _ = try await client.bring(Sample.SignRequest(id: "a", name: "Noor"), options: options)
      // Beside them are those of the services' asking after each other's health.
      let spans = place.tracer.take(atMost: 100)
        .filter { $0.place.traceHigh == 0x0af7_6519_16cd_43dd }
      #expect(spans.map(\.method.name) == ["Sign", "Sign", "Bring"])
      #expect(spans.map(\.kind) == [.server, .client, .server])
      #expect(
        spans.map(\.parent) == [
          spans[1].place.span, spans[2].place.span, 0xb7ad_6b71_6920_3331,
        ])
      let logged = place.lines.all.withLock { $0.filter { $0.contains("request-7") } }
      #expect(logged.count == 2)
    }
  }

  @Test func `what the schema marks as sensitive is not in the log`() async throws {
    try await place.run { _, porter in
      let client = Sample.PorterClient(porter.transport())
      _ = try await client.bring(
        Sample.SignRequest(id: "a", name: "Noor", secret: "open sesame"), options: asOperator)
      #expect(place.lines.text.contains("Noor"))
      #expect(place.lines.text.contains("***"))
      #expect(!place.lines.text.contains("sesame"))
    }
  }

  // MARK: Jobs

  @Test func `a job runs once in its period, and tells how it fared`() async throws {
    let (runs, ran) = AsyncStream.makeStream(of: Void.self)
    let fails = Lock(false)
    struct Broken: Error {}
    let options = GuestBook.Options {
      ran.yield()
      if fails.withLock({ $0 }) { throw Broken() }
    }
    try await place.run(.sqlite, options) { book, _ in
      var iterator = runs.makeAsyncIterator()
      await iterator.next()
      func tick() -> JobRunner.Status? {
        book.runners.first { $0.job.name == "tick" }?.status
      }
      let sleeping = 6
      await place.untilSleeping(sleeping)
      #expect(tick()?.lastRunAt == place.time.sinceEpoch())
      fails.withLock { $0 = true }
      place.time.advance(by: .seconds(60))
      await iterator.next()
      while tick()?.lastFault.isEmpty == true { await Task.yield() }
      #expect(tick()?.lastFault == "Broken()")
      #expect(place.lines.text.contains("a background job failed"))
    }
  }

  @Test func `of two copies one does a job, and the other takes over when it stops`() async throws {
    let (runs, ran) = AsyncStream.makeStream(of: String.self)
    try await Engine.postgreSQL.withLocation { location in
      func copy(_ name: String) -> GuestBook.Options { GuestBook.Options { ran.yield(name) } }
      try await ServiceHost.run(
        GuestBook.definition, copy("first"), in: place.surroundings(location)
      ) { first in
        var iterator = runs.makeAsyncIterator()
        let one = await iterator.next()
        #expect(one == "first")
        // The second finds the lease taken, and asks again.
        let sleeping = place.time.sleeperCount
        try await ServiceHost.run(
          GuestBook.definition, copy("second"), in: place.surroundings(location)
        ) { second in
          await place.untilSleeping(sleeping + 1)
          let isIdle = second.runners.allSatisfy { !$0.status.isLeasedHere || !$0.job.isLeased }
          #expect(isIdle)
          #expect(first.runners.contains { $0.job.name == "tick" && $0.status.isLeasedHere })
        }
      }
    }
  }

  // MARK: Admin port

  @Test func `the admin port tells whether calls are taken, and what is counted`() async throws {
    try await place.run { book, porter in
      _ = try await Sample.PorterClient(porter.transport()).bring(
        Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
      let metrics = book.environment.metrics
      func answer(_ path: String) -> AdminAnswer {
        AdminServer.answer(path, book.readiness, metrics)
      }
      #expect(answer("/livez").status == 200)
      #expect(answer("/readyz").body == "ready\n")
      book.readiness.set("database", "it is away")
      #expect(answer("/readyz").status == 503)
      #expect(answer("/readyz").body == "database: it is away\n")
      #expect(answer("/").status == 404)
      let text = answer("/metrics").body
      #expect(
        text.contains(
          #"sarai_rpc_server_calls_total{method="/sample.v1.GuestBook/Sign",code="OK"} 1"#))
      for name in [
        "process_resident_memory_bytes", "sarai_database_commit_seconds_count",
        "sarai_database_waiting{access=\"write\"} 0", "sarai_job_failing{job=\"outbox-relay\"} 0",
        "sarai_build_info{service=\"catalog\"", "sarai_spans_total{end=\"dropped\"} 0",
      ] {
        #expect(text.contains("\n\(name)"), "\(name)")
      }
    }
  }
}
