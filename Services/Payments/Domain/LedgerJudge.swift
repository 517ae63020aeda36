import PaymentsContracts
import Platform
import TypeContracts

/// The rules of the ledger: transfers are judged in order against the accounts that they touch, in
/// memory, and what stands is gathered to be written at once. No I/O; the caller brings accounts,
/// pending transfers and earlier bookings of the same ids, and the instants to book at.
///
/// A transfer is refused for the first of these that holds: FIELD_INVALID; CHAIN_OPEN; ID_REUSED;
/// LINKED_FAILED; then, for posts and voids, PENDING_MISSING, PENDING_POSTED, PENDING_VOIDED,
/// PENDING_TIMED_OUT, CURRENCY_DIFFERS, AMOUNT_WRONG; for all others AMOUNT_WRONG, SAME_ACCOUNT,
/// ACCOUNT_MISSING, CURRENCY_DIFFERS, ACCOUNT_CLOSED, ACCOUNT_FROZEN, AMOUNT_OVERFLOW, FUNDS_SHORT.
struct LedgerJudge {
  /// The accounts in play, as they stand after what was booked so far.
  private(set) var accounts: [AccountStanding] = []
  /// The pending transfers in play.
  private(set) var holds: [UUID: PendingHold] = [:]
  /// What was booked, in order.
  private(set) var booked: [BookedTransfer] = []
  /// Places in `accounts` of those that changed.
  private(set) var changedAccounts: Set<Int> = []
  /// Pending transfers that changed or are new.
  private(set) var changedHolds: Set<UUID> = []

  private var placesByID: [UUID: Int] = [:]
  private var placesByNumber: [Int64: Int] = [:]
  /// Transfers that took effect, by id, as far as they matter here.
  private var done: [UUID: BookedTransfer] = [:]
  /// The last instant given away.
  private var lastAt: Int64
  private let now: Int64
  /// What the chain under way has changed, to take it back.
  private var undo: [Undo]?

  private enum Undo {
    case account(Int, AccountSums, Int64)
    case hold(UUID, PendingHold?)
    case booked(UUID)
  }

  /// - Parameters:
  ///   - lastAt: bookings get the instants behind this one.
  ///   - now: the time of day: pending transfers whose time is over by then have ended.
  init(lastAt: Int64, now: Int64) {
    self.lastAt = lastAt
    self.now = now
  }

  // MARK: What is known before

  /// Brings an account into play.
  mutating func add(_ account: AccountStanding) {
    guard placesByID[account.id] == nil else { return }
    placesByID[account.id] = accounts.count
    placesByNumber[account.number] = accounts.count
    accounts.append(account)
  }

  /// Brings a pending transfer into play; its accounts are there already.
  mutating func add(_ hold: PendingHold) { holds[hold.transfer] = hold }

  /// Tells of a transfer that took effect before.
  mutating func add(_ transfer: BookedTransfer) { done[transfer.asked.id] = transfer }

  // MARK: Judging

  /// Judges one batch; no chain leads out of it.
  mutating func judge(_ batch: [NewTransfer], by actor: SaraiType.Actor) -> [LedgerResult] {
    var results: [LedgerResult] = []
    results.reserveCapacity(batch.count)
    var chainStart: Int?
    var hasFailed = false
    for (place, transfer) in batch.enumerated() {
      if chainStart == nil, transfer.isLinked {
        chainStart = place
        hasFailed = false
        undo = []
      }
      guard let start = chainStart else {
        results.append(judge(transfer, actor))
        continue
      }
      let isOpen = transfer.isLinked && place == batch.count - 1
      if transfer.fault == nil, isOpen {
        results.append(.refused(.chainOpen))
      } else if hasFailed, transfer.fault == nil, done[transfer.id]?.asked != transfer {
        results.append(.refused(done[transfer.id] == nil ? .linkedFailed : .idReused))
      } else {
        results.append(judge(transfer, actor))
      }
      hasFailed = hasFailed || !results[place].isDone
      if !transfer.isLinked || isOpen {
        endChain(start, &results)
        chainStart = nil
      }
    }
    return results
  }

