import Access
import AccessTesting
import CatalogContracts
import Cryptography
import PaymentsContracts
import Platform
import RPC
import Storage
import TypeContracts
import WellKnownTypes
import Wire

@testable import PaymentsService

extension TradeHouse {
  private var exchange: Payments.ExchangeServiceClient<InProcessTransport> {
    Payments.ExchangeServiceClient(
      InProcessTransport(
        to: Router(
          ExchangeHandler(context.base),
          interceptors: [ActingAs(caller: .service("test"))]), time: time))
  }

  private var dollars: UUID { DerivedID.of("dollars", buyer) }

  /// A rate from dollars to rupees, dollars of the buyer, rupees of the house, and tiers of wallets.
  func openMarket() async throws {
    let now = context.now
    _ = try await exchange.setExchangeRate(
      Payments.SetExchangeRateRequest(
        id: newID(),
        rate: SaraiType.ExchangeRate(
          baseCurrencyCode: "USD", quoteCurrencyCode: "PKR",
          rate: SaraiType.DecimalNumber(unscaled: 278_50, scale: 2)),
        marginBasisPoints: 100, feeBasisPoints: 50,
        validUntilAt: GoogleProtobuf.Timestamp(sinceEpoch: now + .seconds(86_400))))
    let source = DerivedID.of("dollars", "provider")
    let accounts = [
      NewAccount(id: source, currencyCode: "USD", purpose: .provider, rule: .free),
      NewAccount(
        id: dollars, currencyCode: "USD", purpose: .settlement, rule: .debitsNotAboveCredits,
        organisationID: UUID(buyer)),
    ]
    let transfers = [
      NewTransfer.immediate(
        context.makeID(), from: source, to: dollars, 1_000_000, "USD", for: .topUp),
      NewTransfer.immediate(
        context.makeID(), from: providerAccount, to: HouseAccounts.id(.liquidity, "PKR"),
        1_000_000_000, "PKR", for: .topUp),
    ]
    let base = context.base
    try await database.write { session in
      try WalletBook(environment: base).seedTiers(at: now, in: session)
      _ = try base.ledger.openAccounts(accounts, at: now, by: .house, in: session)
      _ = try base.ledger.move(transfers, at: now, by: .house, in: session)
    }
  }

