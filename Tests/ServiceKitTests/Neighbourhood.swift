import Access
import Cryptography
import Foundation
import Platform
import RPC
import SampleService
import ServiceKit
import Storage
import StorageTesting

/// The two sample services in one process, on virtual time.
final class Neighbourhood: Sendable {
  let time = ManualTime(sinceEpoch: .seconds(1_700_000_000))
  let lines = Lines()
  let network: InProcessNetwork
  let tracer: Tracer
  private let random = SeededRandom(seed: 7)

  /// What was logged.
  final class Lines: LogSink {
    let all = Lock<[String]>([])
    func write(_ line: String) { all.withLock { $0.append(line) } }
    var text: String { all.withLock { $0.joined(separator: "\n") } }
  }

  init(traceShare: Int = 1_000) {
    network = InProcessNetwork(time: time)
    tracer = Tracer("test", share: traceShare, time: time, random: SeededRandom(seed: 8))
  }

  func surroundings(_ database: DatabaseLocation) throws -> ServiceSurroundings {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "sarai-kit-\(Foundation.UUID().uuidString)")
    let keys = try KeyFile(KeyFile.addingKey(to: nil, at: time.sinceEpoch(), random))
    var surroundings = ServiceSurroundings(
      time: time, random: random,
      log: Log("test", from: .debug, as: .json, to: lines, time: time), database: database,
      dataFolder: folder.path, keyFile: keys
    ) { [network] peer, interceptors in network.connect(peer, interceptors) }
    surroundings.naming = .insecure
    surroundings.tracer = tracer
    return surroundings
  }

  /// Runs the book, and the porter who calls it.
  func run(
    _ engine: Engine = .sqlite, _ options: GuestBook.Options = GuestBook.Options(),
    _ body: (_ book: ServiceHost, _ porter: ServiceHost) async throws -> Void
  ) async throws {
    try await engine.withLocation { bookPlace in
      try await engine.withLocation { porterPlace in
        let own = try surroundings(bookPlace)
        let other = try surroundings(porterPlace)
        defer {
          try? FileManager.default.removeItem(atPath: own.dataFolder)
          try? FileManager.default.removeItem(atPath: other.dataFolder)
        }
        try await ServiceHost.run(GuestBook.definition, options, in: own) { book in
          network.set("catalog", book.router)
          try await ServiceHost.run(Porter.definition, (), in: other) { porter in
            network.set("payments", porter.router)
            try await body(book, porter)
          }
        }
      }
    }
  }

  /// Options of a call by somebody.
  static func called(by name: String, timeout: Duration? = nil) -> CallOptions {
    CallOptions(
      metadata: Metadata(dictionaryLiteral: (CallerNaming.metadataName, name)), timeout: timeout)
  }

  /// Returns once so many tasks wait for the clock at least.
  func untilSleeping(_ count: Int) async {
    while time.sleeperCount < count { await Task.yield() }
  }
}
