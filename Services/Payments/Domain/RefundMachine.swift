import PaymentsContracts

/// The rules of money back after release: one proposes, another decides.
struct RefundMachine: Sendable, Hashable {
  /// How a refund stands; the numbers are those of `Payments.RefundState`, whose SENDING does not
  /// occur: money goes back within the house.
  enum State: Int32, Sendable, CaseIterable {
    case proposed = 1
    case done = 3
    case rejected = 4
    case failed = 5
  }

  /// What can happen to a refund.
  enum Event: Sendable, Hashable {
    case approved(by: String)
    case rejected(by: String)
  }

  var state: State
  let makerID: String
  var checkerID = ""

  /// Takes an event.
  ///
  /// - Returns: whether anything changed; false when it had happened already.
  mutating func apply(_ event: Event) throws(PaymentsError) -> Bool {
    switch (state, event) {
    case (.proposed, .approved(let checker)):
      guard checker != makerID else {
        throw .refused(.samePerson, "another than who proposed must approve: ask a colleague")
      }
      state = .done
      checkerID = checker
      return true
    case (.proposed, .rejected(let checker)):
      state = .rejected
      checkerID = checker
      return true
    case (.done, .approved), (.rejected, .rejected):
      return false
    default:
      throw .refused(.refundState, "the refund is \(state) already")
    }
  }
}
