import PaymentsContracts

/// How a transfer of a batch ended.
struct LedgerResult: Sendable, Hashable {
  let outcome: Payments.TransferOutcome
  /// The transfer, if it took effect, now or before.
  var booked: BookedTransfer?
  /// For FUNDS_SHORT: minor units that could have been moved.
  var available: Int64 = 0
  /// What to do about it; empty if it took effect.
  var explanation = ""

  /// Whether it took effect, now or before.
  var isDone: Bool { booked != nil }

  /// A refusal, in the words of its outcome.
  static func refused(_ outcome: Payments.TransferOutcome, available: Int64 = 0) -> LedgerResult {
    LedgerResult(outcome: outcome, available: available, explanation: outcome.advice)
  }

  /// The refusal as a call of one transfer answers it; nil if it took effect.
  var refusal: PaymentsError? {
    if isDone { return nil }
    if outcome == .idReused { return .idReused("transfer") }
    return .transferRefused(outcome, explanation, available: available)
  }
}

extension Payments.TransferOutcome {
  /// What happened and what to do about it.
  var advice: String {
    switch self {
    case .idReused:
      "the id was used with other content: take a fresh id for another transfer"
    case .linkedFailed: "another transfer of its chain was refused: see that one"
    case .chainOpen: "the last transfer of a batch must not be linked: nothing follows it"
    case .accountMissing: "an account does not exist: open it first, or check the id"
    case .accountFrozen: "an account is frozen: only posts and voids of what is pending pass"
    case .accountClosed: "an account is closed: use another"
    case .sameAccount: "debit and credit are one account: name two"
    case .currencyDiffers: "currencies differ: both accounts and the draft must have the same one"
    case .amountWrong:
      "give an amount above zero; for a post at most what is pending, for a void 0"
    case .amountOverflow: "a sum of an account would leave 64 bits: use other accounts"
    case .fundsShort: "too little is free: move at most what is available"
    case .pendingMissing: "there is no such pending transfer: check the id"
    case .pendingPosted: "the pending transfer was posted already"
    case .pendingVoided: "the pending transfer was voided already"
    case .pendingTimedOut: "the pending transfer's time was over: reserve again"
    default: ""
    }
  }
}
