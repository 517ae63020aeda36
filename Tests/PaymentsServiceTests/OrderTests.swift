import Access
import CatalogContracts
import PaymentsContracts
import Platform
import RPC
import RPCContracts
import ServiceKit
import StorageTesting
import Testing
import TypeContracts
import WellKnownTypes
import Wire

@testable import PaymentsService

@Suite struct OrderTests {
  @Test(arguments: Engine.allCases)
  func `an order goes from quote to settlement and leaves its escrow empty`(
    _ engine: Engine
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let order = try await house.shipped()
      #expect(order.state == .shipped)
      #expect(try await house.escrow(of: order) == 100_000)
      #expect(try await house.balance(house.buyerAccount) == 900_000)
      let settled = try await house.orders(house.buying).confirmReceipt(
        Payments.ConfirmReceiptRequest(id: order.id))
      #expect(settled.state == .settled)
      #expect(settled.released?.minorUnits == 97_500)
      #expect(settled.fee?.minorUnits == 2_500)
      #expect(try await house.escrow(of: order) == 0)
      #expect(try await house.balance(house.sellerAccount) == 97_500)
      let steps = try await house.orders(house.selling).listOrderSteps(
        Payments.ListOrderStepsRequest(orderId: order.id)
      ).steps
      #expect(steps.map(\.kind) == [.opened, .funded, .shipped, .received, .released])
      #expect(steps[1].transferIds.count == 1)
      #expect(steps[4].transferIds.count == 2)
      let again = try await house.orders(house.buying).confirmReceipt(
        Payments.ConfirmReceiptRequest(id: order.id))
      #expect(again == settled)
    }
  }

  @Test(arguments: Engine.allCases)
  func `silence counts as receipt at its time, and the seller may put it off`(
    _ engine: Engine
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let order = try await house.shipped()
      _ = try await house.orders(house.selling).extendReceipt(
        Payments.ExtendReceiptRequest(id: house.newID(), orderId: order.id, days: 2))
      try await house.pass(.seconds(34 * 86_400))
      #expect(try await house.order(order.id).state == .shipped)
      try await house.pass(.seconds(2 * 86_400))
      let ended = try await house.order(order.id)
      #expect(ended.state == .settled)
      #expect(try await house.escrow(of: order) == 0)
    }
  }

  @Test(arguments: Engine.allCases)
  func `the same request answers the same, another with its id is refused`(
    _ engine: Engine
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let request = house.request(try house.quote())
      let first = try await house.orders(house.buying).createOrder(request)
      let again = try await house.orders(house.buying).createOrder(request)
      #expect(first == again)
      var other = request
      other.quoteId = try house.quote().id
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).createOrder(other)
      }
      #expect(error?.info?.reason == "ID_REUSED")
      // The quote is used: another order cannot have it.
      other = request
      other.id = house.newID()
      let used = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).createOrder(other)
      }
      #expect(used?.info?.reason == "QUOTE_UNUSABLE")
    }
  }

  @Test func `an order needs an accepted quote of that hash, and a seller who is verified`()
    async throws
  {
    try await TradeHouse.with(.sqlite) { house in
      var request = house.request(try house.quote())
      request.quoteSha256 = [UInt8](repeating: 0, count: 32)
      var error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).createOrder(request)
      }
      #expect(error?.info?.reason == "QUOTE_UNUSABLE")
      house.catalog.state.withLock { $0.verified = [] }
      let other = house.request(try house.quote())
      error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).createOrder(other)
      }
      #expect(error?.info?.reason == "COMPANY_UNVERIFIED")
    }
  }

  @Test(arguments: Engine.allCases)
  func `an order that nobody funds is cancelled, and its stock released`(
    _ engine: Engine
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let order = try await house.reserved()
      try await house.pass(house.context.settings.fundWithin + .seconds(1))
      let ended = try await house.order(order.id)
      #expect(ended.state == .cancelled)
      let state = house.catalog.state.withLock { $0.reservations[order.reservationId]?.state }
      #expect(state == .released)
    }
  }

  @Test func `a seller who cancels a funded order gives the money back whole`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.funded()
      let request = Payments.CancelOrderRequest(id: order.id, reason: "out of leather")
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).cancelOrder(request)
      }
      #expect(error?.info?.reason == "ORDER_STATE")
      let ended = try await house.orders(house.selling).cancelOrder(request)
      #expect(ended.state == .cancelled)
      #expect(ended.refunded?.minorUnits == 100_000)
      #expect(try await house.escrow(of: order) == 0)
      #expect(try await house.balance(house.buyerAccount) == 1_000_000)
      #expect(try await house.orders(house.selling).cancelOrder(request) == ended)
    }
  }

  @Test func `a buyer may cancel once the time to ship is over`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.funded()
      try await house.pass(.seconds(10 * 86_400))
      let ended = try await house.orders(house.buying).cancelOrder(
        Payments.CancelOrderRequest(id: order.id, reason: "too late"))
      #expect(ended.state == .cancelled)
      #expect(try await house.balance(house.buyerAccount) == 1_000_000)
    }
  }

  @Test func `funding fails without money and moves nothing`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.reserved(2_000_000)
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).fundOrder(
          Payments.FundOrderRequest(
            id: house.newID(), orderId: order.id, debitAccountId: house.buyerAccount.description))
      }
      #expect(error?.info?.reason == "FUNDS_SHORT")
      #expect(error?.info?.metadata["available"] == "1000000")
      #expect(try await house.order(order.id).state == .reserved)
    }
  }

  @Test func `nobody sees or changes others' orders`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.shipped()
      let stranger = house.stranger.demanding("payments.order.read")
      for call in [
        { _ = try await house.orders(stranger).getOrder(Payments.GetOrderRequest(id: order.id)) },
        {
          _ = try await house.orders(house.selling).confirmReceipt(
            Payments.ConfirmReceiptRequest(id: order.id))
        },
        {
          _ = try await house.orders(house.buying).markShipped(
            Payments.MarkShippedRequest(id: order.id, shipment: TradeHouse.shipment))
        },
      ] as [@Sendable () async throws -> Void] {
        let error = await #expect(throws: RPCError.self) { try await call() }
        #expect(error?.code == .notFound)
      }
    }
  }

  // MARK: Catalog that fails

  @Test(arguments: Engine.allCases, [CatalogDouble.Mood.down, .mute])
  func `catalog's silence leaves steps that are asked again and take effect once`(
    _ engine: Engine, _ mood: CatalogDouble.Mood
  ) async throws {
    try await TradeHouse.with(engine) { house in
      let request = house.request(try house.quote())
      house.catalog.state.withLock { $0.moods = [mood] }
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.buying).createOrder(request)
      }
      #expect(error?.info?.reason == "CATALOG_DOWN")
      // Nobody repeats the call: the step is done all the same.
      try await house.pass(.seconds(5))
      let order = try await house.orders(house.buying).createOrder(request)
      #expect(order.state == .reserved)
      _ = try await house.orders(house.buying).fundOrder(
        Payments.FundOrderRequest(
          id: house.newID(), orderId: order.id, debitAccountId: house.buyerAccount.description))
      house.catalog.state.withLock { $0.moods = [mood] }
      let shipping = Payments.MarkShippedRequest(id: order.id, shipment: TradeHouse.shipment)
      await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.selling).markShipped(shipping)
      }
      // Whether the goods are sold is not known: nobody may cancel now.
      let cancelling = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.selling).cancelOrder(
          Payments.CancelOrderRequest(id: order.id, reason: "never mind"))
      }
      #expect(cancelling?.info?.reason == "ORDER_STATE")
      try await house.pass(.seconds(5))
      #expect(try await house.order(order.id).state == .shipped)
      let effects = house.catalog.state.withLock { $0.effects }
      #expect(effects["reserve \(order.reservationId)"] == 1)
      #expect(effects["commit \(order.reservationId)"] == 1)
    }
  }

  @Test func `a reservation that was lost keeps the money where it is`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.funded()
      house.catalog.state.withLock { $0.reservations[order.reservationId]?.state = .expired }
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.selling).markShipped(
          Payments.MarkShippedRequest(id: order.id, shipment: TradeHouse.shipment))
      }
      #expect(error?.info?.reason == "RESERVATION_LOST")
      let now = try await house.order(order.id)
      #expect(now.state == .funded && now.shipment == nil)
      let ended = try await house.orders(house.selling).cancelOrder(
        Payments.CancelOrderRequest(id: order.id, reason: "sold out"))
      #expect(ended.state == .cancelled)
      #expect(try await house.escrow(of: order) == 0)
    }
  }

  @Test func `papers come and go by streams, whatever they are called`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.funded()
      let bytes = Array("%PDF-1.7".utf8) + [UInt8](repeating: 9, count: 150_000)
      let id = house.newID()
      let document = try await house.orders(house.selling).uploadShippingDocument { writer in
        try await writer.send(
          Payments.UploadShippingDocumentRequest(
            id: id, orderId: order.id, kind: .billOfLading, fileName: "../bill.pdf"))
        for start in stride(from: 0, to: bytes.count, by: 60_000) {
          let piece = Array(bytes[start..<min(bytes.count, start + 60_000)])
          try await writer.send(Payments.UploadShippingDocumentRequest(chunk: piece))
        }
      }
      #expect(document.blob?.fileName == "bill.pdf")
      #expect(document.blob?.mediaType == "application/pdf")
      let received = try await house.orders(house.buying).downloadShippingDocument(
        Payments.DownloadShippingDocumentRequest(id: id)
      ) { stream in
        var all: [UInt8] = []
        while let piece = try await stream.next() { all += piece.chunk }
        return all
      }
      #expect(received == bytes)
      #expect(try await house.order(order.id).documents == [document])
      let error = await #expect(throws: RPCError.self) {
        _ = try await house.orders(house.selling).uploadShippingDocument { writer in
          try await writer.send(
            Payments.UploadShippingDocumentRequest(
              id: house.newID(), orderId: order.id, kind: .billOfLading, fileName: "x.pdf",
              chunk: Array("<html>".utf8)))
        }
      }
      #expect(error?.info?.reason == "DOCUMENT_REFUSED")
    }
  }

  @Test func `who watches an order sees each state until its end`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      let order = try await house.settled()
      let states = try await house.orders(house.buying).watchOrder(
        Payments.WatchOrderRequest(id: order.id)
      ) { stream in
        var states: [Payments.OrderState] = []
        while let order = try await stream.next() { states.append(order.state) }
        return states
      }
      #expect(states == [.settled])
    }
  }

  @Test func `lists show a company's own, page by page, last changed first`() async throws {
    try await TradeHouse.with(.sqlite) { house in
      var ids: [String] = []
      for _ in 0..<5 {
        house.time.advance(by: .seconds(1))
        ids.append(try await house.reserved().id)
      }
      var seen: [String] = []
      var cursor = ""
      repeat {
        let response = try await house.orders(house.buying).listOrders(
          Payments.ListOrdersRequest(
            page: SaraiType.PageRequest(size: 2, cursor: cursor), organisationId: house.buyer))
        seen += response.orders.map(\.id)
        cursor = response.page?.nextCursor ?? ""
      } while !cursor.isEmpty
      #expect(seen == ids.reversed())
      let sold = try await house.orders(house.buying).listOrders(
        Payments.ListOrdersRequest(organisationId: house.buyer, side: .seller))
      #expect(sold.orders.isEmpty)
    }
  }
}
