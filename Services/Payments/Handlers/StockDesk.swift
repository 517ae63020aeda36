import CatalogContracts
import PaymentsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// The steps of an order that catalog takes part in. Each is written down before catalog is asked and
/// struck out in the transaction that takes its answer, so that a kill in between only means that
/// catalog is asked again, by the same id.
struct StockDesk: Sendable {
  let context: TradeContext

  private var book: OrderBook { OrderBook(context: context) }

  private static let catalogDown = PaymentsError.refused(
    .catalogDown, "catalog does not answer: repeat with the same id in a moment")

  /// Allocates the stock of an order that is being opened; nothing if it is open.
  ///
  /// - Throws: STOCK_SHORT or QUOTE_UNUSABLE, the order is gone then; CATALOG_DOWN.
  func reserve(_ id: String) async throws {
    let order = try await context.database.read { session in
      try book.entry(id, openingToo: true, in: session).order
    }
    guard order.state == .unspecified else { return }
    let hold = max(.seconds(60), (order.fundByAt?.sinceEpoch ?? .zero) - context.now)
    let request = Catalog.ReserveStockRequest(
      id: order.reservationId, orderId: id, quoteId: order.quoteId,
      lines: order.lines.map {
        Catalog.ReservationLine(variantId: $0.variantId, quantity: $0.quantity)
      }, hold: GoogleProtobuf.Duration(min(hold, TradeSettings.holdMax)))
    switch await context.catalog.reserve(request) {
    case .unknown: throw Self.catalogDown
    case .done:
      try await context.database.write { session in
        let entry = try book.entry(id, openingToo: true, in: session)
        guard entry.machine.state == .opening else { return }
        try book.apply(
          .stockReserved, to: id,
          .init(actor: order.stamp?.createdBy ?? .house, step: .opened), in: session)
      }
    case .refused(let error):
      try await context.database.write { session in
        try session.execute("DELETE FROM trade_order WHERE id = $1 AND state = 0", .text(id))
        try WorkQueue.remove(.reserveStock, id, in: session)
      }
      guard let info = error.info, info.reason == "STOCK_SHORT" else {
        throw PaymentsError.refused(.quoteUnusable, "catalog cannot reserve: \(error.message)")
      }
      var facts: [String: String] = [:]
      for name in ["variant_id", "available"] { facts[name] = info.metadata[name] }
      throw PaymentsError.refused(
        .stockShort, "too little is in stock: ask the seller, or for another quote", facts)
    }
  }

  /// Makes sure that the stock is held for the time in which the order may ship.
  ///
  /// - Throws: RESERVATION_LOST, CATALOG_DOWN.
  func hold(_ order: Payments.Order) async throws {
    let end = context.now + TradeSettings.holdMax
    switch await context.catalog.hold(order.reservationId, until: end) {
    case .done: return
    case .unknown: throw Self.catalogDown
    case .refused:
      throw PaymentsError.refused(
        .reservationLost, "the stock is no longer held: cancel, and open a new order")
    }
  }

  /// Turns the reservation of an order that is being shipped into a sale; nothing if it is shipped.
  ///
  /// - Throws: RESERVATION_LOST, the order is as before the shipping then; CATALOG_DOWN.
  func commit(_ id: String, by actor: SaraiType.Actor) async throws {
    let entry = try await context.database.read { session in try book.entry(id, in: session) }
    guard entry.isBeingShipped else { return }
    switch await context.catalog.commit(entry.order.reservationId) {
    case .unknown: throw Self.catalogDown
    case .done:
      try await context.database.write { session in
        let entry = try book.entry(id, in: session)
        guard entry.isBeingShipped else { return }
        try book.apply(
          .shipped(receiptDue: receiptDue(entry)), to: id, .init(actor: actor, step: .shipped),
          in: session)
      }
    case .refused:
      try await context.database.write { session in
        guard try book.entry(id, in: session).isBeingShipped else { return }
        try book.apply(.shippingRefused, to: id, .init(actor: actor), in: session) {
          $0.shipment = nil
        }
        try WorkQueue.remove(.commitStock, id, in: session)
      }
      throw PaymentsError.refused(
        .reservationLost, "the stock is no longer held: cancel, and open a new order")
    }
  }

  /// The end of the day of arrival, or after the usual transit, and then time to look at the goods.
  private func receiptDue(_ entry: OrderBook.Entry) -> Duration {
    let shippedAt = entry.order.shipment?.shippedAt?.sinceEpoch ?? context.now
    var arrival = shippedAt + context.settings.transit
    if let day = entry.order.shipment?.arrivesOn.flatMap({ CivilDay($0) }) {
      arrival = max(shippedAt, day.endSinceEpoch)
    }
    return max(context.now, arrival) + entry.inspection
  }

  /// Gives the units of a cancelled order back.
  func release(_ id: String) async throws {
    let order = try await context.database.read { session in
      try book.entry(id, in: session).order
    }
    if case .unknown = await context.catalog.release(order.reservationId) { throw Self.catalogDown }
    // A refusal says that catalog let the units go already, or never had them.
    try await context.database.write { session in
      try WorkQueue.remove(.releaseStock, id, in: session)
    }
  }
}
