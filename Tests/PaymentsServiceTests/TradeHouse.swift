import Access
import CatalogContracts
import Cryptography
import HTTPClient
import PaymentsContracts
import Platform
import ProviderSimulator
import Providers
import RPC
import ServiceKit
import Storage
import StorageTesting
import Synchronization
import Testing
import TypeContracts
import WellKnownTypes

@testable import PaymentsService

/// The whole trade in the test's process: real handlers, stores and ledger behind generated clients,
/// the provider simulator behind a network that the test rules, and a clock that stands still.
struct TradeHouse: Sendable {
  let database: Database
  let time: ManualTime
  let random: SeededRandom
  let catalog = CatalogDouble()
  let network: NetworkDouble
  let context: TradeContext
  let worker: TradeWorker
  let desk: ProviderDesk
  let stock: StockDesk
  let seller: String
  let buyer: String
  let buyerAccount: UUID
  let sellerAccount: UUID
  let providerAccount: UUID

  static let secret = [UInt8](repeating: 7, count: 32)

  init(_ database: Database, seed: UInt64, settings: TradeSettings) async throws {
    self.database = database
    time = ManualTime(sinceEpoch: .seconds(1_764_000_000))
    random = SeededRandom(seed: seed)
    network = NetworkDouble(random: random)
    let base = PaymentsEnvironment(
      database: database, time: time, random: random, outbox: Outbox(database, time: time),
      records: RequestRecords(time: time))
    context = TradeContext(
      base: base, catalog: CatalogDesk(transport: catalog.transport),
      parties: PartyDesk(transport: catalog.transport), files: FilesInMemory(),
      settings: settings)
    let keys = try KeyFile(KeyFile.addingKey(to: nil, at: .zero, SeededRandom(seed: seed)))
    desk = ProviderDesk(
      context: context, adapter: SignedHTTPAdapter(network, time: time),
      secrets: ProviderSecrets(box: SecretBox(keys)))
    stock = StockDesk(context: context)
    worker = TradeWorker(
      context: context, stock: stock, providers: desk)
    let ids = (0..<5).map { [random] _ in UUID.version7(sinceEpoch: .seconds(1_764_000_000), random)
    }
    (buyer, seller) = (ids[0].description, ids[1].description)
    (buyerAccount, sellerAccount, providerAccount) = (ids[2], ids[3], ids[4])
    catalog.state.withLock { [buyer, seller] in $0.verified = [buyer, seller] }
    try await openAccounts()
  }

  private func openAccounts() async throws {
    let now = context.now
    let accounts = [
      NewAccount(
        id: buyerAccount, currencyCode: "PKR", purpose: .settlement, rule: .debitsNotAboveCredits,
        organisationID: UUID(buyer)),
      NewAccount(
        id: sellerAccount, currencyCode: "PKR", purpose: .settlement, rule: .debitsNotAboveCredits,
        organisationID: UUID(seller)),
      NewAccount(id: providerAccount, currencyCode: "PKR", purpose: .provider, rule: .free),
    ]
    let transfer = NewTransfer.immediate(
      context.makeID(), from: providerAccount, to: buyerAccount, 1_000_000, "PKR", for: .topUp)
    let ledger = context.ledger
    try await database.write { session in
      _ = try ledger.openAccounts(accounts, at: now, by: .house, in: session)
      _ = try ledger.move([transfer], at: now, by: .house, in: session)
    }
  }

  static func with(
    _ engine: Engine, seed: UInt64 = 1, settings: TradeSettings = TradeSettings(),
    _ body: (TradeHouse) async throws -> Void
  ) async throws {
    let all = PaymentsMigrations.all
    try await engine.withDatabase(all) { database in
      try await body(TradeHouse(database, seed: seed, settings: settings))
    }
  }

  // MARK: Who calls

  func newID() -> String { UUID(high: random.next() | 1, low: random.next()).description }

