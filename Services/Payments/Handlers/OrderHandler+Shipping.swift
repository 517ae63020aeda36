import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// From the ship's leaving to the money's arrival.
extension OrderHandler {
  func markShipped(
    _ request: Payments.MarkShippedRequest, _ call: CallContext
  ) async throws -> Payments.Order {
    let order = try await own(request.id, .seller, call)
    let shipment = try checked(request.shipment)
    if order.state.rawValue >= OrderState.shipped.rawValue, order.shipment == shipment {
      return order
    }
    let actor = call.caller.actor
    let id = request.id
    try await context.database.write { session in
      let entry = try book.entry(id, in: session)
      if entry.isBeingShipped { return }
      try book.apply(.shippingStarted, to: id, .init(actor: actor), in: session) {
        $0.shipment = shipment
      }
    }
    try await stock.commit(id, by: actor)
    return try await own(id, .seller, call)
  }

  private func checked(_ shipment: Payments.Shipment?) throws -> Payments.Shipment {
    var faults = FieldFaults()
    var shipment = shipment ?? Payments.Shipment()
    faults.text(shipment.carrier, "shipment.carrier", lengthMin: 1, lengthMax: 120)
    faults.text(shipment.trackingNumber, "shipment.tracking_number", lengthMax: 64)
    faults.text(shipment.trackingUrl, "shipment.tracking_url", lengthMax: 2_000)
    if !shipment.trackingUrl.isEmpty, !shipment.trackingUrl.hasPrefix("https://") {
      faults.add("shipment.tracking_url", "NOT_HTTPS", "give an absolute https URL")
    }
    if Payments.TransportMode.layout.name(of: shipment.mode.rawValue) == nil
      || shipment.mode == .unspecified
    {
      faults.add("shipment.mode", "REQUIRED", "say by what the goods travel")
    }
    for (port, field) in [
      (shipment.fromPortCode, "from_port_code"), (shipment.toPortCode, "to_port_code"),
    ] where !port.isEmpty && (port.utf8.count != 5 || port.uppercased() != port) {
      faults.add("shipment.\(field)", "NOT_UNLOCODE", "give a UN/LOCODE such as PKKHI")
    }
    if let day = shipment.arrivesOn, CivilDay(day) == nil {
      faults.add("shipment.arrives_on", "NOT_A_DAY", "give a day of the calendar")
    }
    if let shippedAt = shipment.shippedAt, shippedAt.sinceEpoch > context.now + .seconds(300) {
      faults.add("shipment.shipped_at", "IN_THE_FUTURE", "say so once the goods have left")
    }
    try faults.check()
    shipment.shippedAt = shipment.shippedAt ?? GoogleProtobuf.Timestamp(sinceEpoch: context.now)
    return shipment
  }

  func addTrackingEvent(
    _ request: Payments.AddTrackingEventRequest, _ call: CallContext
  ) async throws -> Payments.TrackingEvent {
    let order = try await own(request.orderId, .seller, call)
    var event = request.trackingEvent ?? Payments.TrackingEvent()
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.text(event.place, "tracking_event.place", lengthMax: 120)
    faults.text(event.what, "tracking_event.what", lengthMin: 1, lengthMax: 200)
    try faults.check()
    let actor = call.caller.actor
    event.id = request.id
    event.orderId = order.id
    event.occurredAt = event.occurredAt ?? GoogleProtobuf.Timestamp(sinceEpoch: context.now)
    event.reportedBy = actor
    return try await context.base.once(
      request, request.id, of: Payments.OrderServiceMethods.addTrackingEvent, call
    ) { [event] session in
      let entry = try book.entry(order.id, in: session)
      guard !entry.machine.state.isTerminal else {
        throw PaymentsError.refused(.orderState, "the order has ended: its goods are not followed")
      }
      let note = event.place.isEmpty ? event.what : "\(event.place): \(event.what)"
      try book.addStep(
        .tracked, to: entry.order, .init(actor: actor, note: note), in: session)
      return event
    }
  }

  func confirmReceipt(
    _ request: Payments.ConfirmReceiptRequest, _ call: CallContext
  ) async throws -> Payments.Order {
    let order = try await own(request.id, .buyer, call)
    if order.state != .received && order.state != .settled {
      let actor = call.caller.actor
      _ = try await context.database.write { session in
        try book.apply(
          .receiptConfirmed, to: request.id, .init(actor: actor, step: .received), in: session)
      }
    }
    await settlement.tryRelease(request.id)
    return try await own(request.id, .buyer, call)
  }

  var settlement: Settlement { Settlement(context: context) }

  func extendReceipt(
    _ request: Payments.ExtendReceiptRequest, _ call: CallContext
  ) async throws -> Payments.Order {
    _ = try await own(request.orderId, .seller, call)
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.range(request.days, "days", OrderMachine.extensionDays)
    try faults.check()
    let actor = call.caller.actor
    return try await context.base.once(
      request, request.id, of: Payments.OrderServiceMethods.extendReceipt, call
    ) { session in
      try book.apply(
        .receiptExtended(days: request.days), to: request.orderId,
        .init(actor: actor, step: .extended, note: "\(request.days) days"), in: session)
    }
  }

  func cancelOrder(
    _ request: Payments.CancelOrderRequest, _ call: CallContext
  ) async throws -> Payments.Order {
    let order = try await visible(request.id, call)
    let caller = call.caller
    let organisation = caller.organisationID?.description
    let side: OrderSide = organisation == order.buyerOrganisationId ? .buyer : .seller
    let owner = side == .buyer ? order.buyerOrganisationId : order.sellerOrganisationId
    try caller.require(
      side == .buyer ? "payments.order.buy" : "payments.order.sell", in: UUID(owner))
    var faults = FieldFaults()
    faults.text(request.reason, "reason", lengthMin: 1, lengthMax: 500, isParagraph: true)
    try faults.check()
    if order.state == .cancelled { return order }
    return try await context.database.write { session in
      try book.apply(
        .cancelled(by: side), to: request.id,
        .init(actor: caller.actor, step: .cancelled, note: request.reason), in: session
      ) { $0.endReason = request.reason }
    }
  }
}
