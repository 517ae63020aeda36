import PaymentsContracts
import Platform
import TypeContracts
import WellKnownTypes
import Wire

extension NewTransfer {
  /// A pending transfer voids itself after 1 s to 90 days, in microseconds.
  static let timeoutRange: ClosedRange<Int64> = 1_000_000...7_776_000_000_000
  /// Characters of a note.
  static let noteMax = 140

  /// Reads what a caller sent; what is wrong with its fields becomes `fault`.
  init(id: String, _ draft: Payments.TransferDraft) {
    self.init(id: .null, kind: draft.kind, purpose: draft.purpose)
    isLinked = draft.linked
    do throws(FieldFault) {
      self.id = try Self.id(id, "id")
      try read(draft)
    } catch {
      fault = error.words
    }
  }

  private struct FieldFault: Error {
    let words: String
  }

  private mutating func read(_ draft: Payments.TransferDraft) throws(FieldFault) {
    // What a newer sender means by fields unknown here, nobody can say: no money moves on it.
    guard draft.unknownFields.isEmpty else {
      throw FieldFault(words: "draft: it has fields that this service does not know")
    }
    guard Payments.TransferPurpose.layout.name(of: purpose.rawValue) != nil,
      purpose != .unspecified
    else { throw FieldFault(words: "draft.purpose: say why money moves") }
    amount = draft.amount
    switch kind {
    case .immediate, .pending:
      debitID = try Self.id(draft.debitAccountId, "draft.debit_account_id")
      creditID = try Self.id(draft.creditAccountId, "draft.credit_account_id")
      try Self.leaveOut(draft.pendingId, "draft.pending_id", "posts and voids")
      guard !draft.currencyCode.isEmpty else {
        throw FieldFault(words: "draft.currency_code: give the accounts' ISO 4217 code")
      }
    case .postPending, .voidPending:
      pendingID = try Self.id(draft.pendingId, "draft.pending_id")
      try Self.leaveOut(draft.debitAccountId, "draft.debit_account_id", "other kinds")
      try Self.leaveOut(draft.creditAccountId, "draft.credit_account_id", "other kinds")
    default: throw FieldFault(words: "draft.kind: give one of TransferKind")
    }
    guard draft.currencyCode.utf8.count <= 3 else {
      throw FieldFault(words: "draft.currency_code: give three capitals of ISO 4217")
    }
    currencyCode = draft.currencyCode
    if let timeout = draft.timeout { self.timeout = try read(timeout) }
    if !draft.referenceId.isEmpty {
      referenceID = try Self.id(draft.referenceId, "draft.reference_id")
    }
    try read(note: draft.note)
  }

  private func read(_ timeout: GoogleProtobuf.Duration) throws(FieldFault) -> Int64 {
    guard kind == .pending else {
      throw FieldFault(words: "draft.timeout: only pending transfers have one")
    }
    let (scaled, isOver) = timeout.seconds.multipliedReportingOverflow(by: 1_000_000)
    guard !isOver, timeout.nanos % 1_000 == 0, (0..<1_000_000_000).contains(timeout.nanos),
      Self.timeoutRange.contains(scaled &+ Int64(timeout.nanos) / 1_000)
    else {
      throw FieldFault(words: "draft.timeout: give 1 s to 90 days, in whole microseconds")
    }
    return scaled + Int64(timeout.nanos) / 1_000
  }

  private mutating func read(note: String) throws(FieldFault) {
    // Bytes of ASCII are characters; only others need a closer look.
    let isPlain = note.utf8.allSatisfy { (32..<127).contains($0) }
    let isLong =
      isPlain ? note.utf8.count > Self.noteMax : note.unicodeScalars.count > Self.noteMax
    guard !isLong,
      isPlain || !note.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw FieldFault(
        words: "draft.note: give at most \(Self.noteMax) characters, no control characters")
    }
    self.note = note
  }

  private static func id(_ text: String, _ field: String) throws(FieldFault) -> UUID {
    guard let id = UUID(text), id != .null else {
      throw FieldFault(
        words: "\(field): give a UUID of 36 lower-case characters, not the nil UUID")
    }
    return id
  }

  private static func leaveOut(
    _ text: String, _ field: String, _ others: String
  ) throws(FieldFault) {
    guard text.isEmpty else {
      throw FieldFault(words: "\(field): leave it empty, it is for \(others)")
    }
  }

  /// The draft as it was sent.
  var draft: Payments.TransferDraft {
    Payments.TransferDraft(
      kind: kind, debitAccountId: debitID?.description ?? "",
      creditAccountId: creditID?.description ?? "", amount: amount, currencyCode: currencyCode,
      pendingId: pendingID?.description ?? "",
      timeout: timeout.map {
        GoogleProtobuf.Duration(
          seconds: $0 / 1_000_000, nanos: Int32($0 % 1_000_000) * 1_000)
      },
      linked: isLinked, purpose: purpose, referenceId: referenceID?.description ?? "", note: note)
  }
}
