import PaymentsContracts
import Platform
import TypeContracts

/// A transfer that took effect. It never changes.
struct BookedTransfer: Sendable, Hashable {
  /// What was asked for, as sent.
  let asked: NewTransfer
  /// When it took effect: no two share an instant, and what commits later is later.
  let at: Int64
  let debit: Side
  let credit: Side
  /// Minor units moved, reserved or returned.
  let amount: Int64
  let currencyCode: String
  let actor: SaraiType.Actor
  /// For posts and voids: when the pending transfer took effect.
  let pendingAt: Int64?

  /// One of its two accounts.
  struct Side: Sendable, Hashable {
    let accountID: UUID
    let number: Int64
    /// How the account stood right afterwards.
    let after: AccountSums

    init(_ account: AccountStanding, after: AccountSums) {
      accountID = account.id
      number = account.number
      self.after = after
    }

    init(accountID: UUID, number: Int64, after: AccountSums) {
      self.accountID = accountID
      self.number = number
      self.after = after
    }
  }

  /// When a pending one voids itself.
  var timesOutAt: Int64? { asked.timeout.map { at + $0 } }
}

/// What a pending transfer holds, and what became of it.
struct PendingHold: Sendable, Hashable {
  /// The pending transfer.
  let transfer: UUID
  let at: Int64
  /// Numbers of its accounts.
  let debitNumber: Int64
  let creditNumber: Int64
  let amount: Int64
  let purpose: Payments.TransferPurpose
  let timesOutAt: Int64?
  var state: Payments.PendingState = .waiting
  var postedAmount: Int64 = 0

  /// What it is at an instant: its time ends it even before that is booked.
  func state(at now: Int64) -> Payments.PendingState {
    guard state == .waiting, let timesOutAt, timesOutAt <= now else { return state }
    return .timedOut
  }
}
