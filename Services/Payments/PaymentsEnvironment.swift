import Access
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import Wire

/// What handlers work with.
struct PaymentsEnvironment: Sendable {
  let database: Database
  let time: any TimeSource
  let random: any RandomSource
  let outbox: Outbox
  let records: RequestRecords
  let ledger = LedgerStore()

  /// The house's own accounts.
  var house: HouseAccounts { HouseAccounts(ledger) }
  /// What others are told.
  var events: EventLog { EventLog(outbox: outbox) }

  /// Does a call that a client-made id makes repeatable: what was answered before is answered again.
  func once<Request: Message, Response: Message>(
    _ request: Request, _ id: String, of method: Method<Request, Response>, _ call: CallContext,
    _ body: @escaping @Sendable (any SQLSession) throws -> Response
  ) async throws -> Response {
    let caller = call.caller
    return try await database.write { [records] session in
      try records.answer(request, id: id, of: method, by: caller, in: session) {
        try body(session)
      }
    }
  }

  /// The time of day, since 1970.
  var now: Duration { time.sinceEpoch() }

  /// A new identifier, which sorts behind earlier ones.
  func newID() -> UUID { UUID.version7(sinceEpoch: now, AnyRandom(source: random)) }

  private struct AnyRandom: RandomSource {
    let source: any RandomSource
    func next() -> UInt64 { source.next() }
  }
}

extension CallContext {
  /// Who calls: the access interceptor says so, without it nobody does.
  var caller: Caller { self[Caller.self] ?? .anonymous() }
}

extension Caller {
  /// The caller as cursors are bound to it.
  var key: String {
    "\(kind) \(personID ?? .null) \(organisationID ?? .null) \(apiKeyID ?? .null) \(serviceName ?? "")"
  }

  /// The caller as records name it.
  var actor: SaraiType.Actor {
    var actor = SaraiType.Actor(
      personId: personID?.description ?? "", organisationId: organisationID?.description ?? "",
      apiKeyId: apiKeyID?.description ?? "", serviceName: kind == .service ? serviceName ?? "" : "")
    actor.kind =
      switch kind {
      case .anonymous: .unspecified
      case .person: .person
      case .apiKey: .apiKey
      case .service: .service
      case .certificate: .certificate
      }
    return actor
  }
}
