import Access
import CatalogContracts
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// `sarai.payments.v1.OrderService`.
struct OrderHandler: Payments.OrderService {
  let context: TradeContext
  let stock: StockDesk
  let providers: ProviderDesk

  var book: OrderBook { OrderBook(context: context) }

  // MARK: Opening

  func createOrder(
    _ request: Payments.CreateOrderRequest, _ call: CallContext
  ) async throws -> Payments.Order {
    let id = request.id
    var faults = FieldFaults()
    _ = faults.id(id, "id")
    _ = faults.id(request.quoteId, "quote_id")
    try faults.check()
    if let answer: Payments.Order = try await context.answered(
      request, id, of: Payments.OrderServiceMethods.createOrder, call)
    {
      return answer
    }
    if try await !isOpening(request) {
      let quote = try await acceptedQuote(request)
      try await context.parties.requireVerified(quote.sellerOrganisationId)
      try await open(request, quote, by: call.caller.actor)
    }
    try await stock.reserve(id)
    return try await context.base.once(
      request, id, of: Payments.OrderServiceMethods.createOrder, call
    ) { session in
      try book.entry(id, in: session).order
    }
  }

  /// Whether this very request has begun already and was cut off.
  private func isOpening(_ request: Payments.CreateOrderRequest) async throws -> Bool {
    try await context.database.read { session in
      guard let order = try TradeTables.orders.find(request.id, in: session) else { return false }
      guard order.buyerOrganisationId == request.buyerOrganisationId,
        order.quoteId == request.quoteId, order.quoteSha256 == request.quoteSha256
      else { throw RequestRecords.idReused(request.id) }
      return true
    }
  }

  private func acceptedQuote(
    _ request: Payments.CreateOrderRequest
  ) async throws -> Catalog.Quote {
    switch await context.catalog.quote(request.quoteId) {
    case .unknown:
      throw PaymentsError.refused(
        .catalogDown, "catalog does not answer: repeat with the same id in a moment")
    case .refused: break
    case .done(let quote):
      // Of the hash only what was agreed on is part, whoever computes it.
      var content = quote
      content.stamp = nil
      content.state = .unspecified
      content.acceptedAt = nil
      content.acceptedById = ""
      content.contentSha256 = []
      guard quote.state == .accepted,
        quote.buyerOrganisationId == request.buyerOrganisationId,
        request.quoteSha256 == quote.contentSha256,
        try content.canonicalSHA256() == request.quoteSha256, (quote.total?.minorUnits ?? 0) > 0
      else { break }
      return quote
    }
    throw PaymentsError.refused(
      .quoteUnusable, "the quote is not accepted, not yours, or of another content: read it again")
  }

  private func open(
    _ request: Payments.CreateOrderRequest, _ quote: Catalog.Quote, by actor: SaraiType.Actor
  ) async throws {
    let now = context.now
    let total = quote.total ?? SaraiType.Money()
    let fee = OrderMachine.fee(
      on: total.minorUnits, basisPoints: context.settings.feeBasisPoints)
    let zero = SaraiType.Money(minorUnits: 0, currencyCode: total.currencyCode)
    let order = Payments.Order(
      id: request.id, stamp: .made(by: actor, at: now), state: .unspecified, quoteId: quote.id,
      quoteSha256: request.quoteSha256, buyerOrganisationId: quote.buyerOrganisationId,
      sellerOrganisationId: quote.sellerOrganisationId, storeId: quote.storeId,
      reservationId: context.makeID().description, lines: quote.lines.map(Self.line), total: total,
      fee: SaraiType.Money(minorUnits: fee, currencyCode: total.currencyCode), held: zero,
      released: zero, refunded: zero, incoterm: quote.incoterm, namedPlace: quote.namedPlace,
      destination: quote.destination, escrowAccountId: context.makeID().description,
      fundByAt: GoogleProtobuf.Timestamp(sinceEpoch: now + context.settings.fundWithin))
    do {
      try await context.database.write { session in
        let isNew = try TradeTables.orders.insert(
          order.id, state: OrderState.opening.rawValue, sort: -now.wholeMicroseconds, order,
          .text(order.buyerOrganisationId), .text(order.sellerOrganisationId),
          .text(order.quoteId), "", 0, 0,
          .integer(quote.leadTime?.duration.wholeMicroseconds ?? 0),
          .integer(quote.inspectionPeriod?.duration.wholeMicroseconds ?? 86_400_000_000),
          in: session)
        // Another copy of the request came first: it is at work.
        guard isNew else { return }
        try WorkQueue.add(.reserveStock, order.id, at: now, in: session)
      }
    } catch let error as StorageError where error.code == .constraint(.unique) {
      throw PaymentsError.refused(.quoteUnusable, "the quote has opened another order already")
    }
  }

