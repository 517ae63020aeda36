import HTTPClient
import Platform
import Providers
import RPC
import ServiceKit
import Storage

/// Orders, disputes, payouts and providers, as the program wires them.
extension PaymentsProgram {
  /// What they serve and do unasked.
  static func trade(
    _ environment: PaymentsEnvironment, _ surroundings: ServiceEnvironment, _ options: Options,
    network: any HTTPExchange
  ) -> (services: [any Service], jobs: [BackgroundJob], topUps: any TopUpGate) {
    var settings = TradeSettings()
    settings.coolingTime = options.coolingTime
    let context = TradeContext(
      base: environment, catalog: CatalogDesk(transport: surroundings.client(to: .catalog)),
      parties: PartyDesk(transport: surroundings.client(to: .identity)),
      files: BlobFiles(blobs: surroundings.blobs), settings: settings)
    let desk = ProviderDesk(
      context: context, adapter: SignedHTTPAdapter(network, time: environment.time),
      secrets: ProviderSecrets(box: surroundings.secrets))
    let stock = StockDesk(context: context)
    let worker = TradeWorker(context: context, stock: stock, providers: desk)
    let log = surroundings.log
    return (
      [
        OrderHandler(context: context, stock: stock, providers: desk),
        DisputeHandler(context: context), PayoutHandler(context: context),
        ProviderHandler(context: context, desk: desk),
      ],
      [
        .every(.milliseconds(250), "trade") {
          while try await worker.runDue(failed: { log.warning("trade: \($0)") }) > 0 {}
        }
      ],
      desk.book
    )
  }
}
