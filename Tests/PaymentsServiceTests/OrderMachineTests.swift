import Platform
import Testing

@testable import PaymentsService

@Suite struct OrderMachineTests {
  private static let now = Duration.seconds(1_000)

  /// An order of 1,000 with a fee of 25, in any state.
  private static func machine(_ state: OrderState, beingShipped: Bool = false) -> OrderMachine {
    let isHeld = [.funded, .shipped, .received, .disputed].contains(state)
    let isOver = state == .settled
    return OrderMachine(
      state: state, total: 1_000, fee: 25, held: isHeld ? 1_000 : 0, released: isOver ? 975 : 0,
      refunded: state == .refunded ? 1_000 : 0, fundBy: now, shipBy: now, receiptDue: now,
      isBeingShipped: beingShipped)
  }

  private static let events: [String: OrderMachine.Event] = [
    "stockReserved": .stockReserved, "fundingStarted": .fundingStarted,
    "fundingFailed": .fundingFailed, "fundingDone": .fundingDone(shipBy: now),
    "shippingStarted": .shippingStarted, "shippingRefused": .shippingRefused,
    "shipped": .shipped(receiptDue: now), "receiptExtended": .receiptExtended(days: 1),
    "receiptConfirmed": .receiptConfirmed, "receiptTimedOut": .receiptTimedOut,
    "moneyReleased": .moneyReleased, "disputeOpened": .disputeOpened,
    "disputeWithdrawn": .disputeWithdrawn, "disputeDecided": .disputeDecided(refund: 400),
    "cancelled": .cancelled(by: .seller), "fundingTimedOut": .fundingTimedOut,
    "refunded": .refunded(amount: 100),
  ]

  /// Where each event leads from each state; what is not here is refused.
  private static let table: [OrderState: [String: OrderState]] = [
    .opening: ["stockReserved": .reserved],
    .reserved: [
      "fundingStarted": .funding, "fundingDone": .funded, "cancelled": .cancelled,
      "fundingTimedOut": .cancelled,
    ],
    .funding: ["fundingDone": .funded, "fundingFailed": .reserved],
    .funded: ["shippingStarted": .funded, "cancelled": .cancelled],
    .shipped: [
      "receiptExtended": .shipped, "receiptConfirmed": .received, "receiptTimedOut": .received,
      "disputeOpened": .disputed,
    ],
    .received: ["moneyReleased": .settled],
    .disputed: ["disputeWithdrawn": .received, "disputeDecided": .settled],
    .settled: ["refunded": .settled],
  ]

  @Test(arguments: OrderState.allCases)
  func `each event leads from each state where the table says, or is refused without effect`(
    _ state: OrderState
  ) {
    for (name, event) in Self.events {
      var machine = Self.machine(state)
      let before = machine
      let wanted = Self.table[state]?[name]
      let movements = try? machine.apply(event, at: Self.now)
      #expect((movements == nil) == (wanted == nil), "\(state) \(name)")
      #expect(machine.state == wanted ?? state, "\(state) \(name)")
      if wanted == nil { #expect(machine == before, "\(state) \(name)") }
    }
  }

  @Test func `what catalog is asked for can only be shipped or taken back`() throws {
    for (name, event) in Self.events {
      var machine = Self.machine(.funded, beingShipped: true)
      let isTaken = (try? machine.apply(event, at: Self.now)) != nil
      #expect(
        isTaken == ["shipped", "shippingRefused", "shippingStarted"].contains(name), "\(name)")
    }
  }

  @Test(arguments: [0, 1, 399, 400, 999, 1_000] as [Int64])
  func `a decision empties the escrow, whatever goes back`(_ refund: Int64) throws {
    var machine = Self.machine(.disputed)
    let movements = try machine.apply(.disputeDecided(refund: refund), at: Self.now)
    #expect(movements.allSatisfy { $0.from == .escrow && $0.amount > 0 })
    #expect(movements.reduce(0) { $0 + $1.amount } == 1_000)
    #expect(machine.held == 0)
    #expect(machine.released + machine.refunded + machine.fee == 1_000)
    #expect(machine.state == (refund == 1_000 ? .refunded : .settled))
  }

  @Test func `refunds after release never exceed what was captured`() throws {
    var machine = Self.machine(.settled)
    #expect(machine.refundable == 1_000)
    _ = try machine.apply(.refunded(amount: 600), at: Self.now)
    #expect(throws: PaymentsError.self) {
      try machine.apply(.refunded(amount: 401), at: Self.now)
    }
    _ = try machine.apply(.refunded(amount: 400), at: Self.now)
    #expect(machine.refundable == 0)
  }

  @Test func `time does nothing before its time`() {
    let before = Self.now - .nanoseconds(1)
    for (state, event) in [
      (OrderState.reserved, OrderMachine.Event.fundingTimedOut), (.shipped, .receiptTimedOut),
      (.funded, .cancelled(by: .buyer)),
    ] {
      var machine = Self.machine(state)
      #expect(throws: PaymentsError.self) { try machine.apply(event, at: before) }
      #expect(throws: Never.self) { try machine.apply(event, at: Self.now) }
    }
  }

  @Test func `a seller gives at most ninety days`() throws {
    var machine = Self.machine(.shipped)
    for _ in 0..<3 { _ = try machine.apply(.receiptExtended(days: 30), at: Self.now) }
    #expect(machine.receiptDue == Self.now + .seconds(90 * 86_400))
    #expect(throws: PaymentsError.self) {
      try machine.apply(.receiptExtended(days: 1), at: Self.now)
    }
  }

  @Test(
    arguments: [
      (1_000, 250, 25), (1, 250, 0), (39, 250, 0), (40, 250, 1), (Int64.max, 10_000, Int64.max),
    ] as [(Int64, Int64, Int64)])
  func `the marketplace bears the rounding of its fee`(
    _ total: Int64, _ basisPoints: Int64, _ fee: Int64
  ) {
    #expect(OrderMachine.fee(on: total, basisPoints: basisPoints) == fee)
  }
}
