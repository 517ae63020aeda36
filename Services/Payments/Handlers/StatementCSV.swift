import PaymentsContracts
import ServiceKit
import Wire

/// RFC 4180, with a header row; amounts in major units.
struct StatementCSV: StatementForm {
  let fileExtension = "csv"
  let mediaType = "text/csv; charset=utf-8; header=present"
  private let exponent: Int
  private let currencyCode: String

  init(_ account: LedgerAccount) {
    currencyCode = account.currencyCode
    exponent = CurrencyTable[account.currencyCode]?.exponent ?? 0
  }

  func head(_ opening: AccountSums, _ closing: AccountSums) -> [UInt8] {
    Array(
      ("booked_at,transfer_id,kind,purpose,amount,pending_amount,currency_code,other_account_id,"
        + "reference_id,note,balance,available\r\n").utf8)
  }

  func line(_ line: Payments.StatementLine, at instant: Int64) -> [UInt8] {
    let after = line.balanceAfter ?? Payments.Balance()
    let fields = [
      InstantText.rfc3339(instant), line.transferId,
      String((Payments.TransferKind.layout.name(of: line.kind.rawValue) ?? "").dropFirst(14)),
      String((Payments.TransferPurpose.layout.name(of: line.purpose.rawValue) ?? "").dropFirst(17)),
      decimal(line.amount), decimal(line.pendingAmount), currencyCode, line.otherAccountId,
      line.referenceId, Self.quoted(line.note),
      decimal(after.creditsPosted - after.debitsPosted), decimal(after.available),
    ]
    return Array((fields.joined(separator: ",") + "\r\n").utf8)
  }

  private func decimal(_ amount: Int64) -> String {
    MoneyText.decimal(amount, exponent: exponent)
  }

  /// A text that a spreadsheet takes for text: some begin a formula with these characters.
  private static func quoted(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@".contains($0) } ?? false
    return "\"\(isFormula ? "'" : "")\(text.replacing("\"", with: "\"\""))\""
  }
}
