import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Carries events to orders: the machine's verdict, the money that moves with it, the step, the
/// event and the work that follows, in one transaction.
struct OrderBook: Sendable {
  /// What stands of an order beside the contract's message.
  struct Entry: Sendable {
    var order: Payments.Order
    /// The account that paid; empty if it was a provider, or another currency.
    var payerAccountID: String
    var extendedDays: Int32
    var isBeingShipped: Bool
    let leadTime: Duration
    let inspection: Duration

    var currency: String { order.total?.currencyCode ?? "" }
    var escrowID: UUID { UUID(order.escrowAccountId) ?? .null }

    var machine: OrderMachine {
      OrderMachine(
        state: OrderState(rawValue: order.state.rawValue) ?? .opening,
        total: order.total?.minorUnits ?? 0, fee: order.fee?.minorUnits ?? 0,
        held: order.held?.minorUnits ?? 0, released: order.released?.minorUnits ?? 0,
        refunded: order.refunded?.minorUnits ?? 0, fundBy: order.fundByAt?.sinceEpoch ?? .zero,
        shipBy: order.shipByAt?.sinceEpoch, receiptDue: order.receiptDueAt?.sinceEpoch,
        extendedDays: extendedDays, isBeingShipped: isBeingShipped)
    }

    mutating func take(_ machine: OrderMachine) {
      func money(_ amount: Int64) -> SaraiType.Money {
        SaraiType.Money(minorUnits: amount, currencyCode: currency)
      }
      order.state = Payments.OrderState(rawValue: machine.state.rawValue)
      order.fee = money(machine.fee)
      order.held = money(machine.held)
      order.released = money(machine.released)
      order.refunded = money(machine.refunded)
      order.shipByAt = machine.shipBy.map(GoogleProtobuf.Timestamp.init(sinceEpoch:))
      order.receiptDueAt = machine.receiptDue.map(GoogleProtobuf.Timestamp.init(sinceEpoch:))
      extendedDays = machine.extendedDays
      isBeingShipped = machine.isBeingShipped
    }
  }

  /// How an event is recorded.
  struct Record: Sendable {
    var actor: SaraiType.Actor
    var step: Payments.OrderStepKind?
    var note = ""
    /// Transfers that were made besides those of the machine.
    var transferIDs: [String] = []
    /// The account that pays, for a funding; nil if the money is in escrow already.
    var payer: UUID?
    /// Whether what goes back goes to that account: it is the buyer's own, in the order's currency.
    var isPaidFromOwnAccount = false
  }

  let context: TradeContext

  /// An order; opening ones are not there yet.
  func entry(_ id: String, openingToo: Bool = false, in session: any SQLSession) throws -> Entry {
    let row = try session.first(
      """
      SELECT payer_account_id, extended_days, being_shipped, lead_time, inspection
      FROM trade_order WHERE id = $1
      """, .text(id)
    ) { (row) throws(StorageError) in
      (
        try row.text(0), Int32(try row.integer(1)), try row.flag(2), try row.integer(3),
        try row.integer(4)
      )
    }
    guard let row, let order = try TradeTables.orders.find(id, in: session),
      openingToo || order.state != .unspecified
    else { throw PaymentsError.notFound("order") }
    return Entry(
      order: order, payerAccountID: row.0, extendedDays: row.1, isBeingShipped: row.2,
      leadTime: .microseconds(row.3), inspection: .microseconds(row.4))
  }

  /// Carries an event to an order.
  @discardableResult
  func apply(
    _ event: OrderMachine.Event, to id: String, _ record: Record, in session: any SQLSession,
    change: (inout Payments.Order) -> Void = { _ in }
  ) throws -> Payments.Order {
    let now = context.now
    var entry = try entry(id, openingToo: true, in: session)
    let before = entry.machine.state
    var machine = entry.machine
    let movements = try machine.apply(event, at: now)
    if record.isPaidFromOwnAccount { entry.payerAccountID = record.payer?.description ?? "" }
    if before == .opening {
      try context.accounts.escrow(
        entry.escrowID, of: id, entry.currency, at: now, in: session)
    }
    let transferIDs = try move(movements, entry, record, at: now, in: session)
    entry.take(machine)
    change(&entry.order)
    entry.order.stamp = entry.order.stamp.changed(by: record.actor, at: now)
    if machine.state.isTerminal, !before.isTerminal {
      entry.order.endedAt = GoogleProtobuf.Timestamp(sinceEpoch: now)
    }
    try write(entry, in: session)
    if let step = record.step {
      let amount = movements.first.map {
        SaraiType.Money(minorUnits: $0.amount, currencyCode: entry.currency)
      }
      try addStep(
        step, to: entry.order, record, transferIDs + record.transferIDs, amount, in: session)
    }
    try follow(before, entry, in: session)
    try context.events.add(
      before == .opening ? .orderOpened : .orderChanged, of: id, id: context.makeID(),
      by: record.actor, at: now, in: session
    ) { $0.order = Self.shown(entry.order) }
    return entry.order
  }

  /// Keeps a change that is no event of the machine, such as a paper.
  func save(_ entry: Entry, by actor: SaraiType.Actor, in session: any SQLSession) throws {
    var entry = entry
    entry.order.stamp = entry.order.stamp.changed(by: actor, at: context.now)
    try write(entry, in: session)
    for document in entry.order.documents {
      try session.execute(
        "INSERT INTO shipping_document (id, order_id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
        .text(document.id), .text(entry.order.id))
    }
    try context.events.add(
      .orderChanged, of: entry.order.id, id: context.makeID(), by: actor, at: context.now,
      in: session
    ) { $0.order = Self.shown(entry.order) }
  }

