import CatalogContracts
import IdentityContracts
import Platform
import RPC
import WellKnownTypes
import Wire

/// Stands in for catalog and identity, which have no such methods yet: quotes, reservations that
/// remember their ids, and companies that are verified; unreachable or forgetful on demand.
final class CatalogDouble: Sendable {
  /// What becomes of a call.
  enum Mood: Sendable {
    case good
    /// It does not take effect.
    case down
    /// It takes effect, and the answer is lost.
    case mute
  }

  struct State {
    var quotes: [String: Catalog.Quote] = [:]
    var reservations: [String: Catalog.Reservation] = [:]
    var moods: [Mood] = []
    var verified: Set<String> = []
    /// How often each id took effect, by method.
    var effects: [String: Int] = [:]
    var isShort = false
  }

  let state = Lock(State())

  /// A quote that the buyer accepted.
  func accept(_ quote: Catalog.Quote) throws -> Catalog.Quote {
    var quote = quote
    quote.contentSha256 = try quote.canonicalSHA256()
    quote.state = .accepted
    state.withLock { [quote] in $0.quotes[quote.id] = quote }
    return quote
  }

  var transport: InProcessTransport {
    var router = Router()
    router.unary(Catalog.QuotationServiceMethods.getQuote) { request, _ in
      guard let quote = self.state.withLock({ $0.quotes[request.id] }) else {
        throw RPCError(.notFound, "no such quote")
      }
      return quote
    }
    router.unary(Catalog.StockServiceMethods.reserveStock) { request, _ in
      try self.change("reserve", request.id) { state in
        if let found = state.reservations[request.id] { return found }
        if state.isShort { throw RPCError(.failedPrecondition, "too little is in stock") }
        return Catalog.Reservation(
          id: request.id, orderId: request.orderId, state: .held, lines: request.lines)
      }
    }
    router.unary(Catalog.StockServiceMethods.extendReservation) { request, _ in
      try self.change("extend", request.id) { state in
        try Self.held(state, request.id)
      }
    }
    router.unary(Catalog.StockServiceMethods.commitReservation) { request, _ in
      try self.change("commit", request.id) { state in
        if let found = state.reservations[request.id], found.state == .committed { return found }
        var found = try Self.held(state, request.id)
        found.state = .committed
        return found
      }
    }
    router.unary(Catalog.StockServiceMethods.releaseReservation) { request, _ in
      try self.change("release", request.id) { state in
        guard var found = state.reservations[request.id], found.state != .committed else {
          throw RPCError(.failedPrecondition, "the reservation cannot be released")
        }
        found.state = .released
        return found
      }
    }
    router.unary(Identity.VerificationServiceMethods.batchGetVerificationStatus) { request, _ in
      let verified = self.state.withLock { $0.verified }
      return Identity.BatchGetVerificationStatusResponse(
        statuses: request.organisationIds.filter(verified.contains).map {
          Identity.VerificationStatus(organisationId: $0, state: .verified)
        })
    }
    return InProcessTransport(to: router)
  }

  private static func held(_ state: State, _ id: String) throws -> Catalog.Reservation {
    guard let found = state.reservations[id], found.state == .held else {
      throw RPCError(.failedPrecondition, "the reservation is closed")
    }
    return found
  }

  private func change(
    _ method: String, _ id: String, _ body: (State) throws -> Catalog.Reservation
  ) throws -> Catalog.Reservation {
    try state.withLock { state in
      let mood = state.moods.isEmpty ? Mood.good : state.moods.removeFirst()
      if mood == .down { throw RPCError(.unavailable, "catalog is down") }
      let before = state.reservations[id]
      let after = try body(state)
      state.reservations[id] = after
      if before?.state != after.state { state.effects["\(method) \(id)", default: 0] += 1 }
      if mood == .mute { throw RPCError(.deadlineExceeded, "no answer in time") }
      return after
    }
  }
}
