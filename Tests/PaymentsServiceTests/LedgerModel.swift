import PaymentsContracts
import Platform
import TypeContracts
import WellKnownTypes

/// The ledger as one would write it on paper: no batches, no database, wide numbers, everything
/// computed from what is remembered. The service must answer as this does.
final class LedgerModel {
  struct Sums: Equatable {
    var debits: Int128 = 0
    var credits: Int128 = 0
    var heldDebits: Int128 = 0
    var heldCredits: Int128 = 0
  }

  final class Account {
    let draft: Payments.Account
    var state = Payments.AccountState.open
    var sums = Sums()
    /// What it was after each event, by the event's number.
    var history: [(event: Int, sums: Sums)] = []

    init(_ draft: Payments.Account) { self.draft = draft }
  }

  final class Pending {
    let debit: Account
    let credit: Account
    let amount: Int128
    let timesOutAt: Int64?
    let order: Int
    var state = Payments.PendingState.waiting
    var posted: Int128 = 0

    init(
      _ debit: Account, _ credit: Account, _ amount: Int128, timesOutAt: Int64?, order: Int
    ) {
      self.debit = debit
      self.credit = credit
      self.amount = amount
      self.timesOutAt = timesOutAt
      self.order = order
    }
  }

  struct Answer {
    var outcome: Payments.TransferOutcome
    var available: Int64 = 0
  }

  private(set) var accounts: [String: Account] = [:]
  private(set) var pendings: [String: Pending] = [:]
  private(set) var done: [String: Payments.TransferDraft] = [:]
  /// The number of the event that a transfer was.
  private(set) var events: [String: Int] = [:]
  private(set) var eventCount = 0
  private var waiting: [String] = []
  private var undo: [() -> Void] = []

  func open(_ account: Payments.Account) { accounts[account.id] = Account(account) }

  func setState(_ state: Payments.AccountState, of id: String, at now: Int64) {
    endOverdue(at: now)
    accounts[id]?.state = state
  }

  // MARK: Time

  func endOverdue(at now: Int64) {
    let due = waiting.filter { isOverdue($0, now) }
      .sorted { key($0) < key($1) }
    for id in due {
      guard let pending = pendings[id] else { continue }
      pending.state = .timedOut
      move(pending.debit, pending.credit) { debit, credit in
        debit.heldDebits -= pending.amount
        credit.heldCredits -= pending.amount
      }
    }
    waiting.removeAll { pendings[$0]?.state != .waiting }
  }

  private func key(_ id: String) -> (Int64, Int) {
    (pendings[id]?.timesOutAt ?? .max, pendings[id]?.order ?? 0)
  }

  private func isOverdue(_ id: String, _ now: Int64) -> Bool {
    guard let end = pendings[id]?.timesOutAt, pendings[id]?.state == .waiting else { return false }
    return end <= now
  }

  /// How an account stands when what is overdue counts as returned.
  func standing(_ account: Account, at now: Int64) -> Sums {
    var sums = account.sums
    for id in waiting where isOverdue(id, now) {
      guard let pending = pendings[id] else { continue }
      if pending.debit === account { sums.heldDebits -= pending.amount }
      if pending.credit === account { sums.heldCredits -= pending.amount }
    }
    return sums
  }

  // MARK: Transfers

  /// - Parameter instant: when an accepted transfer took effect, as the service said.
  func book(
    _ batch: [Payments.NumberedTransfer], at now: Int64, instant: (Int) -> Int64
  ) -> [Answer] {
    endOverdue(at: now)
    var answers: [Answer] = []
    var place = 0
    while place < batch.count {
      var end = place
      while end < batch.count - 1, batch[end].draft?.linked == true { end += 1 }
      answers += chain(Array(batch[place...end]), at: now) { instant(place + $0) }
      place = end + 1
    }
    waiting.removeAll { pendings[$0]?.state != .waiting }
    return answers
  }

  private func chain(
    _ members: [Payments.NumberedTransfer], at now: Int64, instant: (Int) -> Int64
  ) -> [Answer] {
    undo = []
    if members.count == 1, members[0].draft?.linked != true {
      return [judge(members[0], at: now, instant(0))]
    }
    var answers: [Answer] = []
    for (place, member) in members.enumerated() {
      let failed = answers.contains { $0.outcome != .ok && $0.outcome != .alreadyDone }
      if member.draft?.linked == true, place == members.count - 1, fault(member) == nil {
        answers.append(Answer(outcome: .chainOpen))
      } else if failed, fault(member) == nil {
        let old = done[member.id]
        answers.append(
          Answer(
            outcome: old == nil ? .linkedFailed : old == member.draft ? .alreadyDone : .idReused))
      } else {
        answers.append(judge(member, at: now, instant(place)))
      }
    }
    let isNew = answers.allSatisfy { $0.outcome == .ok }
    let isOld = answers.allSatisfy { $0.outcome == .alreadyDone }
    if !isNew, !isOld {
      for step in undo.reversed() { step() }
      for place in answers.indices where answers[place].outcome == .ok {
        answers[place] = Answer(outcome: .linkedFailed)
      }
    }
    return answers
  }

  private func fault(_ transfer: Payments.NumberedTransfer) -> String? {
    guard let draft = transfer.draft, draft.purpose != .unspecified, UUID(transfer.id) != nil
    else { return "missing" }
    let isEnd = draft.kind == .postPending || draft.kind == .voidPending
    if isEnd {
      if !draft.debitAccountId.isEmpty || UUID(draft.pendingId) == nil { return "end" }
    } else if UUID(draft.debitAccountId) == nil || UUID(draft.creditAccountId) == nil
      || !draft.pendingId.isEmpty
    {
      return "begin"
    }
    if draft.timeout != nil, draft.kind != .pending { return "timeout" }
    return draft.note.utf8.count > 140 ? "note" : nil
  }

