import IdentityContracts
import RPC
import RPCContracts
import ServiceKit
import Storage
import Wire

@testable import IdentityService

extension TestIdentity {
  /// All events so far, as other services would read them.
  func events() async throws -> [Identity.Event] {
    let outbox = Outbox(environment.database, time: time)
    while try await outbox.relayOnce() > 0 {}
    return try await outbox.events(after: 0, countMax: 1_000).map {
      try Identity.Event(decoding: $0.payload, as: .native)
    }
  }

  /// What the audit log says was done, oldest first.
  func auditActions() async throws -> [String] {
    try await environment.database.read { session in
      try AuditLog.entries(AuditLog.Filter(), before: .max, countMax: 1_000, session)
        .map(\.action).reversed()
    }
  }
}

extension RPCError {
  /// The fields that are wrong.
  var violations: [String] {
    detail(SaraiRPC.FieldViolations.self)?.violations.map(\.field) ?? []
  }
}
