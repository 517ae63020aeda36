import PaymentsContracts
import Platform
import TypeContracts
import WellKnownTypes

/// The ledger's things as the contract shows them.
enum LedgerMessages {
  static func account(_ account: LedgerAccount, asOf instant: Int64) -> Payments.Account {
    Payments.Account(
      id: account.id.description,
      stamp: SaraiType.AuditStamp(
        version: account.version,
        createdAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: account.openedAt),
        createdBy: account.openedBy,
        updatedAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: account.changedAt),
        updatedBy: account.changedBy),
      currencyCode: account.currencyCode, purpose: account.purpose, balanceRule: account.rule,
      state: account.state, organisationId: account.organisationID?.description ?? "",
      orderId: account.orderID?.description ?? "", label: account.label,
      balance: balance(account, account.sums, asOf: instant))
  }

  static func balance(
    _ account: LedgerAccount, _ sums: AccountSums, asOf instant: Int64
  ) -> Payments.Balance {
    Payments.Balance(
      accountId: account.id.description, currencyCode: account.currencyCode,
      debitsPosted: sums.debitsPosted, creditsPosted: sums.creditsPosted,
      debitsPending: sums.debitsPending, creditsPending: sums.creditsPending,
      available: account.rule == .creditsNotAboveDebits ? sums.creditable : sums.debitable,
      asOfAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: instant))
  }

  /// A transfer as it was when it took effect.
  static func transfer(_ booked: BookedTransfer) -> Payments.Transfer {
    var transfer = Payments.Transfer(
      id: booked.asked.id.description, draft: booked.asked.draft,
      debitAccountId: booked.debit.accountID.description,
      creditAccountId: booked.credit.accountID.description, amount: booked.amount,
      currencyCode: booked.currencyCode,
      createdAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: booked.at),
      timesOutAt: booked.timesOutAt.map {
        GoogleProtobuf.Timestamp(microsecondsSinceEpoch: $0)
      },
      actor: booked.actor)
    if booked.asked.kind == .pending { transfer.pendingState = .waiting }
    return transfer
  }

  /// A transfer as it is, with what became of a pending one.
  static func transfer(_ stored: StoredTransfer, at now: Int64) -> Payments.Transfer {
    var transfer = transfer(stored.booked)
    if let hold = stored.hold {
      transfer.pendingState = hold.state(at: now)
      transfer.postedAmount = hold.postedAmount
    }
    return transfer
  }

  static func result(_ id: String, _ result: LedgerResult) -> Payments.TransferResult {
    Payments.TransferResult(
      id: id, outcome: result.outcome,
      createdAt: result.booked.map { GoogleProtobuf.Timestamp(microsecondsSinceEpoch: $0.at) },
      available: result.available, explanation: result.explanation)
  }

  /// A movement of one of its accounts.
  static func line(
    _ stored: StoredTransfer, of account: LedgerAccount, showsOther: Bool
  ) -> Payments.StatementLine {
    let booked = stored.booked
    let isDebit = booked.debit.number == account.number
    let sign: Int64 = isDebit ? -1 : 1
    var line = Payments.StatementLine(
      transferId: booked.asked.id.description,
      bookedAt: GoogleProtobuf.Timestamp(microsecondsSinceEpoch: booked.at),
      kind: booked.asked.kind, purpose: booked.asked.purpose,
      otherAccountId: showsOther
        ? (isDebit ? booked.credit : booked.debit).accountID.description : "",
      referenceId: booked.asked.referenceID?.description ?? "", note: booked.asked.note,
      balanceAfter: balance(
        account, (isDebit ? booked.debit : booked.credit).after, asOf: booked.at))
    switch booked.asked.kind {
    case .immediate: line.amount = sign * booked.amount
    case .pending: line.pendingAmount = sign * booked.amount
    case .postPending:
      line.amount = sign * booked.amount
      line.pendingAmount = -sign * stored.heldAmount
    default: line.pendingAmount = -sign * booked.amount
    }
    return line
  }
}
