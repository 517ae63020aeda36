import PaymentsContracts
import Platform

/// What to move: TransferDraft, read and checked field by field.
struct NewTransfer: Sendable, Hashable {
  var id: UUID
  var kind: Payments.TransferKind
  /// The account debited; nil for posts and voids.
  var debitID: UUID?
  /// The account credited; nil for posts and voids.
  var creditID: UUID?
  /// Minor units; for a post 0 means all that is pending.
  var amount: Int64 = 0
  /// ISO 4217; may be empty for posts and voids.
  var currencyCode = ""
  /// The pending transfer that is posted or voided.
  var pendingID: UUID?
  /// For pending: microseconds until it voids itself; nil for never.
  var timeout: Int64?
  /// Whether this and the next of its batch stand or fall together.
  var isLinked = false
  var purpose: Payments.TransferPurpose
  var referenceID: UUID?
  var note = ""
  /// What is wrong with a field in itself, and what would be right; nil if nothing is.
  var fault: String?
}

extension NewTransfer {
  /// Moves at once.
  static func immediate(
    _ id: UUID, from debit: UUID, to credit: UUID, _ amount: Int64, _ currencyCode: String,
    for purpose: Payments.TransferPurpose, reference: UUID? = nil, note: String = "",
    linked: Bool = false
  ) -> NewTransfer {
    NewTransfer(
      id: id, kind: .immediate, debitID: debit, creditID: credit, amount: amount,
      currencyCode: currencyCode, isLinked: linked, purpose: purpose, referenceID: reference,
      note: note)
  }

  /// Reserves.
  static func pending(
    _ id: UUID, from debit: UUID, to credit: UUID, _ amount: Int64, _ currencyCode: String,
    for purpose: Payments.TransferPurpose, timeout: Duration? = nil, reference: UUID? = nil,
    note: String = "", linked: Bool = false
  ) -> NewTransfer {
    var transfer = immediate(
      id, from: debit, to: credit, amount, currencyCode, for: purpose, reference: reference,
      note: note, linked: linked)
    transfer.kind = .pending
    transfer.timeout = timeout.map { $0.nanoseconds / 1_000 }
    return transfer
  }

  /// Moves what is reserved, or `amount` of it.
  static func post(
    _ id: UUID, of pending: UUID, _ amount: Int64 = 0, for purpose: Payments.TransferPurpose,
    reference: UUID? = nil, note: String = "", linked: Bool = false
  ) -> NewTransfer {
    NewTransfer(
      id: id, kind: .postPending, amount: amount, pendingID: pending, isLinked: linked,
      purpose: purpose, referenceID: reference, note: note)
  }

  /// Returns what is reserved.
  static func void(
    _ id: UUID, of pending: UUID, for purpose: Payments.TransferPurpose, reference: UUID? = nil,
    note: String = "", linked: Bool = false
  ) -> NewTransfer {
    NewTransfer(
      id: id, kind: .voidPending, pendingID: pending, isLinked: linked, purpose: purpose,
      referenceID: reference, note: note)
  }
}
