import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Where a company's money may go.
extension PayoutHandler {
  func createBeneficiary(
    _ request: Payments.CreateBeneficiaryRequest, _ call: CallContext
  ) async throws -> Payments.Beneficiary {
    try call.caller.requireOwner(of: UUID(request.organisationId))
    var beneficiary = request.beneficiary ?? Payments.Beneficiary()
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    faults.text(beneficiary.label, "beneficiary.label", lengthMin: 1, lengthMax: 60)
    faults.text(beneficiary.holderName, "beneficiary.holder_name", lengthMin: 1, lengthMax: 120)
    try faults.check()
    try requireDestination(beneficiary)
    let now = context.now
    let usableAt = now + context.settings.coolingTime
    beneficiary.id = request.id
    beneficiary.stamp = .made(by: call.caller.actor, at: now)
    beneficiary.organisationId = request.organisationId
    beneficiary.state = usableAt > now ? .cooling : .usable
    beneficiary.usableAt = GoogleProtobuf.Timestamp(sinceEpoch: usableAt)
    return try await context.base.once(
      request, request.id, of: Payments.PayoutServiceMethods.createBeneficiary, call
    ) { [beneficiary] session in
      try requireProvider(of: beneficiary, in: session)
      try TradeTables.beneficiaries.insert(
        beneficiary.id, state: beneficiary.state.rawValue, sort: now.wholeMicroseconds,
        beneficiary, .text(beneficiary.organisationId), in: session)
      return Self.shown(beneficiary, at: now)
    }
  }

  private func requireDestination(_ beneficiary: Payments.Beneficiary) throws {
    func refusal(_ word: String) -> PaymentsError { .refused(.destinationInvalid, word) }
    switch beneficiary.kind {
    case .bankAccount:
      guard IBAN(beneficiary.iban) != nil else {
        throw refusal("the IBAN's form or check digits are wrong: compare it digit by digit")
      }
      guard beneficiary.bic.isEmpty || BIC(beneficiary.bic) != nil else {
        throw refusal("the BIC must be 8 or 11 capital letters and digits")
      }
    case .mobileWallet:
      guard MobileNumber(beneficiary.phone?.e164 ?? "") != nil else {
        throw refusal("the number must be as in E.164: +923001234567")
      }
    case .ownWallet: throw PaymentsError.featureAbsent("payouts to wallets of this house")
    default: throw refusal("say whether it is a bank account or a mobile wallet")
    }
  }

  private func requireProvider(
    of beneficiary: Payments.Beneficiary, in session: any SQLSession
  ) throws {
    let found = try TradeTables.providers.all(
      [.init("code = ?", .text(beneficiary.providerCode))], in: session)
    guard let provider = found.first, provider.enabled, provider.directions.contains(.moneyOut),
      provider.currencyCodes.first == beneficiary.currencyCode
    else {
      throw PaymentsError.refused(
        .destinationInvalid,
        "no such provider pays \(beneficiary.currencyCode) there: see"
          + " ListProviders")
    }
  }

  /// What is answered: enough to recognise the account, and the state of now.
  static func shown(_ beneficiary: Payments.Beneficiary, at now: Duration) -> Payments.Beneficiary {
    var shown = beneficiary
    shown.iban = IBAN(beneficiary.iban)?.masked ?? ""
    if let number = MobileNumber(beneficiary.phone?.e164 ?? "") {
      shown.phone?.e164 = number.masked
    }
    if shown.state == .cooling, now >= shown.usableAt?.sinceEpoch ?? .zero { shown.state = .usable }
    return shown
  }

  func listBeneficiaries(
    _ request: Payments.ListBeneficiariesRequest, _ call: CallContext
  ) async throws -> Payments.ListBeneficiariesResponse {
    try call.caller.requireOwner(of: UUID(request.organisationId))
    let page = try Page(\.page, of: request, caller: call.caller.actorID, call)
    let removed = Int64(Payments.BeneficiaryState.removed.rawValue)
    let found = try await context.database.read { session in
      try TradeTables.beneficiaries.all(
        [
          .init("organisation_id = ?", .text(request.organisationId)),
          .init("state <> ?", .integer(removed)),
        ], countMax: 10_000, in: session)
    }
    let now = context.now
    let sorted = found.map { (key: [$0.label, $0.id], item: Self.shown($0, at: now)) }
      .sorted { $0.key.lexicographicallyPrecedes($1.key) }
      .drop { entry in page.after.map { !$0.lexicographicallyPrecedes(entry.key) } ?? false }
    let (items, next) = page.cut(sorted.prefix(page.size + 1).map(\.item)) { [$0.label, $0.id] }
    return Payments.ListBeneficiariesResponse(beneficiaries: items, page: next)
  }

  func removeBeneficiary(
    _ request: Payments.RemoveBeneficiaryRequest, _ call: CallContext
  ) async throws -> Payments.RemoveBeneficiaryResponse {
    let caller = call.caller
    try await context.database.write { session in
      guard var found = try TradeTables.beneficiaries.find(request.id, in: session) else {
        throw PaymentsError.notFound("beneficiary")
      }
      try caller.requireOwner(of: UUID(found.organisationId))
      if found.state == .removed { return }
      found.state = .removed
      found.stamp = found.stamp.changed(by: caller.actor, at: context.now)
      try session.execute(
        "UPDATE beneficiary SET state = $2, content = $3 WHERE id = $1", .text(found.id),
        .integer(Int64(found.state.rawValue)), .bytes(try found.encoded(as: .native)))
    }
    return Payments.RemoveBeneficiaryResponse()
  }
}
