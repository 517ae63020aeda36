import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes

/// Does what is due: time-outs, steps that were cut off, unknown outcomes. One copy of the service
/// at a time should; a second that works meanwhile does no harm, since every piece of work is taken
/// in a transaction that looks at the state.
struct TradeWorker: Sendable {
  let context: TradeContext
  let stock: StockDesk
  let providers: ProviderDesk

  /// Does what is due now.
  ///
  /// - Returns: how many pieces of work there were.
  @discardableResult
  func runDue(failed: @escaping @Sendable (any Error) -> Void = { _ in }) async throws -> Int {
    let now = context.now
    let items = try await context.database.read { session in
      try WorkQueue.due(at: now, in: session)
    }
    // Side by side, so that one slow provider does not hold up the others' money.
    await withTaskGroup(of: Void.self) { group in
      for item in items {
        group.addTask { await attempt(item, failed) }
      }
    }
    return items.count
  }

  private func attempt(_ item: WorkQueue.Item, _ failed: @Sendable (any Error) -> Void) async {
    do {
      do {
        try await perform(item)
      } catch {
        failed(error)
        try await context.database.write { session in
          try postpone(item, in: session)
        }
      }
    } catch {
      failed(error)
    }
  }

  /// Tries it again later, unless the state has moved on and taken the work with it.
  private func postpone(_ item: WorkQueue.Item, in session: any SQLSession) throws {
    let dueAt = try session.first(
      "SELECT due_at FROM work WHERE kind = $1 AND subject = $2", .text(item.kind.rawValue),
      .text(item.subject)
    ) { (row) throws(StorageError) in try row.integer(0) }
    guard let dueAt, dueAt <= context.now.wholeMicroseconds else { return }
    try WorkQueue.retry(item, now: context.now, context.random, in: session)
  }

  private func perform(_ item: WorkQueue.Item) async throws {
    let id = item.subject
    switch item.kind {
    case .reserveStock: try await stock.reserve(id)
    case .commitStock: try await stock.commit(id, by: .house)
    case .releaseStock: try await stock.release(id)
    case .holdStock: try await holdStock(id)
    case .releaseMoney: try await Settlement(context: context).release(id)
    case .askProvider: try await providers.ask(item)
    case .fundingDue: try await fundingDue(item)
    case .receiptDue:
      try await context.database.write { session in
        let entry = try orders.entry(id, in: session)
        guard entry.machine.state == .shipped else {
          return try WorkQueue.remove(.receiptDue, id, in: session)
        }
        try orders.apply(
          .receiptTimedOut, to: id, .init(actor: .house, step: .receiptTimedOut), in: session)
      }
    case .answerDue:
      _ = try await context.database.write { session in
        try DisputeBook(context: context).apply(
          .answerTimedOut, to: id, by: .house, in: session)
      }
    case .sendPayout:
      let request = try await context.database.write { session in
        try PayoutBook(context: context).send(id, in: session)
      }
      if let request { await providers.tryAsk(request) }
    }
  }

  private var orders: OrderBook { OrderBook(context: context) }

  private func holdStock(_ id: String) async throws {
    let order = try await context.database.read { session in
      try orders.entry(id, in: session).order
    }
    if order.state == .funded { try await stock.hold(order) }
    try await context.database.write { session in
      guard try orders.entry(id, in: session).machine.state == .funded else {
        return try WorkQueue.remove(.holdStock, id, in: session)
      }
      try WorkQueue.add(
        .holdStock, id, at: context.now + TradeSettings.holdMax / 2, in: session)
    }
  }

  /// Cancels what nobody funded; what a provider is being asked for waits for its word.
  private func fundingDue(_ item: WorkQueue.Item) async throws {
    try await context.database.write { session in
      switch try orders.entry(item.subject, in: session).machine.state {
      case .reserved:
        try orders.apply(
          .fundingTimedOut, to: item.subject, .init(actor: .house, step: .cancelled),
          in: session
        ) { $0.endReason = "it was not funded in time" }
      case .funding: try postpone(item, in: session)
      default: try WorkQueue.remove(.fundingDue, item.subject, in: session)
      }
    }
  }
}