  private static func line(_ line: Catalog.QuoteLine) -> Payments.OrderLine {
    Payments.OrderLine(
      variantId: line.variantId, sku: line.sku, title: line.title, hsCode: line.hsCode,
      quantity: line.quantity, unit: line.unit, unitPrice: line.unitPrice,
      lineTotal: line.lineTotal)
  }

  // MARK: Reading

  func getOrder(
    _ request: Payments.GetOrderRequest, _ call: CallContext
  ) async throws -> Payments.Order {
    OrderBook.shown(try await visible(request.id, call))
  }

  func listOrders(
    _ request: Payments.ListOrdersRequest, _ call: CallContext
  ) async throws -> Payments.ListOrdersResponse {
    let scope = try call.caller.scope(request.organisationId)
    var conditions = [RecordTable<Payments.Order>.Condition("state <> ?", 0)]
    if let scope {
      let sql =
        switch request.side {
        case .buyer: "buyer_id = ?"
        case .seller: "seller_id = ?"
        default: "(buyer_id = ? OR seller_id = ?)"
        }
      conditions.append(.init(sql, .text(scope)))
    }
    if request.state != .unspecified {
      conditions.append(.init("state = ?", .integer(Int64(request.state.rawValue))))
    }
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    let (orders, next) = try await context.database.read { [conditions] session in
      try TradeTables.orders.page(page, conditions, in: session)
    }
    return Payments.ListOrdersResponse(orders: orders.map(OrderBook.shown), page: next)
  }

  func listOrderSteps(
    _ request: Payments.ListOrderStepsRequest, _ call: CallContext
  ) async throws -> Payments.ListOrderStepsResponse {
    let order = try await visible(request.orderId, call)
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    let (steps, next) = try await context.database.read { session in
      try TradeTables.steps.page(page, [.init("order_id = ?", .text(order.id))], in: session)
    }
    return Payments.ListOrderStepsResponse(steps: steps, page: next)
  }

  func watchOrder(
    _ request: Payments.WatchOrderRequest, _ responses: ResponseWriter<Payments.Order>,
    _ call: CallContext
  ) async throws {
    var sent: Int64 = 0
    while true {
      let order = try await visible(request.id, call)
      if let version = order.stamp?.version, version != sent {
        try await responses.send(OrderBook.shown(order))
        sent = version
      }
      if OrderState(rawValue: order.state.rawValue)?.isTerminal == true { return }
      await context.time.sleep(until: context.time.now() + .milliseconds(200))
      try call.checkGoesOn()
    }
  }

  /// An order that the caller may see.
  func visible(_ id: String, _ call: CallContext) async throws -> Payments.Order {
    let order = try await context.database.read { session in
      try book.entry(id, in: session).order
    }
    try call.caller.requireEither(order.buyerOrganisationId, order.sellerOrganisationId)
    return order
  }

  /// An order whose side the caller acts for.
  func own(_ id: String, _ side: OrderSide, _ call: CallContext) async throws -> Payments.Order {
    let order = try await context.database.read { session in
      try book.entry(id, in: session).order
    }
    let owner = side == .buyer ? order.buyerOrganisationId : order.sellerOrganisationId
    try call.caller.requireOwner(of: UUID(owner))
    return order
  }
}
