import Access
import Foundation
import Platform
import RPC
import RPCContracts
import RPCTransport
import Reactor
import SampleService
import ServiceKit
import Testing
import Wire

/// The guest book as a program.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServiceProgramTests {
  private func client(
    _ process: SampleProcess, _ group: EventLoopGroup
  ) throws -> Sample.GuestBookClient<RPCClient> {
    Sample.GuestBookClient(RPCClient(try Target(process.ready("address")), on: group))
  }

  private let asOperator = Neighbourhood.called(by: "operator", timeout: .seconds(20))

  @Test func `it serves, and what it knows outlives it`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let process = try SampleProcess()
    let request = Sample.SignRequest(id: "a", name: "Noor")
    let response = try await client(process, group).sign(request, options: asOperator)
    #expect(response.place == 1)
    process.signal(SIGTERM)
    let (text, status) = process.end()
    #expect(status == 0, "\(text)")
    #expect(text.contains("stopped"))
  }

  @Test func `calls under way end before it does, and no new ones begin`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let process = try SampleProcess()
    let book = try client(process, group)
    async let slow = book.linger(Sample.LingerRequest(milliseconds: 700), options: asOperator)
    // It is under way once a later call on the same connection has been answered.
    _ = try await book.sign(Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
    process.signal(SIGTERM)
    try process.read(until: "stopping")
    _ = try await slow
    #expect(process.end().status == 0)
  }

  @Test func `nobody waits for streams that have no end of their own`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let process = try SampleProcess(["--drain-limit", "60s"])
    let book = try client(process, group)
    _ = try await book.sign(Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
    let start = ContinuousClock.now
    do {
      try await book.follow(Sample.FollowRequest(), options: asOperator) { places in
        for try await place in places {
          #expect(place.place == 1)
          process.signal(SIGTERM)
        }
      }
      Issue.record("the stream ended as if all had come")
    } catch {
      #expect(RPCError(reporting: error).info?.reason == "DRAINING", "\(error)")
    }
    #expect(process.end().status == 0)
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func `a call that takes too long is cut off`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let process = try SampleProcess(["--drain-limit", "100ms"])
    let book = try client(process, group)
    async let slow = book.linger(Sample.LingerRequest(milliseconds: 60_000), options: asOperator)
    _ = try await book.sign(Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
    process.signal(SIGTERM)
    do {
      _ = try await slow
      Issue.record("the call was answered")
    } catch {
      #expect(RPCError(reporting: error).code == .unavailable, "\(error)")
    }
    #expect(process.end().status == 0)
  }

  @Test func `a second signal ends it at once`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let process = try SampleProcess()
    let book = try client(process, group)
    async let slow = book.linger(Sample.LingerRequest(milliseconds: 60_000), options: asOperator)
    _ = try await book.sign(Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
    process.signal(SIGTERM)
    try process.read(until: "stopping")
    process.signal(SIGINT)
    #expect(process.end().status == 128 + SIGINT)
    do {
      _ = try await slow
      Issue.record("the call was answered")
    } catch {
      #expect(RPCError(reporting: error).code == .unavailable, "\(error)")
    }
  }

  // MARK: Faults

  @Test func `all faults of the settings are told at once`() throws {
    let process = try SampleProcess(
      ["--loops", "0", "--name-length", "x", "--certificate", "a.pem", "--nonsense"],
      environment: ["SARAI_CATALOG_DRAIN_LIMIT": "soon"])
    let (text, status) = process.end()
    #expect(status == 2)
    for word in ["loops", "name-length", "certificate", "nonsense", "drain-limit"] {
      #expect(text.contains(word), "\(word) is missing in\n\(text)")
    }
  }

  @Test func `without certificates it serves this machine only`() throws {
    let process = try SampleProcess(["--listen", "0.0.0.0"])
    let (text, status) = process.end()
    #expect(status == 2)
    #expect(text.contains("without TLS it serves this machine only"))
  }

  @Test(arguments: [
    ("--help", "--name-length"), ("--version", "catalog 0."), ("--check-config", "loops"),
  ])
  func `it tells about itself and ends`(_ flag: String, _ words: String) throws {
    let (text, status) = try SampleProcess([flag]).end()
    #expect(status == 0)
    #expect(text.contains(words), "\(text)")
  }

  @Test func `a database that another process has is said so`() throws {
    let first = try SampleProcess()
    _ = try first.ready("address")
    let other = try SampleProcess(["--database", "sqlite:\(first.folder.path)/catalog.sqlite"])
      .end()
    #expect(other.status == 1)
    #expect(other.text.contains("another process"), "\(other.text)")
  }

  // MARK: Instead of serving

  @Test func `a backup of one service is the data of another`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let first = try SampleProcess()
    _ = try await client(first, group).sign(
      Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
    first.signal(SIGTERM)
    #expect(first.end().status == 0)
    let backup = "\(first.folder.path)/copy"
    func maintain(_ words: [String], _ folder: String) throws -> (text: String, status: Int32) {
      try SampleProcess(words, data: folder, isServing: false).end()
    }
    let whole = try maintain(["check"], first.folder.path)
    #expect(whole.status == 0 && whole.text.contains("the data is whole"), "\(whole.text)")
    let made = try maintain(["backup", "--to", backup], first.folder.path)
    #expect(made.status == 0, "\(made.text)")
    let second = "\(first.folder.path)/second"
    let restored = try maintain(["restore", "--from", backup], second)
    #expect(restored.status == 0, "\(restored.text)")
    let again = try maintain(["restore", "--from", backup], second)
    #expect(again.status == 1 && again.text.contains("is not empty"), "\(again.text)")
    let copy = try SampleProcess(data: second)
    let next = try await client(copy, group).sign(
      Sample.SignRequest(id: "b", name: "Omar"), options: asOperator)
    #expect(next.place == 2)
  }

  // MARK: Admin port

  @Test func `probes and scrapers are answered, others refused`() throws {
    let process = try SampleProcess()
    #expect(try process.get("/livez").contains("200 OK"))
    #expect(try process.get("/readyz").hasSuffix("ready\n"))
    #expect(try process.get("/metrics", ["--head"]).contains("content-type: text/plain; version"))
    #expect(try process.get("/metrics", ["--data", "x"]).contains("HTTP/1.1 4"))
    #expect(try process.get("/elsewhere").contains("404"))
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
  func `promtool finds no fault with the metrics`() async throws {
    let group = EventLoopGroup(count: 1)
    defer { group.stop() }
    let process = try SampleProcess()
    _ = try await client(process, group).sign(
      Sample.SignRequest(id: "a", name: "Noor"), options: asOperator)
    let answer = try process.get("/metrics")
    let body = answer.split(separator: "\r\n\r\n", maxSplits: 1)[1]
    let said = try SampleProcess.run(
      "/usr/bin/promtool", ["check", "metrics"], input: Data(body.utf8))
    #expect(said == "")
    #expect(body.contains("sarai_rpc_server_duration_seconds_bucket"))
  }
}
