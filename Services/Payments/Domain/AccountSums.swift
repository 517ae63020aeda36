/// What was ever debited and credited to an account, and what is reserved, in minor units. Posted sums
/// never fall; posted and pending together stay within 64 bits on each side.
struct AccountSums: Sendable, Hashable {
  var debitsPosted: Int64 = 0
  var creditsPosted: Int64 = 0
  var debitsPending: Int64 = 0
  var creditsPending: Int64 = 0

  /// What may still be debited; negative for who owes.
  var debitable: Int64 { creditsPosted - debitsPosted - debitsPending }

  /// What may still be credited where the mirrored rule holds.
  var creditable: Int64 { debitsPosted - creditsPosted - creditsPending }

  /// Whether neither money nor a reservation is left.
  var isEmpty: Bool {
    debitsPosted == creditsPosted && debitsPending == 0 && creditsPending == 0
  }

  /// Whether so much more on the debit side stays within 64 bits.
  func holdsDebit(_ amount: Int64) -> Bool {
    !(debitsPosted + debitsPending).addingReportingOverflow(amount).overflow
  }

  /// Whether so much more on the credit side stays within 64 bits.
  func holdsCredit(_ amount: Int64) -> Bool {
    !(creditsPosted + creditsPending).addingReportingOverflow(amount).overflow
  }
}
