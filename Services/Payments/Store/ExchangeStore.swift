import PaymentsContracts
import Platform
import Storage
import TypeContracts
import WellKnownTypes
import Wire

/// Rates, quotes and conversions.
enum ExchangeStore {
  static let rates = RecordTable<Payments.RateEntry>(
    name: "exchange_rate", columns: ["base", "quote"])
  static let quotes = RecordTable<Payments.ExchangeQuote>(
    name: "exchange_quote", columns: ["organisation_id"])
  static let conversions = RecordTable<Payments.Conversion>(
    name: "conversion", columns: ["organisation_id"])

  /// The statements of the migration. The rates now are those to which `exchange_pair` points.
  static let tables = """
    CREATE TABLE exchange_rate (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL,
      base text NOT NULL, quote text NOT NULL);
    CREATE TABLE exchange_pair (
      base text NOT NULL, quote text NOT NULL, rate_id text NOT NULL, PRIMARY KEY (base, quote));
    CREATE TABLE exchange_quote (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL,
      organisation_id text NOT NULL);
    CREATE TABLE conversion (
      id text PRIMARY KEY, state bigint NOT NULL, sort bigint NOT NULL, content bytea NOT NULL,
      organisation_id text NOT NULL);
    """

  /// The rate of a pair, however old.
  static func rate(
    _ base: String, _ quote: String, in session: any SQLSession
  ) throws -> Payments.RateEntry? {
    let content = try session.first(
      """
      SELECT r.content FROM exchange_pair p JOIN exchange_rate r ON r.id = p.rate_id
      WHERE p.base = $1 AND p.quote = $2
      """, .text(base), .text(quote)
    ) { (row) throws(StorageError) in try row.bytes(0) }
    return try content.map { try Payments.RateEntry(decoding: $0, as: .native) }
  }

  /// Rates by pair, behind the pair of a cursor.
  static func rates(
    from base: String, behind: (base: String, quote: String), countMax: Int,
    in session: any SQLSession
  ) throws -> [Payments.RateEntry] {
    let contents = try session.all(
      """
      SELECT r.content FROM exchange_pair p JOIN exchange_rate r ON r.id = p.rate_id
      WHERE (p.base > $1 OR p.base = $1 AND p.quote > $2) AND ($3 = '' OR p.base = $3)
      ORDER BY p.base, p.quote LIMIT $4
      """, .text(behind.base), .text(behind.quote), .text(base), .integer(Int64(countMax))
    ) { (row) throws(StorageError) in try row.bytes(0) }
    return try contents.map { try Payments.RateEntry(decoding: $0, as: .native) }
  }

  /// Adds a rate, which is the pair's from now on.
  static func add(_ rate: Payments.RateEntry, at now: Duration, in session: any SQLSession) throws {
    let base = rate.rate?.baseCurrencyCode ?? ""
    let quote = rate.rate?.quoteCurrencyCode ?? ""
    try rates.insert(
      rate.id, state: 0, sort: -now.wholeMicroseconds, rate, .text(base), .text(quote),
      in: session)
    try session.execute(
      """
      INSERT INTO exchange_pair (base, quote, rate_id) VALUES ($1, $2, $3)
      ON CONFLICT (base, quote) DO UPDATE SET rate_id = excluded.rate_id
      """, .text(base), .text(quote), .text(rate.id))
  }
}
