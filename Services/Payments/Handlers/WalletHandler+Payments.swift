import Access
import PaymentsContracts
import Platform
import RPC
import ServiceKit
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Money from wallet to wallet, in from providers, and by code: WalletService.
extension WalletHandler {
  /// How many numbers a caller may look up in an hour.
  private static let lookupsMax: Int64 = 30

  func resolveWallet(
    _ request: Payments.ResolveWalletRequest, _ context: CallContext
  ) async throws -> Payments.ResolveWalletResponse {
    var faults = FieldFaults()
    let phone = request.phone?.e164 ?? ""
    faults.e164(phone, "phone.e164")
    faults.currency(request.currencyCode, "currency_code")
    try faults.check()
    let hour = environment.now.wholeMicroseconds / 3_600_000_000
    let key = context.caller.key
    let found = try await environment.database.write { session in
      try session.execute(
        "DELETE FROM wallet_lookup WHERE hour < $1", .integer(hour))
      let count = try session.first(
        """
        INSERT INTO wallet_lookup (caller, hour, count) VALUES ($1, $2, 1)
        ON CONFLICT (caller, hour) DO UPDATE SET count = wallet_lookup.count + 1 RETURNING count
        """, .text(key), .integer(hour)
      ) { (row) throws(StorageError) in try row.integer(0) }
      if count ?? 0 > Self.lookupsMax { return WalletFound.tooOften }
      let wallet = try WalletStore.wallets.all(
        [
          .init("phone = ?", .text(phone)), .init("currency = ?", .text(request.currencyCode)),
          .init("state = ?", .integer(Int64(Payments.WalletState.active.rawValue))),
        ], in: session
      ).first
      return wallet.map { .wallet($0) } ?? .none
    }
    switch found {
    case .tooOften:
      throw RPCError(
        .resourceExhausted, reason: "RATE_LIMITED",
        "\(Self.lookupsMax) numbers an hour can be looked up: wait, or send to a known wallet")
    case .none: throw PaymentsError.notFound("wallet")
    case .wallet(let wallet):
      var name = ""
      if let person = UUID(wallet.personId) { name = try await owners.name(of: person) }
      return Payments.ResolveWalletResponse(
        walletId: wallet.id, maskedName: NameMask.masked(name))
    }
  }

  private enum WalletFound: Sendable {
    case tooOften
    case none
    case wallet(Payments.Wallet)
  }

  // MARK: Sending

  func sendMoney(
    _ request: Payments.SendMoneyRequest, _ context: CallContext
  ) async throws -> Payments.WalletPayment {
    var faults = FieldFaults()
    let id = faults.id(request.id, "id")
    _ = faults.id(request.walletId, "wallet_id")
    _ = faults.id(request.toWalletId, "to_wallet_id")
    let money = request.amount ?? SaraiType.Money()
    faults.range(money.minorUnits, "amount.minor_units", 1...Int64.max)
    faults.currency(money.currencyCode, "amount.currency_code")
    faults.text(request.note, "note", lengthMax: 140)
    if request.walletId == request.toWalletId {
      faults.add("to_wallet_id", "SAME", "name another wallet")
    }
    try faults.check()
    let now = environment.now
    let caller = context.caller
    return try await environment.once(
      request, request.id, of: Payments.WalletServiceMethods.sendMoney, context
    ) { [self] session in
      let from = try wallet(request.walletId, of: caller, in: session)
      guard let to = try WalletStore.wallets.find(request.toWalletId, in: session) else {
        throw PaymentsError.notFound("wallet")
      }
      try Self.requireActive(from, to)
      let accounts = try [from, to].map { try book.account(of: $0, at: now, in: session) }
      guard accounts.allSatisfy({ $0.currencyCode == money.currencyCode }) else {
        throw PaymentsError.refused(
          .currencyDiffers, "both wallets and the amount must have one currency")
      }
      try book.use(money.minorUnits, of: from, isDebit: true, at: now, in: session)
      try book.use(money.minorUnits, of: to, isDebit: false, at: now, in: session)
      let transfer = DerivedID.of("send", id)
      try environment.ledger.move(
        [
          .immediate(
            transfer, from: accounts[0].id, to: accounts[1].id, money.minorUnits,
            money.currencyCode, for: .walletSend, reference: id, note: request.note)
        ], at: now, by: caller.actor, in: session)
      let instant = GoogleProtobuf.Timestamp(sinceEpoch: now)
      let payment = Payments.WalletPayment(
        id: request.id, kind: .send, state: .done, walletId: from.id, otherWalletId: to.id,
        amount: money, note: request.note, transferIds: [transfer.description],
        createdAt: instant, endedAt: instant)
      try book.put(payment, isNew: true, by: caller.actor, at: now, in: session)
      return payment
    }
  }

