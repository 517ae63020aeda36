import Cryptography
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import Wire

/// Many payouts, checked as one.
extension PayoutHandler {
  private static let countMax = 10_000

  func createPayoutBatch(
    _ requests: RequestStream<Payments.CreatePayoutBatchRequest>, _ call: CallContext
  ) async throws -> Payments.PayoutBatch {
    let caller = call.caller
    var orders: [PayoutBook.Order] = []
    var digest: [UInt8] = []
    var first: Payments.CreatePayoutBatchRequest?
    while let request = try await requests.next() {
      let head = first ?? request
      first = head
      guard orders.count < Self.countMax else {
        throw RPCError(.invalidArgument, "a batch has at most \(Self.countMax) payouts")
      }
      orders.append(
        try PayoutHandler.order(
          request.draft ?? Payments.PayoutDraft(), by: caller, batch: head.id))
      digest = SHA256.digest(digest + (try request.canonicalSHA256()))
    }
    guard let first else { throw RPCError(.invalidArgument, "a batch has at least one payout") }
    var faults = FieldFaults()
    _ = faults.id(first.id, "id")
    faults.text(first.title, "title", lengthMax: 120)
    try faults.check()
    // What makes two batches the same is all that was sent.
    var content = first
    content.title = Hex.text(digest)
    if let answer: Payments.PayoutBatch = try await context.answered(
      content, first.id, of: Payments.PayoutServiceMethods.createPayoutBatch, call)
    {
      return answer
    }
    for organisation in Set(orders.map(\.organisation)).sorted() {
      try await context.parties.requireVerified(organisation)
    }
    let batch = Payments.PayoutBatch(
      id: first.id, stamp: .made(by: caller.actor, at: context.now), state: .reserved,
      title: first.title, makerId: caller.actorID)
    return try await context.base.once(
      content, first.id, of: Payments.PayoutServiceMethods.createPayoutBatch, call
    ) { [orders] session in
      try batches.open(batch, orders, in: session)
    }
  }

  func getPayoutBatch(
    _ request: Payments.GetPayoutBatchRequest, _ call: CallContext
  ) async throws -> Payments.PayoutBatch {
    try await context.database.read { session in try batches.find(request.id, in: session) }
  }

  func listPayoutBatches(
    _ request: Payments.ListPayoutBatchesRequest, _ call: CallContext
  ) async throws -> Payments.ListPayoutBatchesResponse {
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    var conditions: [RecordTable<Payments.PayoutBatch>.Condition] = []
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    let (found, next) = try await context.database.read { [conditions] session in
      let (found, next) = try TradeTables.batches.page(page, conditions, in: session)
      return (try found.map { try batches.counted($0, in: session) }, next)
    }
    return Payments.ListPayoutBatchesResponse(batches: found, page: next)
  }

  func approvePayoutBatch(
    _ request: Payments.ApprovePayoutBatchRequest, _ call: CallContext
  ) async throws -> Payments.PayoutBatch {
    let caller = call.caller
    return try await context.database.write { session in
      try batches.decide(
        request.id, approved: true, totals: request.totals, by: caller.actorID, caller.actor,
        reason: "", in: session)
    }
  }

  func rejectPayoutBatch(
    _ request: Payments.RejectPayoutBatchRequest, _ call: CallContext
  ) async throws -> Payments.PayoutBatch {
    var faults = FieldFaults()
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 1_000, isParagraph: true)
    try faults.check()
    let caller = call.caller
    return try await context.database.write { session in
      try batches.decide(
        request.id, approved: false, totals: [], by: caller.actorID, caller.actor,
        reason: request.reason, in: session)
    }
  }
}
