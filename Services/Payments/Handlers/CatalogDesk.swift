import CatalogContracts
import RPC
import WellKnownTypes

/// What payments asks catalog for. Reservations are named by ids of ours, so that a call without an
/// answer can be repeated.
struct CatalogDesk: Sendable {
  /// How a question ended.
  enum Answer<Value: Sendable>: Sendable {
    case done(Value)
    /// Catalog says no, for certain.
    case refused(RPCError)
    /// Nobody knows whether it took effect: ask again.
    case unknown
  }

  let transport: any ClientTransport
  /// How long an answer is awaited.
  var timeout: Duration = .seconds(5)

  /// A quote.
  func quote(_ id: String) async -> Answer<Catalog.Quote> {
    await ask { (transport, options) async throws(RPCError) in
      try await transport.unary(
        Catalog.QuotationServiceMethods.getQuote, Catalog.GetQuoteRequest(id: id), options: options)
    }
  }

  /// Allocates an order's units.
  func reserve(_ request: Catalog.ReserveStockRequest) async -> Answer<Catalog.Reservation> {
    await ask { (transport, options) async throws(RPCError) in
      try await transport.unary(
        Catalog.StockServiceMethods.reserveStock, request, options: options)
    }
  }

  /// Moves the end of a hold.
  func hold(_ id: String, until end: Duration) async -> Answer<Catalog.Reservation> {
    let request = Catalog.ExtendReservationRequest(
      id: id, expiresAt: GoogleProtobuf.Timestamp(sinceEpoch: end))
    return await ask { (transport, options) async throws(RPCError) in
      try await transport.unary(
        Catalog.StockServiceMethods.extendReservation, request, options: options)
    }
  }

  /// Turns the allocation into a sale.
  func commit(_ id: String) async -> Answer<Catalog.Reservation> {
    await ask { (transport, options) async throws(RPCError) in
      try await transport.unary(
        Catalog.StockServiceMethods.commitReservation, Catalog.CommitReservationRequest(id: id),
        options: options)
    }
  }

  /// Gives the units back.
  func release(_ id: String) async -> Answer<Catalog.Reservation> {
    await ask { (transport, options) async throws(RPCError) in
      try await transport.unary(
        Catalog.StockServiceMethods.releaseReservation, Catalog.ReleaseReservationRequest(id: id),
        options: options)
    }
  }

  private func ask<Value: Sendable>(
    _ call: (any ClientTransport, CallOptions) async throws(RPCError) -> Value
  ) async -> Answer<Value> {
    do throws(RPCError) {
      return .done(try await call(transport, CallOptions(timeout: timeout)))
    } catch {
      switch error.code {
      case .failedPrecondition, .invalidArgument, .notFound, .alreadyExists, .permissionDenied,
        .unimplemented, .outOfRange:
        return .refused(error)
      default: return .unknown
      }
    }
  }
}
