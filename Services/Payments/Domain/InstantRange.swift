import TypeContracts
import WellKnownTypes

/// A stretch of time in whole microseconds: `from` is in it, `to` is not.
struct InstantRange: Sendable, Hashable {
  var from: Int64
  var to: Int64

  /// The instants that a caller means; an open side has none of its own.
  init(_ range: SaraiType.TimeRange?) {
    from = range?.fromAt.map(Self.ceiling) ?? 0
    to = range?.toAt.map(Self.ceiling) ?? .max
  }

  /// The first whole microsecond that is not before.
  private static func ceiling(_ instant: GoogleProtobuf.Timestamp) -> Int64 {
    let cut = instant.sinceEpoch.wholeMicroseconds
    return instant.nanos % 1_000 == 0 ? cut : cut + 1
  }
}
