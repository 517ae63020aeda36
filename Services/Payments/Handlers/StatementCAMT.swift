import PaymentsContracts
import Platform
import Wire

/// ISO 20022 camt.053.001.02: what accounting programs read. Only booked money is in it.
struct StatementCAMT: StatementForm {
  let fileExtension = "xml"
  let mediaType = "application/xml"
  private let account: LedgerAccount
  private let range: InstantRange
  private let madeAt: Int64
  private let id: UUID
  private let exponent: Int

  init(_ account: LedgerAccount, _ range: InstantRange, madeAt: Int64, id: UUID) {
    self.account = account
    self.range = range
    self.madeAt = madeAt
    self.id = id
    exponent = CurrencyTable[account.currencyCode]?.exponent ?? 0
  }

  /// An id of at most 35 characters, as the standard has it.
  private static func short(_ id: String) -> String { id.replacing("-", with: "") }

  func head(_ opening: AccountSums, _ closing: AccountSums) -> [UInt8] {
    let made = InstantText.rfc3339(madeAt)
    let from = max(range.from, account.openedAt)
    let name = Self.short(id.description)
    return Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
      <GrpHdr><MsgId>\(name)</MsgId><CreDtTm>\(made)</CreDtTm></GrpHdr>
      <Stmt><Id>\(name)</Id><CreDtTm>\(made)</CreDtTm>
      <FrToDt><FrDtTm>\(InstantText.rfc3339(from))</FrDtTm>\
      <ToDtTm>\(InstantText.rfc3339(range.to - 1))</ToDtTm></FrToDt>
      <Acct><Id><Othr><Id>\(Self.short(account.id.description))</Id></Othr></Id>\
      <Ccy>\(account.currencyCode)</Ccy></Acct>
      \(balance("OPBD", opening, at: from))\(balance("CLBD", closing, at: range.to - 1))

      """.utf8)
  }

  private func balance(_ code: String, _ sums: AccountSums, at instant: Int64) -> String {
    let net = sums.creditsPosted - sums.debitsPosted
    return """
      <Bal><Tp><CdOrPrtry><Cd>\(code)</Cd></CdOrPrtry></Tp>\(money(net))\
      <Dt><DtTm>\(InstantText.rfc3339(instant))</DtTm></Dt></Bal>
      """
  }

  private func money(_ amount: Int64) -> String {
    // Of the smallest number only the magnitude fits.
    let text = MoneyText.decimal(max(amount, -.max), exponent: exponent).drop { $0 == "-" }
    return """
      <Amt Ccy="\(account.currencyCode)">\(text)</Amt>\
      <CdtDbtInd>\(amount < 0 ? "DBIT" : "CRDT")</CdtDbtInd>
      """
  }

  func line(_ line: Payments.StatementLine, at instant: Int64) -> [UInt8] {
    if line.amount == 0 { return [] }
    let purpose = Payments.TransferPurpose.layout.name(of: line.purpose.rawValue) ?? ""
    let note = line.note.isEmpty ? "" : "<AddtlNtryInf>\(Self.escaped(line.note))</AddtlNtryInf>"
    let booked = "<BookgDt><DtTm>\(InstantText.rfc3339(instant))</DtTm></BookgDt>"
    let reference = Self.short(line.transferId)
    return Array(
      """
      <Ntry>\(money(line.amount))<Sts>BOOK</Sts>\(booked)<AcctSvcrRef>\(reference)</AcctSvcrRef>\
      <BkTxCd><Prtry><Cd>\(purpose.dropFirst(17))</Cd></Prtry></BkTxCd>\(note)</Ntry>

      """.utf8)
  }

  func tail() -> [UInt8] { Array("</Stmt></BkToCstmrStmt></Document>\n".utf8) }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
