public import HTTPClient
public import Platform
internal import Providers
public import Storage
internal import Wire

/// A provider to run against: it speaks the protocol of `Providers` and misbehaves on demand.
///
/// It is naive on purpose: each payment that comes moves money, even under an id that came before.
/// Who sends twice pays twice, and its list shows it.
public struct SimulatedProvider: Sendable {
  /// What it answers.
  public enum Reply: Sendable, Hashable {
    /// An answer.
    case response(HTTPResponse)
    /// Nothing, ever.
    case silence
  }

  /// Which behaviour a payment meets.
  public enum Plan: Sendable {
    /// What its amount asks for.
    case magicAmounts
    /// Always the same.
    case always(Behaviour)
    /// Any, by chance.
    case chance
  }

  /// Who is called back, and where.
  public struct CallbackTarget: Sendable {
    let url: String
    let exchange: any HTTPExchange

    /// Call-backs go to `url` over `exchange`.
    public init(url: String, exchange: any HTTPExchange) {
      self.url = url
      self.exchange = exchange
    }
  }

  /// How long what is late takes.
  public static let delay: Duration = .seconds(20)
  private static let callbackTriesMax: Int64 = 8

  private let database: Database
  private let secret: [UInt8]
  private let plan: Plan
  private let target: CallbackTarget?
  private let time: any TimeSource
  private let random: any RandomSource

  /// Opens its list.
  public init(
    at location: DatabaseLocation, secret: [UInt8], plan: Plan, callbacks: CallbackTarget?,
    time: any TimeSource, random: any RandomSource
  ) async throws {
    database = try await Database(location, migrations: SimulatorTables.migrations)
    self.secret = secret
    self.plan = plan
    target = callbacks
    self.time = time
    self.random = random
  }

  /// Closes its list.
  public func stop() async { await database.stop() }

  /// What moved so far, in order.
  public func movements() async throws -> [Movement] {
    try await database.read { session in
      try session.all(
        "SELECT payment_id, way, amount, currency, account FROM movement ORDER BY number"
      ) { (row) throws(StorageError) in
        let isIn = try row.integer(1) == Int64(ProviderWire.Way.in.rawValue)
        let amount = try row.integer(2)
        return Movement(
          paymentID: try row.text(0), amount: isIn ? amount : -amount,
          currencyCode: try row.text(3), account: try row.text(4))
      }
    }
  }

  // MARK: Requests

  /// Answers a request to a path.
  public func reply(to path: String, fields: [HTTPField], body: [UInt8]) async throws -> Reply {
    let signature = BodySignature(
      timestamp: fields[BodySignature.timestampField] ?? "",
      signature: fields[BodySignature.signatureField] ?? "")
    guard signature.verifies(body, secrets: [secret], at: time.sinceEpoch()) else {
      return .response(HTTPResponse(status: 401))
    }
    if path.hasSuffix("/v1/payments"),
      let payment = try? ProviderWire.Payment(decoding: body, as: .json)
    {
      return try await take(payment)
    }
    if path.hasSuffix("/v1/inquiries"),
      let inquiry = try? ProviderWire.Inquiry(decoding: body, as: .json)
    {
      return try await tell(inquiry.id)
    }
    return .response(HTTPResponse(status: 404))
  }

  private func take(_ payment: ProviderWire.Payment) async throws -> Reply {
    let behaviour: Behaviour =
      switch plan {
      case .magicAmounts: Behaviour(magicAmount: payment.amount)
      case .always(let behaviour): behaviour
      case .chance:
        Behaviour.allCases[Int(random.number(below: UInt64(Behaviour.allCases.count)))]
      }
    if behaviour == .silentLost { return .silence }
    let now = time.sinceEpoch().nanoseconds / 1_000
    let late = now + Self.delay.nanoseconds / 1_000
    let isLate = behaviour == .late || behaviour == .lateRefuse
    let standing: ProviderWire.Standing =
      behaviour == .refuse ? .failed : isLate ? .pending : .succeeded
    let reference = "SIM-\(payment.id.prefix(8))"
    try await database.write { session in
      try session.execute(
        """
        INSERT INTO payment (id, way, amount, currency, account, behaviour, standing, decides_at,
          reference, answer_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)
        ON CONFLICT (id) DO NOTHING
        """, .text(payment.id), .integer(Int64(payment.way.rawValue)), .integer(payment.amount),
        .text(payment.currencyCode), .text(payment.account), .text(behaviour.rawValue),
        .integer(Int64(standing.rawValue)), .integer(late), .text(reference))
      if behaviour.movesAtOnce { try move(payment, at: now, in: session) }
      if behaviour == .twice || behaviour.lie != nil {
        try callBack(payment.id, at: now, isFalse: behaviour.lie != nil, in: session)
        try callBack(payment.id, at: now + 1_000_000, isFalse: false, in: session)
      }
    }
    return try await tell(payment.id, isFirst: true)
  }

  private func tell(_ id: String, isFirst: Bool = false) async throws -> Reply {
    try await decideDue()
    let found = try await database.write { session in
      try session.first(
        """
        UPDATE payment SET answer_count = answer_count + 1 WHERE id = $1
        RETURNING amount, currency, behaviour, standing, reference
        """, .text(id)
      ) { (row) throws(StorageError) in
        (
          ProviderWire.Outcome(
            id: id, standing: ProviderWire.Standing(rawValue: Int32(try row.integer(3))),
            amount: try row.integer(0), currencyCode: try row.text(1),
            reference: try row.text(4)), Behaviour(rawValue: try row.text(2)) ?? .prompt
        )
      }
    }
    guard let (outcome, behaviour) = found else {
      return try sign(ProviderWire.Outcome(id: id, standing: .notKnown), as: nil)
    }
    switch behaviour {
    case .mute: return .silence
    case .silentPaid where isFirst: return .silence
    case .serverError where isFirst: return .response(HTTPResponse(status: 500))
    default: return try sign(outcome, as: isFirst ? behaviour.lie : nil)
    }
  }

