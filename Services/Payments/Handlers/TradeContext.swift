import Access
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// What the trade's handlers and jobs work with beside what all handlers have.
struct TradeContext: Sendable {
  let base: PaymentsEnvironment
  let catalog: CatalogDesk
  let parties: PartyDesk
  let files: any FileStore
  let settings: TradeSettings

  var database: Database { base.database }
  var time: any TimeSource { base.time }
  var random: any RandomSource { base.random }
  var ledger: LedgerStore { base.ledger }
  var accounts: TradeAccounts { TradeAccounts(ledger: base.ledger) }
  var events: EventLog { base.events }

  /// The time of day.
  var now: Duration { base.now }

  /// A new id.
  func makeID() -> UUID { base.newID() }

  /// The answer that a request got before, for calls that ask others before they write.
  func answered<Request: Message, Response: Message>(
    _ request: Request, _ id: String, of method: Method<Request, Response>, _ call: CallContext
  ) async throws -> Response? {
    let caller = call.caller
    return try await database.read { [records = base.records] session in
      try records.recorded(request, id: id, of: method, by: caller, in: session)
    }
  }
}

/// Figures that an operator may set.
struct TradeSettings: Sendable {
  /// What the marketplace keeps of an order, in hundredths of a percent.
  var feeBasisPoints: Int64 = 250
  /// How long an order waits for its money; at most the 30 days that catalog holds stock.
  var fundWithin: Duration = .seconds(7 * 86_400)
  /// How long goods travel when the seller does not say.
  var transit: Duration = .seconds(30 * 86_400)
  /// How long the seller has to answer a dispute.
  var answerWithin: Duration = .seconds(5 * 86_400)
  /// How long both sides may bring evidence.
  var evidenceWithin: Duration = .seconds(14 * 86_400)
  /// How long a new beneficiary is not paid.
  var coolingTime: Duration = .seconds(86_400)
  /// What a payout costs on top, by currency; nothing in others.
  var payoutFees: [String: Int64] = ["PKR": 2_500]
  /// Up to this a payout needs no checker, by currency; in others all do.
  var freePayouts: [String: Int64] = ["PKR": 2_500_000]
  /// What a company may have paid out in 24 hours, by currency; no limit in others.
  var dailyPayouts: [String: Int64] = [:]

  /// The longest that catalog holds stock.
  static let holdMax: Duration = .seconds(30 * 86_400)
}

extension Caller {
  /// The one who acts, for the rule that maker and checker differ.
  var actorID: String {
    (personID ?? apiKeyID)?.description ?? "service:\(serviceName ?? "")"
  }

  /// Lets pass who may see what two companies share.
  func requireEither(_ first: String, _ second: String) throws(RPCError) {
    do throws(RPCError) {
      try requireOwner(of: UUID(first))
    } catch {
      try requireOwner(of: UUID(second))
    }
  }

  /// Whose resources a list may show: those of one company, or with nil all.
  func scope(_ organisation: String) throws -> String? {
    try requireOwner(of: UUID(organisation))
    return organisation.isEmpty ? nil : organisation
  }
}

extension SaraiType.Actor {
  /// What time did, not a person.
  static let house = SaraiType.Actor(kind: .service, serviceName: "payments")
}

extension SaraiType.AuditStamp {
  /// The stamp of something new.
  static func made(by actor: SaraiType.Actor, at now: Duration) -> Self {
    let instant = GoogleProtobuf.Timestamp(sinceEpoch: now)
    return Self(
      version: 1, createdAt: instant, createdBy: actor, updatedAt: instant, updatedBy: actor)
  }
}

extension SaraiType.AuditStamp? {
  /// The stamp after one more change.
  func changed(by actor: SaraiType.Actor, at now: Duration) -> SaraiType.AuditStamp {
    var stamp = self ?? .made(by: actor, at: now)
    stamp.version += 1
    stamp.updatedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
    stamp.updatedBy = actor
    return stamp
  }
}
