import PaymentsContracts

/// The rules of money out: reserved first, checked by a second person, sent once.
///
/// ```
/// reserved -> approved -> sending -> paid, failed
///     |          |          |  ^
///     v          v          v  | (asked again)
/// rejected   cancelled    unknown
/// ```
struct PayoutMachine: Sendable, Hashable {
  /// How a payout stands; the numbers are those of `Payments.PayoutState`.
  enum State: Int32, Sendable, CaseIterable {
    case reserved = 1
    case approved, sending, unknown, paid, failed, rejected, cancelled

    /// Whether its reserve has been posted or voided.
    var isTerminal: Bool { rawValue >= Self.paid.rawValue }
  }

  /// What can happen to a payout.
  enum Event: Sendable, Hashable, CaseIterable {
    case approved, rejected, cancelled
    /// The provider is about to be asked.
    case sent
    case outcomeUnknown
    case succeeded, failed
  }

  /// What becomes of the reserved money.
  enum Action: Sendable, Hashable {
    case none, post, void
  }

  var state: State

  /// Takes an event.
  ///
  /// - Returns: what must be done to the reserve in the same transaction; nil when the event had
  ///   happened already.
  mutating func apply(_ event: Event) throws(PaymentsError) -> Action? {
    switch (state, event) {
    case (.reserved, .approved): state = .approved
    case (.reserved, .rejected): state = .rejected
    case (.reserved, .cancelled), (.approved, .cancelled): state = .cancelled
    case (.approved, .sent): state = .sending
    case (.sending, .outcomeUnknown): state = .unknown
    case (.sending, .succeeded), (.unknown, .succeeded): state = .paid
    case (.sending, .failed), (.unknown, .failed): state = .failed
    case (.approved, .approved), (.sending, .approved), (.unknown, .approved), (.paid, .approved),
      (.rejected, .rejected), (.cancelled, .cancelled), (.unknown, .outcomeUnknown),
      (.paid, .succeeded), (.failed, .failed):
      return nil
    default:
      throw .refused(.payoutState, "the payout is \(state): it cannot be \(event)")
    }
    switch state {
    case .paid: return .post
    case .failed, .rejected, .cancelled: return .void
    default: return PayoutMachine.Action.none
    }
  }
}
