import PaymentsContracts
import Platform
import Testing

@testable import PaymentsService

extension PaymentsError {
  /// The contract's reason, if it is one.
  var reason: Payments.ErrorReason? {
    if case .refused(let reason, _, _) = self { reason } else { nil }
  }
}

@Suite struct PayoutMachineTests {
  private static let table: [PayoutMachine.State: [PayoutMachine.Event: PayoutMachine.State]] = [
    .reserved: [.approved: .approved, .rejected: .rejected, .cancelled: .cancelled],
    .approved: [.sent: .sending, .cancelled: .cancelled, .approved: .approved],
    .sending: [
      .outcomeUnknown: .unknown, .succeeded: .paid, .failed: .failed, .approved: .sending,
    ],
    .unknown: [
      .succeeded: .paid, .failed: .failed, .approved: .unknown, .outcomeUnknown: .unknown,
    ],
    .paid: [.succeeded: .paid, .approved: .paid], .failed: [.failed: .failed],
    .rejected: [.rejected: .rejected], .cancelled: [.cancelled: .cancelled],
  ]

  @Test(arguments: PayoutMachine.State.allCases)
  func `each event leads from each state where the table says, and posts or voids once`(
    _ state: PayoutMachine.State
  ) {
    for event in PayoutMachine.Event.allCases {
      var machine = PayoutMachine(state: state)
      let wanted = Self.table[state]?[event]
      guard let action = try? machine.apply(event) else {
        // Refused, or nothing new: no money moves either way.
        #expect(wanted == nil || wanted == state, "\(state) \(event)")
        #expect(machine.state == state)
        continue
      }
      #expect(machine.state == wanted, "\(state) \(event)")
      #expect(!state.isTerminal)
      let moves: PayoutMachine.Action =
        machine.state == .paid ? .post : machine.state.isTerminal ? .void : .none
      #expect(action == moves, "\(state) \(event)")
    }
  }
}

@Suite struct ProviderRequestMachineTests {
  private let sentAt = Duration.seconds(1_000)

  private func sent() throws -> ProviderRequestMachine {
    var machine = ProviderRequestMachine(state: .waiting)
    _ = try machine.apply(.sendStarted, at: sentAt)
    return machine
  }

  @Test func `a request is sent once`() throws {
    var machine = try sent()
    #expect(throws: PaymentsError.self) { try machine.apply(.sendStarted, at: sentAt) }
    _ = try machine.apply(.unclear, at: sentAt)
    #expect(throws: PaymentsError.self) { try machine.apply(.sendStarted, at: sentAt) }
  }

  @Test func `only what certainly did not leave is sent again`() throws {
    var machine = try sent()
    _ = try machine.apply(.notSent, at: sentAt)
    #expect(machine.state == .waiting)
    _ = try machine.apply(.sendStarted, at: sentAt)
    _ = try machine.apply(.unclear, at: sentAt)
    #expect(try machine.apply(.notSent, at: sentAt) == false)
    #expect(machine.state == .unknown)
  }

  @Test func `a request that is not known is lost only once its signature is too old`() throws {
    var machine = try sent()
    _ = try machine.apply(.notKnown, at: sentAt + ProviderRequestMachine.lostAfter)
    #expect(machine.state == .unknown)
    let late = sentAt + ProviderRequestMachine.lostAfter + .seconds(1)
    _ = try machine.apply(.notKnown, at: late)
    #expect(machine.state == .failed)
  }

  @Test func `a certain outcome stays`() throws {
    var machine = try sent()
    _ = try machine.apply(.succeeded(reference: "R"), at: sentAt)
    for event in [ProviderRequestMachine.Event.unclear, .notKnown, .notSent] {
      #expect(try machine.apply(event, at: sentAt) == false)
    }
    #expect(throws: PaymentsError.self) { try machine.apply(.failed, at: sentAt) }
    #expect(machine.state == .succeeded)
  }