  private static func requireActive(_ wallets: Payments.Wallet...) throws(PaymentsError) {
    if wallets.allSatisfy({ $0.state == .active }) { return }
    throw .refused(.walletFrozen, "a wallet is frozen or closed: its owner must ask support")
  }

  func topUpWallet(
    _ request: Payments.TopUpWalletRequest, _ context: CallContext
  ) async throws -> Payments.WalletPayment {
    var faults = FieldFaults()
    _ = faults.id(request.id, "id")
    _ = faults.id(request.walletId, "wallet_id")
    let money = request.amount ?? SaraiType.Money()
    faults.range(money.minorUnits, "amount.minor_units", 1...Int64.max)
    faults.text(request.providerCode, "provider_code", lengthMin: 1, lengthMax: 60)
    faults.text(request.instrumentToken, "instrument_token", lengthMax: 500)
    try faults.check()
    let now = environment.now
    let caller = context.caller
    return try await environment.once(
      request, request.id, of: Payments.WalletServiceMethods.topUpWallet, context
    ) { [self] session in
      let wallet = try wallet(request.walletId, of: caller, in: session)
      try Self.requireActive(wallet)
      guard try book.account(of: wallet, at: now, in: session).currencyCode == money.currencyCode
      else {
        throw PaymentsError.refused(.currencyDiffers, "give the amount in the wallet's currency")
      }
      try book.use(money.minorUnits, of: wallet, isDebit: false, at: now, in: session)
      let asked = try topUps.open(
        providerCode: request.providerCode, amount: money, payment: request.id,
        instrumentToken: request.instrumentToken, by: caller.actor, in: session)
      let payment = Payments.WalletPayment(
        id: request.id, kind: .topUp, state: .waiting, walletId: wallet.id, amount: money,
        providerCode: request.providerCode, redirectUrl: asked.redirectURL,
        providerRequestId: asked.requestID,
        createdAt: GoogleProtobuf.Timestamp(sinceEpoch: now))
      try book.put(payment, isNew: true, by: caller.actor, at: now, in: session)
      return payment
    }
  }

  // MARK: Payments made

  func getWalletPayment(
    _ request: Payments.GetWalletPaymentRequest, _ context: CallContext
  ) async throws -> Payments.WalletPayment {
    try await environment.database.read { [self, caller = context.caller] session in
      guard let payment = try WalletStore.payments.find(request.id, in: session) else {
        throw PaymentsError.notFound("wallet payment")
      }
      let mine = [payment.walletId, payment.otherWalletId].contains {
        (try? wallet($0, of: caller, in: session)) != nil
      }
      guard mine else { throw PaymentsError.notFound("wallet payment") }
      return payment
    }
  }

  func listWalletPayments(
    _ request: Payments.ListWalletPaymentsRequest, _ context: CallContext
  ) async throws -> Payments.ListWalletPaymentsResponse {
    let page = try Page(\.page, of: request, caller: context.caller.key, context)
    let range = InstantRange(request.created)
    let (payments, next) = try await environment.database.read {
      [self, caller = context.caller] session in
      let wallet = try wallet(request.walletId, of: caller, in: session)
      return try WalletStore.payments.page(
        page,
        [
          .init("? IN (wallet_id, other_wallet_id)", .text(wallet.id)),
          .init("sort <= ?", .integer(-range.from)),
          .init("sort > ?", .integer(range.to == .max ? .min : -range.to)),
        ], in: session)
    }
    return Payments.ListWalletPaymentsResponse(payments: payments, page: next)
  }

  // MARK: Codes

  func createQrCode(
    _ request: Payments.CreateQrCodeRequest, _ context: CallContext
  ) async throws -> Payments.QrCode { throw PaymentsError.featureAbsent("QR codes") }

  func decodeQrCode(
    _ request: Payments.DecodeQrCodeRequest, _ context: CallContext
  ) async throws -> Payments.QrCode { throw PaymentsError.featureAbsent("QR codes") }

  func payQrCode(
    _ request: Payments.PayQrCodeRequest, _ context: CallContext
  ) async throws -> Payments.WalletPayment { throw PaymentsError.featureAbsent("QR codes") }
}
