import Platform
import RPC
import RPCServices
import Storage

/// All that a service leans on: its database, without which it takes no calls, and its peers.
struct Dependencies: Sendable {
  let all: [Dependency]
  private let readiness: Readiness

  /// How long a peer may take to say that it is well.
  private static let peerMax: Duration = .seconds(1)

  init(_ environment: ServiceEnvironment, _ readiness: Readiness) {
    self.readiness = readiness
    let (time, database) = (environment.time, environment.database)
    let own = Dependency("database", time: time) {
      _ = try await database.read { session in
        try session.first("SELECT 1") { (row) throws(StorageError) in try row.integer(0) }
      }
    }
    let peers = environment.peers.sorted { $0.key < $1.key }.map { name, transport in
      Dependency(name, time: time) {
        let answer = try await GRPCHealth.HealthClient(transport).check(
          GRPCHealth.HealthCheckRequest(), options: CallOptions(timeout: Self.peerMax))
        guard answer.status == .serving else {
          throw RPCError(.unavailable, "\(name) takes no calls now")
        }
      }
    }
    all = [own] + peers
  }

  /// Looks at each.
  func look() async {
    await withTaskGroup(of: Void.self) { group in
      for dependency in all {
        group.addTask {
          let fault = await dependency.look()
          if dependency.name == "database" { readiness.set(dependency.name, fault) }
        }
      }
    }
  }
}
