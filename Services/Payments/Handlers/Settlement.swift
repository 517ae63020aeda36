import PaymentsContracts
import Platform
import Storage

/// Pays the seller of an order whose receipt is confirmed.
struct Settlement: Sendable {
  let context: TradeContext

  /// Releases the money; nothing if that has happened.
  ///
  /// - Throws: why it cannot be paid now, such as a frozen account; it is tried again later.
  func release(_ order: String) async throws {
    let book = OrderBook(context: context)
    try await context.database.write { session in
      let entry = try book.entry(order, in: session)
      try WorkQueue.remove(.releaseMoney, order, in: session)
      guard entry.machine.state == .received else { return }
      try book.apply(
        .moneyReleased, to: order, .init(actor: .house, step: .released), in: session)
    }
  }

  /// The same at once; what fails is left to the job that does it later.
  func tryRelease(_ order: String) async { try? await release(order) }
}