  /// Calls as somebody, who has passed the access rules.
  func transport(as caller: Caller) -> InProcessTransport {
    InProcessTransport(
      to: Router(
        OrderHandler(context: context, stock: stock, providers: desk),
        DisputeHandler(context: context), PayoutHandler(context: context),
        ProviderHandler(context: context, desk: desk),
        interceptors: [ActingAs(caller: caller)]), time: time)
  }

  private func person(_ number: UInt64, of organisation: String?, _ role: Role) -> Caller {
    .person(
      UUID(high: number, low: 1), session: UUID(high: number, low: 2),
      organisation: organisation.flatMap { UUID($0) }, roles: [role])
  }

  var buying: Caller { person(1, of: buyer, .owner) }
  var selling: Caller { person(2, of: seller, .owner) }
  var stranger: Caller { person(5, of: newID(), .owner) }
  /// Two finance operators: a maker and a checker.
  var maker: Caller { person(3, of: nil, .financeOperator) }
  var checker: Caller { person(4, of: nil, .financeOperator) }

  func orders(_ caller: Caller) -> Payments.OrderServiceClient<InProcessTransport> {
    Payments.OrderServiceClient(transport(as: caller))
  }
  func disputes(_ caller: Caller) -> Payments.DisputeServiceClient<InProcessTransport> {
    Payments.DisputeServiceClient(transport(as: caller))
  }
  func payouts(_ caller: Caller) -> Payments.PayoutServiceClient<InProcessTransport> {
    Payments.PayoutServiceClient(transport(as: caller))
  }
  func providers(_ caller: Caller) -> Payments.ProviderServiceClient<InProcessTransport> {
    Payments.ProviderServiceClient(transport(as: caller))
  }

  /// Somebody's new wallet, and who may use it.
  func wallet(
    _ phone: String
  ) async throws -> (Payments.WalletServiceClient<InProcessTransport>, id: String) {
    let book = WalletBook(environment: context.base)
    let now = context.now
    try await database.write { session in try book.seedTiers(at: now, in: session) }
    let owners = KnownOwners()
    let person = UUID(high: 9, low: 1)
    owners.verify(phone, of: person)
    let handler = WalletHandler(environment: context.base, owners: owners, topUps: desk.book)
    let client = Payments.WalletServiceClient(
      InProcessTransport(
        to: Router(
          handler,
          interceptors: [ActingAs(caller: .person(person, session: UUID(high: 9, low: 2)))]),
        time: time))
    let wallet = try await client.openWallet(
      Payments.OpenWalletRequest(
        id: newID(), phone: SaraiType.PhoneNumber(e164: phone), currencyCode: "PKR"))
    return (client, wallet.id)
  }

  // MARK: Orders on the way

  func quote(_ total: Int64 = 100_000) throws -> Catalog.Quote {
    let price = SaraiType.Money(minorUnits: total, currencyCode: "PKR")
    return try catalog.accept(
      Catalog.Quote(
        id: newID(), buyerOrganisationId: buyer, sellerOrganisationId: seller, storeId: newID(),
        lines: [
          Catalog.QuoteLine(
            variantId: newID(), sku: "BALL-5", hsCode: "950662", quantity: 100, unit: .piece,
            unitPrice: SaraiType.Money(minorUnits: total / 100, currencyCode: "PKR"),
            lineTotal: price)
        ], total: price, incoterm: .fob, namedPlace: "Karachi",
        leadTime: GoogleProtobuf.Duration(seconds: 10 * 86_400),
        inspectionPeriod: GoogleProtobuf.Duration(seconds: 3 * 86_400)))
  }

  func request(_ quote: Catalog.Quote) -> Payments.CreateOrderRequest {
    Payments.CreateOrderRequest(
      id: newID(), buyerOrganisationId: buyer, quoteId: quote.id,
      quoteSha256: quote.contentSha256)
  }

  func reserved(_ total: Int64 = 100_000) async throws -> Payments.Order {
    try await orders(buying).createOrder(request(try quote(total)))
  }

  func funded(_ total: Int64 = 100_000) async throws -> Payments.Order {
    let order = try await reserved(total)
    _ = try await orders(buying).fundOrder(
      Payments.FundOrderRequest(
        id: newID(), orderId: order.id, debitAccountId: buyerAccount.description))
    return try await orders(buying).getOrder(Payments.GetOrderRequest(id: order.id))
  }