  /// A chain stands if every member took effect now, or every one before. What took effect before
  /// stays true, whatever comes after it.
  private mutating func endChain(_ start: Int, _ results: inout [LedgerResult]) {
    let outcomes = results[start...].map(\.outcome)
    let stands = outcomes.allSatisfy { $0 == .ok } || outcomes.allSatisfy { $0 == .alreadyDone }
    if !stands {
      takeBack()
      for place in start..<results.count where results[place].outcome == .ok {
        results[place] = .refused(.linkedFailed)
      }
    }
    undo = nil
  }

  private mutating func takeBack() {
    for step in (undo ?? []).reversed() {
      switch step {
      case .account(let place, let sums, let count):
        accounts[place].sums = sums
        accounts[place].debitCount = count
      case .hold(let id, let old):
        holds[id] = old
        if old == nil { changedHolds.remove(id) }
      case .booked(let id):
        done[id] = nil
        booked.removeLast()
      }
    }
  }

  private mutating func judge(_ transfer: NewTransfer, _ actor: SaraiType.Actor) -> LedgerResult {
    if let fault = transfer.fault {
      return LedgerResult(outcome: .fieldInvalid, explanation: fault)
    }
    if let earlier = done[transfer.id] {
      return earlier.asked == transfer
        ? LedgerResult(outcome: .alreadyDone, booked: earlier) : .refused(.idReused)
    }
    switch transfer.kind {
    case .postPending, .voidPending: return end(transfer, actor)
    default: return begin(transfer, actor)
    }
  }

  // MARK: Immediate and pending

  private mutating func begin(_ transfer: NewTransfer, _ actor: SaraiType.Actor) -> LedgerResult {
    let amount = transfer.amount
    guard amount > 0 else { return .refused(.amountWrong) }
    guard transfer.debitID != transfer.creditID else { return .refused(.sameAccount) }
    guard let debit = transfer.debitID.flatMap({ placesByID[$0] }),
      let credit = transfer.creditID.flatMap({ placesByID[$0] })
    else { return .refused(.accountMissing) }
    let from = accounts[debit]
    let to = accounts[credit]
    guard from.currencyCode == transfer.currencyCode, to.currencyCode == transfer.currencyCode
    else { return .refused(.currencyDiffers) }
    if from.state == .closed || to.state == .closed { return .refused(.accountClosed) }
    if from.state == .frozen || to.state == .frozen { return .refused(.accountFrozen) }
    guard from.sums.holdsDebit(amount), to.sums.holdsCredit(amount) else {
      return .refused(.amountOverflow)
    }
    let free = min(
      from.rule == .debitsNotAboveCredits ? from.sums.debitable : .max,
      to.rule == .creditsNotAboveDebits ? to.sums.creditable : .max)
    guard amount <= free else { return .refused(.fundsShort, available: max(0, free)) }
    let isPending = transfer.kind == .pending
    let change: (inout AccountSums, inout AccountSums) -> Void = { debit, credit in
      if isPending {
        debit.debitsPending += amount
        credit.creditsPending += amount
      } else {
        debit.debitsPosted += amount
        credit.creditsPosted += amount
      }
    }
    let entry = book(transfer, debit, credit, amount, pendingAt: nil, actor, change)
    if isPending {
      set(
        PendingHold(
          transfer: transfer.id, at: entry.at, debitNumber: from.number, creditNumber: to.number,
          amount: amount, purpose: transfer.purpose, timesOutAt: entry.timesOutAt))
    }
    return LedgerResult(outcome: .ok, booked: entry)
  }

  // MARK: Posts, voids and time-outs