  private func judge(
    _ transfer: Payments.NumberedTransfer, at now: Int64, _ instant: Int64
  ) -> Answer {
    guard fault(transfer) == nil, let draft = transfer.draft else {
      return Answer(outcome: .fieldInvalid)
    }
    if let old = done[transfer.id] {
      return Answer(outcome: old == draft ? .alreadyDone : .idReused)
    }
    // Of what is taken back with its chain the service tells no instant: it was about now.
    return draft.kind == .postPending || draft.kind == .voidPending
      ? end(transfer.id, draft, now) : begin(transfer.id, draft, instant == 0 ? now : instant)
  }

  private func begin(_ id: String, _ draft: Payments.TransferDraft, _ instant: Int64) -> Answer {
    if draft.amount <= 0 { return Answer(outcome: .amountWrong) }
    if draft.debitAccountId == draft.creditAccountId { return Answer(outcome: .sameAccount) }
    guard let debit = accounts[draft.debitAccountId], let credit = accounts[draft.creditAccountId]
    else { return Answer(outcome: .accountMissing) }
    let codes = Set([debit.draft.currencyCode, credit.draft.currencyCode, draft.currencyCode])
    if codes.count > 1 { return Answer(outcome: .currencyDiffers) }
    let states = [debit.state, credit.state]
    if states.contains(.closed) { return Answer(outcome: .accountClosed) }
    if states.contains(.frozen) { return Answer(outcome: .accountFrozen) }
    let amount = Int128(draft.amount)
    if debit.sums.debits + debit.sums.heldDebits + amount > Int64.max
      || credit.sums.credits + credit.sums.heldCredits + amount > Int64.max
    {
      return Answer(outcome: .amountOverflow)
    }
    var free: [Int128] = []
    if debit.draft.balanceRule == .debitsNotAboveCredits {
      free.append(debit.sums.credits - debit.sums.debits - debit.sums.heldDebits)
    }
    if credit.draft.balanceRule == .creditsNotAboveDebits {
      free.append(credit.sums.debits - credit.sums.credits - credit.sums.heldCredits)
    }
    if let least = free.min(), amount > least {
      return Answer(outcome: .fundsShort, available: Int64(max(0, least)))
    }
    let isPending = draft.kind == .pending
    move(debit, credit) { debit, credit in
      if isPending {
        debit.heldDebits += amount
        credit.heldCredits += amount
      } else {
        debit.debits += amount
        credit.credits += amount
      }
    }
    if isPending {
      let micro = draft.timeout.map { $0.seconds * 1_000_000 + Int64($0.nanos) / 1_000 }
      pendings[id] = Pending(
        debit, credit, amount, timesOutAt: micro.map { instant + $0 }, order: eventCount)
      waiting.append(id)
      undo.append { [unowned self] in
        pendings[id] = nil
        waiting.removeAll { $0 == id }
      }
    }
    remember(id, draft)
    return Answer(outcome: .ok)
  }

  private func end(_ id: String, _ draft: Payments.TransferDraft, _ now: Int64) -> Answer {
    guard let pending = pendings[draft.pendingId] else {
      return Answer(outcome: .pendingMissing)
    }
    switch pending.state {
    case .posted: return Answer(outcome: .pendingPosted)
    case .voided: return Answer(outcome: .pendingVoided)
    case .timedOut: return Answer(outcome: .pendingTimedOut)
    default: break
    }
    if isOverdue(draft.pendingId, now) { return Answer(outcome: .pendingTimedOut) }
    if !draft.currencyCode.isEmpty, draft.currencyCode != pending.debit.draft.currencyCode {
      return Answer(outcome: .currencyDiffers)
    }
    let isPost = draft.kind == .postPending
    if draft.amount < 0 || Int128(draft.amount) > (isPost ? pending.amount : 0) {
      return Answer(outcome: .amountWrong)
    }
    let posted = !isPost ? 0 : draft.amount == 0 ? pending.amount : Int128(draft.amount)
    pending.state = isPost ? .posted : .voided
    pending.posted = posted
    undo.append {
      pending.state = .waiting
      pending.posted = 0
    }
    move(pending.debit, pending.credit) { debit, credit in
      debit.heldDebits -= pending.amount
      credit.heldCredits -= pending.amount
      debit.debits += posted
      credit.credits += posted
    }
    remember(id, draft)
    return Answer(outcome: .ok)
  }

  private func remember(_ id: String, _ draft: Payments.TransferDraft) {
    done[id] = draft
    events[id] = eventCount
    undo.append { [unowned self] in
      done[id] = nil
      events[id] = nil
    }
  }

  private func move(
    _ debit: Account, _ credit: Account, _ change: (inout Sums, inout Sums) -> Void
  ) {
    let old = (debit.sums, credit.sums)
    eventCount += 1
    change(&debit.sums, &credit.sums)
    debit.history.append((eventCount, debit.sums))
    credit.history.append((eventCount, credit.sums))
    undo.append { [unowned self] in
      (debit.sums, credit.sums) = old
      debit.history.removeLast()
      credit.history.removeLast()
      eventCount -= 1
    }
  }

  /// How an account stood right after an event.
  func sums(_ account: Account, after event: Int) -> Sums {
    account.history.last { $0.event <= event }?.sums ?? Sums()
  }
}
