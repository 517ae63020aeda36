import PaymentsContracts
import Platform

/// The rules of a trade with escrow: an event comes in, the new state and the movements of money go
/// out. Instants are since the epoch, money is minor units of the order's one currency.
struct OrderMachine: Sendable, Hashable {
  /// Where an order's money lies or goes.
  enum Place: Sendable, Hashable {
    case payer, escrow, buyer, seller, fees
  }

  /// Money to be moved, all of an event's movements or none.
  struct Movement: Sendable, Hashable {
    var purpose: Payments.TransferPurpose
    var from: Place
    var to: Place
    var amount: Int64
  }

  /// What can happen to an order.
  enum Event: Sendable, Hashable {
    case stockReserved
    case fundingStarted
    case fundingFailed
    case fundingDone(shipBy: Duration)
    case shippingStarted
    case shippingRefused
    case shipped(receiptDue: Duration)
    case receiptExtended(days: Int32)
    case receiptConfirmed
    case receiptTimedOut
    case moneyReleased
    case disputeOpened
    case disputeWithdrawn
    case disputeDecided(refund: Int64)
    case cancelled(by: OrderSide)
    case fundingTimedOut
    case refunded(amount: Int64)
  }

  /// Days that a seller may give the buyer at once.
  static let extensionDays: ClosedRange<Int32> = 1...30
  /// Days that a seller may give in all.
  static let extensionDaysMax: Int32 = 90

  var state: OrderState
  /// What is paid.
  let total: Int64
  /// What the marketplace keeps, if all is released; then what it kept.
  var fee: Int64
  /// What is in escrow now.
  var held: Int64 = 0
  /// What the seller got.
  var released: Int64 = 0
  /// What went back to the buyer.
  var refunded: Int64 = 0
  /// Not funded by then, it is cancelled.
  let fundBy: Duration
  /// Not shipped by then, the buyer may cancel.
  var shipBy: Duration?
  /// Receipt counts as confirmed then.
  var receiptDue: Duration?
  /// Days that the seller gave so far.
  var extendedDays: Int32 = 0
  /// Whether catalog is being asked to turn the reservation into a sale: until it has answered,
  /// nobody can cancel.
  var isBeingShipped = false

  /// What may still go back to the buyer: what was captured less what went back.
  var refundable: Int64 { total - refunded }

  /// Takes an event.
  ///
  /// - Returns: what must be moved in the same transaction.
  /// - Throws: the refusal, when the state does not allow it; nothing is changed then.
  mutating func apply(_ event: Event, at now: Duration) throws(PaymentsError) -> [Movement] {
    switch (state, event) {
    case (.opening, .stockReserved):
      state = .reserved
    case (.reserved, .fundingStarted):
      state = .funding
    case (.funding, .fundingFailed):
      state = .reserved
    case (.reserved, .fundingDone(let shipBy)), (.funding, .fundingDone(let shipBy)):
      state = .funded
      self.shipBy = shipBy
      held = total
      return [Movement(purpose: .funding, from: .payer, to: .escrow, amount: total)]
    case (.funded, .shippingStarted):
      isBeingShipped = true
    case (.funded, .shippingRefused) where isBeingShipped:
      isBeingShipped = false
    case (.funded, .shipped(let due)) where isBeingShipped:
      state = .shipped
      isBeingShipped = false
      receiptDue = due
    case (.shipped, .receiptExtended(let days)):
      try extend(by: days)
    case (.shipped, .receiptConfirmed):
      state = .received
    case (.shipped, .receiptTimedOut):
      guard let receiptDue, now >= receiptDue else { throw refusal(event) }
      state = .received
    case (.received, .moneyReleased):
      state = .settled
      return pay(refund: 0)
    case (.shipped, .disputeOpened):
      state = .disputed
    case (.disputed, .disputeOpened), (.disputed, .receiptConfirmed):
      throw .refused(.disputeOpen, "a dispute about this order is open: wait for its end")
    case (.disputed, .disputeWithdrawn):
      state = .received
    case (.disputed, .disputeDecided(let refund)):
      guard (0...total).contains(refund) else {
        throw .refused(.amountWrong, "the refund must be between 0 and the order's total")
      }
      state = refund == total ? .refunded : .settled
      return pay(refund: refund)
    case (.reserved, .cancelled):
      state = .cancelled
    case (.funded, .cancelled(let side)) where !isBeingShipped:
      if side == .buyer, now < shipBy ?? .zero {
        throw .refused(
          .orderState, "the buyer may cancel a funded order only once its time to ship is over")
      }
      return giveBack()
    case (.reserved, .fundingTimedOut):
      guard now >= fundBy else { throw refusal(event) }
      state = .cancelled
    case (.settled, .refunded(let amount)):
      return try giveBackLater(amount)
    default:
      throw refusal(event)
    }
    return []
  }

  private mutating func extend(by days: Int32) throws(PaymentsError) {
    guard Self.extensionDays.contains(days), extendedDays + days <= Self.extensionDaysMax else {
      throw .refused(
        .orderState,
        "the time to receive grows by 1 to 30 days at once and by 90 in all;"
          + " \(Self.extensionDaysMax - extendedDays) are left")
    }
    extendedDays += days
    receiptDue = receiptDue.map { $0 + .seconds(Int64(days) * 86_400) }
  }

  /// Empties the escrow: `refund` to the buyer, of the rest the fee's share to the marketplace and
  /// what remains to the seller.
  private mutating func pay(refund: Int64) -> [Movement] {
    fee = Self.share(of: fee, total - refund, total)
    released = total - refund - fee
    refunded = refund
    held = 0
    return [
      Movement(purpose: .refund, from: .escrow, to: .buyer, amount: refund),
      Movement(purpose: .release, from: .escrow, to: .seller, amount: released),
      Movement(purpose: .fee, from: .escrow, to: .fees, amount: fee),
    ].filter { $0.amount > 0 }
  }

  private mutating func giveBack() -> [Movement] {
    state = .cancelled
    defer {
      refunded = held
      held = 0
    }
    return [Movement(purpose: .refund, from: .escrow, to: .buyer, amount: held)]
  }

  private mutating func giveBackLater(_ amount: Int64) throws(PaymentsError) -> [Movement] {
    guard amount > 0, amount <= refundable else {
      throw .refused(
        .refundTooHigh, "at most \(refundable) minor units can still go back",
        ["refundable": "\(refundable)"])
    }
    refunded += amount
    return [Movement(purpose: .refund, from: .seller, to: .buyer, amount: amount)]
  }

  private func refusal(_ event: Event) -> PaymentsError {
    let name = "\(event)".prefix { $0 != "(" }
    return .refused(
      .orderState, "an order that is \(state) does not take \(name); read it again")
  }

  /// `amount * part / whole`, cut to whole minor units: the marketplace bears the rounding.
  static func share(of amount: Int64, _ part: Int64, _ whole: Int64) -> Int64 {
    whole.dividingFullWidth(amount.multipliedFullWidth(by: part)).quotient
  }

  /// The fee on a total at a rate in hundredths of a percent, cut to whole minor units.
  static func fee(on total: Int64, basisPoints: Int64) -> Int64 {
    share(of: total, basisPoints, 10_000)
  }
}
