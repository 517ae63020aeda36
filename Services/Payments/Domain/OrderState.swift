/// How an order stands; the numbers are those of `Payments.OrderState`.
///
/// ```
/// opening -> reserved -> funded -> shipped -> received -> settled
///               |  ^       |          |  ^
///               v  |       |          v  | withdrawn
///             funding      |       disputed -> settled, refunded
///               |          |
///               +----------+--> cancelled
/// ```
enum OrderState: Int32, Sendable, CaseIterable {
  /// Catalog has not said yet whether the stock is there; the buyer does not see the order.
  case opening = 0
  case reserved, funding, funded, shipped, received, disputed, settled, refunded, cancelled

  /// Whether nothing but a later refund can happen to it.
  var isTerminal: Bool { self == .settled || self == .refunded || self == .cancelled }
}

/// A side of an order.
enum OrderSide: Sendable, CaseIterable {
  case buyer, seller
}
