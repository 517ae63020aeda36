import PaymentsContracts
import Platform

/// The rules of a quarrel about an order.
///
/// ```
/// open -> evidence <-> proposed -> decided
///   |         |            |
///   +---------+------------+--> withdrawn
///   +--> settled
/// ```
struct DisputeMachine: Sendable, Hashable {
  /// How a dispute stands; the numbers are those of `Payments.DisputeState`.
  enum State: Int32, Sendable, CaseIterable {
    case open = 1
    case evidence, proposed, decided, settled, withdrawn
  }

  /// What an operator proposes.
  struct Proposal: Sendable, Hashable {
    var refund: Int64
    var makerID: String
  }

  /// What can happen to a dispute.
  enum Event: Sendable, Hashable {
    /// The seller agrees to give that much back; nil contests.
    case answered(agreed: Int64?)
    case answerTimedOut
    case evidenceBrought
    case proposed(refund: Int64, by: String)
    case confirmed(agreed: Bool, by: String)
    case withdrawn
  }

  /// What the event does to the order.
  enum Action: Sendable, Hashable {
    case none
    /// The money goes: that much back, the rest to the seller.
    case decide(refund: Int64)
    /// The money is released.
    case release
  }

  var state: State
  /// How much is asked back, in minor units.
  let claimed: Int64
  /// The order's total.
  let total: Int64
  let answerDue: Duration
  let evidenceDue: Duration
  var proposal: Proposal?

  /// Takes an event.
  ///
  /// - Returns: what to do with the order in the same transaction.
  mutating func apply(_ event: Event, at now: Duration) throws(PaymentsError) -> Action {
    switch (state, event) {
    case (.open, .answered(let agreed)):
      if let agreed {
        guard (0...total).contains(agreed) else { throw Self.amountWrong }
        if agreed >= claimed {
          state = .settled
          return .decide(refund: agreed)
        }
      }
      state = .evidence
    case (.open, .answerTimedOut):
      guard now >= answerDue else { throw refusal(event) }
      state = .evidence
    case (.open, .evidenceBrought), (.evidence, .evidenceBrought), (.proposed, .evidenceBrought):
      guard now < evidenceDue else {
        throw .refused(.evidenceLate, "the due date for evidence is past: nothing more is taken")
      }
    case (.evidence, .proposed(let refund, let maker)):
      guard (0...total).contains(refund) else { throw Self.amountWrong }
      proposal = Proposal(refund: refund, makerID: maker)
      state = .proposed
    case (.proposed, .confirmed(let agreed, let checker)):
      guard let proposal else { throw refusal(event) }
      guard checker != proposal.makerID else {
        throw .refused(.samePerson, "another than who proposed must confirm: ask a colleague")
      }
      if agreed {
        state = .decided
        return .decide(refund: proposal.refund)
      }
      self.proposal = nil
      state = .evidence
    case (.open, .withdrawn), (.evidence, .withdrawn), (.proposed, .withdrawn):
      state = .withdrawn
      proposal = nil
      return .release
    default:
      throw refusal(event)
    }
    return .none
  }

  private static let amountWrong = PaymentsError.refused(
    .amountWrong, "the amount must be between 0 and the order's total")

  private func refusal(_ event: Event) -> PaymentsError {
    let name = "\(event)".prefix { $0 != "(" }
    return .refused(
      .disputeState, "a dispute that is \(state) does not take \(name); read it again")
  }
}
