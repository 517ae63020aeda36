/// How a provider is spoken to: one for each kind of provider.
public protocol ProviderAdapter: Sendable {
  /// Has money moved; to be called once for each payment.
  func send(_ payment: ProviderWire.Payment, to endpoint: ProviderEndpoint) async -> ProviderAnswer

  /// Asks how a payment ended.
  func ask(_ payment: ProviderWire.Payment, at endpoint: ProviderEndpoint) async -> ProviderAnswer
}

/// Where a provider is, and the secrets that it shares with us.
public struct ProviderEndpoint: Sendable {
  /// Where it is asked: an absolute URL.
  public var baseURL: String
  /// The newest first; that one signs.
  public var secrets: [[UInt8]]
  /// How long an answer is awaited.
  public var timeout: Duration

  /// An endpoint.
  public init(baseURL: String, secrets: [[UInt8]], timeout: Duration) {
    self.baseURL = baseURL
    self.secrets = secrets
    self.timeout = timeout
  }
}

/// What is known after asking a provider.
public struct ProviderAnswer: Sendable, Hashable {
  /// What it means for the payment.
  public enum Verdict: Sendable, Hashable {
    /// Nothing has left the house.
    case notSent
    /// Money moved.
    case succeeded(reference: String)
    /// No money moved, for certain.
    case failed
    /// Not decided, not answered, or not to be believed.
    case unclear
    /// The provider has not seen the payment so far.
    case notKnown
  }

  /// What it means.
  public var verdict: Verdict
  /// The HTTP status; 0 if none came.
  public var httpStatus = 0
  /// The provider's own word, at most 200 characters.
  public var word = ""
  /// What was wrong with the answer: "timeout", "signature", "amount"; empty for nothing.
  public var fault = ""

  /// An answer.
  public init(_ verdict: Verdict, httpStatus: Int = 0, word: String = "", fault: String = "") {
    self.verdict = verdict
    self.httpStatus = httpStatus
    self.word = word
    self.fault = fault
  }

  /// What an outcome says of the payment that was asked for: only what names the same id, amount and
  /// currency is believed.
  public init(_ outcome: ProviderWire.Outcome, of payment: ProviderWire.Payment, httpStatus: Int) {
    let word = String(outcome.word.prefix(200))
    var fault = ""
    if outcome.id != payment.id {
      fault = "id"
    } else if outcome.standing == .notKnown {
      self.init(.notKnown, httpStatus: httpStatus, word: word)
      return
    } else if outcome.amount != payment.amount {
      fault = "amount"
    } else if outcome.currencyCode != payment.currencyCode {
      fault = "currency"
    }
    guard fault.isEmpty else {
      self.init(.unclear, httpStatus: httpStatus, word: word, fault: fault)
      return
    }
    switch outcome.standing {
    case .succeeded:
      let reference = String(outcome.reference.prefix(100))
      self.init(.succeeded(reference: reference), httpStatus: httpStatus, word: word)
    case .failed: self.init(.failed, httpStatus: httpStatus, word: word)
    default: self.init(.unclear, httpStatus: httpStatus, word: word)
    }
  }
}