  private func sign(_ outcome: ProviderWire.Outcome, as lie: Behaviour.Lie?) throws -> Reply {
    let (body, signature) = try signed(outcome, as: lie)
    return .response(
      HTTPResponse(
        status: 200,
        fields: [
          HTTPField("content-type", "application/json"),
          HTTPField(BodySignature.timestampField, signature.timestamp),
          HTTPField(BodySignature.signatureField, signature.signature),
        ], body: body))
  }

  private func signed(
    _ outcome: ProviderWire.Outcome, as lie: Behaviour.Lie?
  ) throws -> ([UInt8], BodySignature) {
    var outcome = outcome
    var secret = secret
    switch lie {
    case nil: break
    case .amount: outcome.amount += 1
    case .currency: outcome.currencyCode = outcome.currencyCode == "USD" ? "EUR" : "USD"
    case .id: outcome.id = UUID(high: random.next(), low: random.next()).description
    case .signature: secret.append(0)
    }
    let body = try outcome.encoded(as: .json)
    return (body, BodySignature(of: body, secret: secret, at: time.sinceEpoch()))
  }

  // MARK: What happens later

  /// Moves or refuses what was to be decided by now.
  private func decideDue() async throws {
    let now = time.sinceEpoch().nanoseconds / 1_000
    try await database.write { session in
      let due = try session.all(
        """
        SELECT id, way, amount, currency, account, behaviour FROM payment
        WHERE standing = $1 AND decides_at <= $2 ORDER BY decides_at, id
        """, .integer(Int64(ProviderWire.Standing.pending.rawValue)), .integer(now)
      ) { (row) throws(StorageError) in
        (
          ProviderWire.Payment(
            id: try row.text(0), way: ProviderWire.Way(rawValue: Int32(try row.integer(1))),
            amount: try row.integer(2), currencyCode: try row.text(3), account: try row.text(4)),
          try row.text(5) == Behaviour.late.rawValue
        )
      }
      for (payment, pays) in due {
        let standing: ProviderWire.Standing = pays ? .succeeded : .failed
        try session.execute(
          "UPDATE payment SET standing = $2 WHERE id = $1", .text(payment.id),
          .integer(Int64(standing.rawValue)))
        if pays { try move(payment, at: now, in: session) }
        try callBack(payment.id, at: now, isFalse: false, in: session)
      }
    }
  }

  private func move(
    _ payment: ProviderWire.Payment, at now: Int64, in session: any SQLSession
  ) throws {
    try session.execute(
      """
      INSERT INTO movement (number, payment_id, way, amount, currency, account, moved_at)
      SELECT COALESCE(max(number), 0) + 1, CAST($1 AS text), CAST($2 AS bigint),
        CAST($3 AS bigint), CAST($4 AS text), CAST($5 AS text), CAST($6 AS bigint) FROM movement
      """, .text(payment.id), .integer(Int64(payment.way.rawValue)), .integer(payment.amount),
      .text(payment.currencyCode), .text(payment.account), .integer(now))
  }

  private func callBack(
    _ id: String, at due: Int64, isFalse: Bool, in session: any SQLSession
  ) throws {
    try session.execute(
      """
      INSERT INTO callback (number, payment_id, due_at, is_false, tries)
      SELECT COALESCE(max(number), 0) + 1, CAST($1 AS text), CAST($2 AS bigint),
        CAST($3 AS bigint), 0 FROM callback
      """, .text(id), .integer(due), .flag(isFalse))
  }

  /// Decides what is due and makes the call-backs that are due; what is not taken is tried again.
  public func runDue() async throws {
    try await decideDue()
    guard let target else { return }
    let now = time.sinceEpoch().nanoseconds / 1_000
    let due = try await database.read { session in
      try session.all(
        """
        SELECT c.number, c.is_false, p.id, p.amount, p.currency, p.standing, p.reference,
          p.behaviour
        FROM callback c JOIN payment p ON p.id = c.payment_id
        WHERE c.due_at <= $1 AND c.tries < $2 ORDER BY c.number
        """, .integer(now), .integer(Self.callbackTriesMax)
      ) { (row) throws(StorageError) in
        (
          number: try row.integer(0), isFalse: try row.flag(1),
          outcome: ProviderWire.Outcome(
            id: try row.text(2),
            standing: ProviderWire.Standing(rawValue: Int32(try row.integer(5))),
            amount: try row.integer(3), currencyCode: try row.text(4),
            reference: try row.text(6)), lie: Behaviour(rawValue: try row.text(7))?.lie
        )
      }
    }
    for callback in due {
      let (body, signature) = try signed(
        callback.outcome, as: callback.isFalse ? callback.lie : nil)
      let request = HTTPRequest(
        url: target.url,
        fields: [
          HTTPField("content-type", "application/json"),
          HTTPField(BodySignature.timestampField, signature.timestamp),
          HTTPField(BodySignature.signatureField, signature.signature),
        ], body: body, timeout: .seconds(10))
      let status = (try? await target.exchange.send(request))?.status ?? 0
      // A lie is told once, whatever it meets.
      let isDone = status == 200 || callback.isFalse
      _ = try await database.write { session in
        try session.execute(
          "UPDATE callback SET tries = tries + $2, due_at = $3 WHERE number = $1",
          .integer(callback.number), .integer(isDone ? Self.callbackTriesMax : 1),
          .integer(now + 5_000_000))
      }
    }
  }
}