  private mutating func end(_ transfer: NewTransfer, _ actor: SaraiType.Actor) -> LedgerResult {
    guard var hold = transfer.pendingID.flatMap({ holds[$0] }) else {
      return .refused(.pendingMissing)
    }
    switch hold.state(at: now) {
    case .posted: return .refused(.pendingPosted)
    case .voided: return .refused(.pendingVoided)
    case .timedOut: return .refused(.pendingTimedOut)
    default: break
    }
    guard let debit = placesByNumber[hold.debitNumber],
      let credit = placesByNumber[hold.creditNumber]
    else { return .refused(.pendingMissing) }
    guard transfer.currencyCode.isEmpty || transfer.currencyCode == accounts[debit].currencyCode
    else { return .refused(.currencyDiffers) }
    let isPost = transfer.kind == .postPending
    guard transfer.amount >= 0, transfer.amount <= (isPost ? hold.amount : 0) else {
      return .refused(.amountWrong)
    }
    hold.state = isPost ? .posted : .voided
    hold.postedAmount = isPost ? transfer.amount == 0 ? hold.amount : transfer.amount : 0
    let entry = release(hold, transfer, debit, credit, actor)
    return LedgerResult(outcome: .ok, booked: entry)
  }

  /// Ends a pending transfer whose time is over, by a transfer of the ledger's own.
  mutating func timeOut(_ id: UUID, as own: UUID, by actor: SaraiType.Actor) {
    guard var hold = holds[id], hold.state == .waiting,
      let debit = placesByNumber[hold.debitNumber], let credit = placesByNumber[hold.creditNumber]
    else { return }
    hold.state = .timedOut
    _ = release(
      hold,
      NewTransfer(
        id: own, kind: .voidPending, pendingID: id, purpose: hold.purpose,
        note: "its time was over"),
      debit, credit, actor)
  }

  private mutating func release(
    _ hold: PendingHold, _ transfer: NewTransfer, _ debit: Int, _ credit: Int,
    _ actor: SaraiType.Actor
  ) -> BookedTransfer {
    let posted = hold.postedAmount
    set(hold)
    return book(
      transfer, debit, credit, transfer.kind == .postPending ? posted : hold.amount,
      pendingAt: hold.at, actor
    ) { debit, credit in
      debit.debitsPending -= hold.amount
      credit.creditsPending -= hold.amount
      debit.debitsPosted += posted
      credit.creditsPosted += posted
    }
  }

  // MARK: Booking

  private mutating func book(
    _ transfer: NewTransfer, _ debit: Int, _ credit: Int, _ amount: Int64, pendingAt: Int64?,
    _ actor: SaraiType.Actor, _ change: (inout AccountSums, inout AccountSums) -> Void
  ) -> BookedTransfer {
    if undo != nil {
      undo?.append(.account(debit, accounts[debit].sums, accounts[debit].debitCount))
      undo?.append(.account(credit, accounts[credit].sums, accounts[credit].debitCount))
      undo?.append(.booked(transfer.id))
    }
    var debitSums = accounts[debit].sums
    var creditSums = accounts[credit].sums
    change(&debitSums, &creditSums)
    accounts[debit].sums = debitSums
    accounts[debit].debitCount += 1
    accounts[credit].sums = creditSums
    changedAccounts.insert(debit)
    changedAccounts.insert(credit)
    lastAt += 1
    let entry = BookedTransfer(
      asked: transfer, at: lastAt,
      debit: .init(accounts[debit], after: debitSums),
      credit: .init(accounts[credit], after: creditSums), amount: amount,
      currencyCode: accounts[debit].currencyCode, actor: actor, pendingAt: pendingAt)
    done[transfer.id] = entry
    booked.append(entry)
    return entry
  }

  private mutating func set(_ hold: PendingHold) {
    if undo != nil { undo?.append(.hold(hold.transfer, holds[hold.transfer])) }
    holds[hold.transfer] = hold
    changedHolds.insert(hold.transfer)
  }
}