  /// What the buyer's company has that methods name by an id, made anew; in `sale` it sells.
  func accessScene(_ seats: [AccessMatrix.Seat: String]) async throws -> AccessMatrix.Scene {
    // Quotes of exchange end; tokens live longer.
    var names = [
      "company": buyer, "account": buyerAccount.description,
      "dollars": dollars.description,
    ]
    try await addMoney(&names)
    try await addOrders(&names)
    let owner = seats[AccessMatrix.Seat(role: .owner, isOwner: true)] ?? ""
    let views = [
      ("OrderService/GetOrder", "order"), ("OrderService/GetOrder", "sale"),
      ("OrderService/GetOrder", "reserved"), ("DisputeService/GetDispute", "dispute"),
      ("PayoutService/GetPayout", "payout"), ("WalletService/GetWallet", "wallet"),
      ("LedgerService/GetAccount", "account"), ("ExchangeService/GetExchangeQuote", "quote"),
    ]
    return AccessMatrix.Scene(
      names: names, person: "", seats: seats, newID: { newID() },
      views: views.map { method, name in
        (owner, "/sarai.payments.v1.\(method)", #"{"id":"\#(names[name] ?? "")"}"#)
      })
  }

  private func addOrders(_ names: inout [String: String]) async throws {
    let offer = try quote(1_000)
    names["tradeQuote"] = offer.id
    names["tradeQuoteDigest"] = Base64URL.text(offer.contentSha256)
    let order = try await shipped(1_000).id
    names["order"] = order
    let page = Array("%PDF-1.4\n%%EOF\n".utf8)
    let document = Payments.UploadShippingDocumentRequest(
      id: newID(), orderId: order, kind: .packingList, fileName: "list.pdf", chunk: page)
    _ = try await orders(selling).uploadShippingDocument { try await $0.send(document) }
    names["document"] = document.id
    names["reserved"] = try await reserved(1_000).id
    let settled = try await settled(1_000)
    names["settled"] = settled.id
    names["refund"] = try await disputes(maker).createRefund(
      Payments.CreateRefundRequest(
        id: newID(), orderId: settled.id,
        amount: SaraiType.Money(minorUnits: 10, currencyCode: "PKR"), reason: "goodwill")
    ).id
    let dispute = try await disputes(buying).openDispute(
      Payments.OpenDisputeRequest(
        id: newID(), orderId: shipped(1_000).id, reason: .damaged,
        claimed: SaraiType.Money(minorUnits: 10, currencyCode: "PKR"), account: "wet")
    ).id
    names["dispute"] = dispute
    let evidence = Payments.UploadEvidenceRequest(
      id: newID(), disputeId: dispute, note: "wet", fileName: "wet.pdf", chunk: page)
    _ = try await disputes(buying).uploadEvidence { try await $0.send(evidence) }
    names["evidence"] = evidence.id
    let funded = try await reserved(1_000)
    names["funding"] = try await orders(buying).fundOrder(
      Payments.FundOrderRequest(
        id: newID(), orderId: funded.id, debitAccountId: buyerAccount.description)
    ).id
    names["sale"] = try await sold()
    let disputed = try await sold()
    _ = try await orders(selling).fundOrder(
      Payments.FundOrderRequest(
        id: newID(), orderId: disputed, debitAccountId: sellerAccount.description))
    _ = try await orders(buying).markShipped(
      Payments.MarkShippedRequest(id: disputed, shipment: Self.shipment))
    names["answerable"] = try await disputes(selling).openDispute(
      Payments.OpenDisputeRequest(
        id: newID(), orderId: disputed, reason: .damaged,
        claimed: SaraiType.Money(minorUnits: 10, currencyCode: "PKR"), account: "wet")
    ).id
  }

  /// An order in which the buyer's company sells to the seller's.
  private func sold() async throws -> String {
    var offer = try quote(1_000)
    offer.id = newID()
    (offer.buyerOrganisationId, offer.sellerOrganisationId) = (seller, buyer)
    (offer.state, offer.contentSha256) = (.unspecified, [])
    let accepted = try catalog.accept(offer)
    return try await orders(selling).createOrder(
      Payments.CreateOrderRequest(
        id: newID(), buyerOrganisationId: seller, quoteId: accepted.id,
        quoteSha256: accepted.contentSha256)
    ).id
  }

  private func addMoney(_ names: inout [String: String]) async throws {
    let transfer = context.makeID()
    let moves = [
      NewTransfer.immediate(
        transfer, from: providerAccount, to: buyerAccount, 20_000, "PKR", for: .topUp),
      NewTransfer.immediate(
        context.makeID(), from: providerAccount, to: sellerAccount, 2_000, "PKR", for: .topUp),
    ]
    let now = context.now
    let ledger = context.ledger
    try await database.write { session in
      _ = try ledger.move(moves, at: now, by: .house, in: session)
    }
    names["transfer"] = transfer.description
    let beneficiary = try await PayoutTests.beneficiary(self)
    names["beneficiary"] = beneficiary.id
    names["payout"] = try await payouts(buying).createPayout(
      PayoutTests.draft(self, beneficiary, 100)
    ).id
    let amount = SaraiType.Money(minorUnits: 1_000, currencyCode: "USD")
    for name in ["quote", "converted"] {
      names[name] = try await exchange.createExchangeQuote(
        Payments.CreateExchangeQuoteRequest(
          id: newID(), organisationId: buyer, sellCurrencyCode: "USD", buyCurrencyCode: "PKR",
          amount: amount)
      ).id
    }
    names["conversion"] = try await exchange.convert(
      Payments.ConvertRequest(
        id: newID(), quoteId: names["converted"] ?? "", debitAccountId: dollars.description,
        creditAccountId: buyerAccount.description)
    ).id
    try await addWallets(&names)
  }

  /// A company has one wallet in a currency, so it is the same in all scenes.
  private func addWallets(_ names: inout [String: String]) async throws {
    let client = Payments.WalletServiceClient(
      InProcessTransport(
        to: Router(
          WalletHandler(environment: context.base, owners: KnownOwners(), topUps: desk.book),
          interceptors: [ActingAs(caller: .service("test"))]), time: time))
    for (name, organisation, phone) in [
      ("wallet", buyer, "+923001234567"), ("otherWallet", seller, "+923001234568"),
    ] {
      let found = try await client.listWallets(
        Payments.ListWalletsRequest(organisationId: organisation))
      if let wallet = found.wallets.first {
        names[name] = wallet.id
      } else {
        names[name] = try await client.openWallet(
          Payments.OpenWalletRequest(
            id: newID(), organisationId: organisation,
            phone: SaraiType.PhoneNumber(e164: phone), currencyCode: "PKR")
        ).id
      }
    }
    names["walletPayment"] = try await client.topUpWallet(
      Payments.TopUpWalletRequest(
        id: newID(), walletId: names["wallet"] ?? "",
        amount: SaraiType.Money(minorUnits: 100, currencyCode: "PKR"), providerCode: "easy-sim")
    ).id
  }
}