  static let shipment = Payments.Shipment(carrier: "Sea Line", mode: .sea)

  func shipped(_ total: Int64 = 100_000) async throws -> Payments.Order {
    let order = try await funded(total)
    return try await orders(selling).markShipped(
      Payments.MarkShippedRequest(id: order.id, shipment: Self.shipment))
  }

  func settled(_ total: Int64 = 100_000) async throws -> Payments.Order {
    let order = try await shipped(total)
    return try await orders(buying).confirmReceipt(
      Payments.ConfirmReceiptRequest(id: order.id))
  }

  func order(_ id: String) async throws -> Payments.Order {
    try await orders(maker.demanding("payments.order.read")).getOrder(
      Payments.GetOrderRequest(id: id))
  }

  // MARK: Money

  /// What is in an account and free.
  func balance(_ account: UUID) async throws -> Int64 {
    let ledger = context.ledger
    let now = context.now
    return try await database.read { session in
      try ledger.account(account, at: now, in: session)?.available ?? 0
    }
  }

  func escrow(of order: Payments.Order) async throws -> Int64 {
    try await balance(UUID(order.escrowAccountId) ?? .null)
  }

  /// Moves the clock on and does what is due, until nothing is.
  func pass(_ duration: Duration) async throws {
    time.advance(by: duration)
    var rounds = 0
    while try await worker.runDue() > 0, rounds < 20 { rounds += 1 }
  }
}

/// Keeps files as long as the test.
final class FilesInMemory: FileStore {
  private let files = Lock<[String: [UInt8]]>([:])

  func put(_ bytes: [UInt8]) async throws -> String {
    files.withLock { files in
      let id = UUID(high: 1, low: UInt64(files.count)).description
      files[id] = bytes
      return id
    }
  }

  func get(_ id: String) async throws -> [UInt8]? { files.withLock { $0[id] } }
}

/// A network between payments and the simulator: it can lose requests and answers.
final class NetworkDouble: HTTPExchange {
  private struct State {
    var provider: SimulatedProvider?
    var lossPercent: UInt64 = 0
    var isDown = false
  }

  private let state = Lock(State())
  private let random: SeededRandom

  init(random: SeededRandom) { self.random = random }

  func connect(_ provider: SimulatedProvider) { state.withLock { $0.provider = provider } }
  func lose(percent: UInt64) { state.withLock { $0.lossPercent = percent } }
  func set(down: Bool) { state.withLock { $0.isDown = down } }

  private func isLost() -> Bool {
    let percent = state.withLock { $0.lossPercent }
    return random.number(below: 100) < percent
  }

  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    let (provider, isDown) = state.withLock { ($0.provider, $0.isDown) }
    guard let provider, !isDown else { throw .notSent("connection refused") }
    if isLost() { throw .unanswered("timeout") }
    let path = String(request.url.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
    let reply: SimulatedProvider.Reply
    do {
      reply = try await provider.reply(to: path, fields: request.fields, body: request.body)
    } catch {
      throw .unanswered("\(error)")
    }
    guard case .response(let response) = reply, !isLost() else { throw .unanswered("timeout") }
    return response
  }
}

/// Brings the simulator's call-backs to `ReceiveCallback`, as the gateway will.
struct CallbackDouble: HTTPExchange {
  let client: Payments.ProviderServiceClient<InProcessTransport>

  func send(_ request: HTTPRequest) async throws(HTTPFailure) -> HTTPResponse {
    var options = CallOptions()
    for name in [BodySignature.timestampField, BodySignature.signatureField] {
      if let value = request.fields[name] { options.metadata.add(name, value) }
    }
    do throws(RPCError) {
      _ = try await client.receiveCallback(
        Payments.ReceiveCallbackRequest(providerCode: "easy-sim", body: request.body),
        options: options)
      return HTTPResponse(status: 200)
    } catch {
      return HTTPResponse(status: error.code == .unauthenticated ? 401 : 409)
    }
  }
}