  @Test func `an unknown outcome is settled by two who say the same`() throws {
    func said(_ succeeded: Bool, _ by: String) -> ProviderRequestMachine.Event {
      .settled(.init(succeeded: succeeded, reference: "R", makerID: by))
    }
    var machine = try sent()
    #expect(throws: PaymentsError.self) { try machine.apply(said(true, "a"), at: sentAt) }
    _ = try machine.apply(.unclear, at: sentAt)
    #expect(try machine.apply(said(true, "a"), at: sentAt))
    #expect(try machine.apply(said(true, "a"), at: sentAt) == false)
    #expect(machine.state == .unknown)
    let differs = #expect(throws: PaymentsError.self) {
      try machine.apply(said(false, "b"), at: sentAt)
    }
    #expect(differs?.reason == .settlementDiffers)
    #expect(try machine.apply(said(true, "b"), at: sentAt))
    #expect(machine.state == .succeeded)
    #expect(try machine.apply(said(true, "b"), at: sentAt) == false)
  }
}

@Suite struct DisputeMachineTests {
  private static let now = Duration.seconds(1_000)

  private static func machine(_ state: DisputeMachine.State) -> DisputeMachine {
    let isProposed = state == .proposed || state == .decided
    return DisputeMachine(
      state: state, claimed: 500, total: 1_000, answerDue: now, evidenceDue: now + .seconds(1),
      proposal: isProposed ? .init(refund: 300, makerID: "maker") : nil)
  }

  private static let events: [String: DisputeMachine.Event] = [
    "contested": .answered(agreed: nil), "agreed": .answered(agreed: 500),
    "agreed to less": .answered(agreed: 100), "answerTimedOut": .answerTimedOut,
    "evidence": .evidenceBrought, "proposed": .proposed(refund: 200, by: "maker"),
    "confirmed": .confirmed(agreed: true, by: "checker"),
    "overturned": .confirmed(agreed: false, by: "checker"), "withdrawn": .withdrawn,
  ]

  private static let table: [DisputeMachine.State: [String: DisputeMachine.State]] = [
    .open: [
      "contested": .evidence, "agreed": .settled, "agreed to less": .evidence,
      "answerTimedOut": .evidence, "evidence": .open, "withdrawn": .withdrawn,
    ],
    .evidence: ["evidence": .evidence, "proposed": .proposed, "withdrawn": .withdrawn],
    .proposed: [
      "evidence": .proposed, "confirmed": .decided, "overturned": .evidence,
      "withdrawn": .withdrawn,
    ],
  ]

  @Test(arguments: DisputeMachine.State.allCases)
  func `each event leads from each state where the table says, or is refused without effect`(
    _ state: DisputeMachine.State
  ) {
    for (name, event) in Self.events {
      var machine = Self.machine(state)
      let wanted = Self.table[state]?[name]
      let action = try? machine.apply(event, at: Self.now)
      #expect((action == nil) == (wanted == nil), "\(state) \(name)")
      #expect(machine.state == wanted ?? state, "\(state) \(name)")
      switch name {
      case "agreed" where wanted != nil: #expect(action == .decide(refund: 500))
      case "confirmed" where wanted != nil: #expect(action == .decide(refund: 300))
      case "withdrawn" where wanted != nil: #expect(action == .release)
      default: #expect(action ?? DisputeMachine.Action.none == .none)
      }
    }
  }

  @Test func `who proposed cannot confirm`() {
    var machine = Self.machine(.proposed)
    let error = #expect(throws: PaymentsError.self) {
      try machine.apply(.confirmed(agreed: true, by: "maker"), at: Self.now)
    }
    #expect(error?.reason == .samePerson)
  }

  @Test func `evidence is not taken after its due date`() {
    var machine = Self.machine(.evidence)
    let error = #expect(throws: PaymentsError.self) {
      try machine.apply(.evidenceBrought, at: Self.now + .seconds(1))
    }
    #expect(error?.reason == .evidenceLate)
  }
}