  private func write(_ entry: Entry, in session: any SQLSession) throws {
    try TradeTables.orders.update(
      entry.order.id, state: entry.order.state.rawValue, sort: -context.now.wholeMicroseconds,
      entry.order, .text(entry.order.buyerOrganisationId),
      .text(entry.order.sellerOrganisationId), .text(entry.order.quoteId),
      .text(entry.payerAccountID), .integer(Int64(entry.extendedDays)),
      .flag(entry.isBeingShipped), .integer(entry.leadTime.wholeMicroseconds),
      .integer(entry.inspection.wholeMicroseconds), in: session)
  }

  /// The transfers of an order's last step.
  func lastTransfers(of order: String, in session: any SQLSession) throws -> [String] {
    let content = try session.first(
      "SELECT content FROM order_step WHERE order_id = $1 ORDER BY sort DESC LIMIT 1", .text(order)
    ) { (row) throws(StorageError) in try row.bytes(0) }
    guard let content else { return [] }
    return try Payments.OrderStep(decoding: content, as: .native).transferIds
  }

  /// What others see: goods that have not left yet were not shipped.
  static func shown(_ order: Payments.Order) -> Payments.Order {
    var shown = order
    if order.state == .funded || order.state == .cancelled { shown.shipment = nil }
    return shown
  }

  /// Adds something that happened.
  func addStep(
    _ kind: Payments.OrderStepKind, to order: Payments.Order, _ record: Record,
    _ transferIDs: [String] = [], _ amount: SaraiType.Money? = nil, in session: any SQLSession
  ) throws {
    // Steps of one instant keep their order by their place among the order's steps.
    let count = try session.first(
      "SELECT count(*) FROM order_step WHERE order_id = $1", .text(order.id)
    ) { (row) throws(StorageError) in try row.integer(0) }
    let step = Payments.OrderStep(
      id: context.makeID().description, kind: kind, stateAfter: order.state,
      occurredAt: GoogleProtobuf.Timestamp(sinceEpoch: context.now), actor: record.actor,
      transferIds: transferIDs, amount: amount, note: record.note)
    try TradeTables.steps.insert(
      step.id, state: kind.rawValue, sort: count ?? 0, step, .text(order.id), in: session)
  }

  /// Moves the money of an event, all or none.
  private func move(
    _ movements: [OrderMachine.Movement], _ entry: Entry, _ record: Record, at now: Duration,
    in session: any SQLSession
  ) throws -> [String] {
    func account(_ place: OrderMachine.Place) throws -> UUID {
      switch place {
      case .payer: return record.payer ?? .null
      case .escrow: return entry.escrowID
      case .fees: return try context.base.house.open(.fees, entry.currency, at: now, in: session)
      case .buyer:
        if let payer = UUID(entry.payerAccountID) { return payer }
        return try context.accounts.settlement(
          of: entry.order.buyerOrganisationId, entry.currency, at: now, in: session)
      case .seller:
        return try context.accounts.settlement(
          of: entry.order.sellerOrganisationId, entry.currency, at: now, in: session)
      }
    }
    let movements = movements.filter { $0.from != .payer || record.payer != nil }
    guard !movements.isEmpty else { return [] }
    let transfers = try movements.enumerated().map { index, movement in
      NewTransfer.immediate(
        context.makeID(), from: try account(movement.from), to: try account(movement.to),
        movement.amount, entry.currency, for: movement.purpose, reference: UUID(entry.order.id),
        linked: index < movements.count - 1)
    }
    return try context.ledger.move(transfers, at: now, by: record.actor, in: session)
      .indices.map { transfers[$0].id.description }
  }

  /// Sets and clears the work that a state brings with it.
  private func follow(_ before: OrderState, _ entry: Entry, in session: any SQLSession) throws {
    let machine = entry.machine
    let id = entry.order.id
    let now = context.now
    if entry.isBeingShipped { try WorkQueue.add(.commitStock, id, at: now, in: session) }
    guard machine.state != before || machine.state == .shipped else { return }
    switch machine.state {
    case .opening, .funding, .settled, .refunded: break
    case .reserved:
      try WorkQueue.remove(.reserveStock, id, in: session)
      try WorkQueue.add(.fundingDue, id, at: machine.fundBy, in: session)
    case .funded:
      try WorkQueue.remove(.fundingDue, id, in: session)
      try WorkQueue.add(.holdStock, id, at: now + TradeSettings.holdMax / 2, in: session)
    case .shipped:
      try WorkQueue.remove(.holdStock, id, in: session)
      try WorkQueue.remove(.commitStock, id, in: session)
      if let due = machine.receiptDue {
        try WorkQueue.add(.receiptDue, id, at: due, in: session)
      }
    case .received:
      try WorkQueue.remove(.receiptDue, id, in: session)
      try WorkQueue.add(.releaseMoney, id, at: now, in: session)
    case .disputed:
      try WorkQueue.remove(.receiptDue, id, in: session)
    case .cancelled:
      try WorkQueue.remove(.fundingDue, id, in: session)
      try WorkQueue.remove(.holdStock, id, in: session)
      try WorkQueue.add(.releaseStock, id, at: now, in: session)
    }
  }
}
