/// How a simulated provider treats a payment.
public enum Behaviour: String, Sendable, CaseIterable {
  /// Moves the money and says so at once.
  case prompt
  /// Refuses at once; no money moves.
  case refuse
  /// Says "pending", moves the money later and calls back.
  case late
  /// Says "pending", refuses later and calls back.
  case lateRefuse
  /// Moves the money and says so at once, and in two call-backs besides.
  case twice
  /// Moves the money and does not answer; says how it ended when asked.
  case silentPaid
  /// Never gets the payment and does not answer.
  case silentLost
  /// Moves the money and answers with an error of the server.
  case serverError
  /// Moves the money; the first answer and call-back bear another amount.
  case wrongAmount
  /// The same with another currency.
  case wrongCurrency
  /// The same with another id.
  case wrongID
  /// The same with a signature of another secret.
  case wrongSignature
  /// Moves the money and never says anything about it.
  case mute

  /// What an amount asks for by its last two digits: 01 refuses, 02 is late, and so on in the order
  /// above; all others are prompt.
  public init(magicAmount amount: Int64) {
    let place = Int(amount % 100)
    self = place < Self.allCases.count ? Self.allCases[place] : .prompt
  }

  /// Whether money moves as soon as the payment comes.
  var movesAtOnce: Bool {
    switch self {
    case .refuse, .late, .lateRefuse, .silentLost: false
    default: true
    }
  }

  /// What is wrong with the first answer; nil for nothing.
  var lie: Lie? {
    switch self {
    case .wrongAmount: .amount
    case .wrongCurrency: .currency
    case .wrongID: .id
    case .wrongSignature: .signature
    default: nil
    }
  }

  /// What can be wrong with an answer.
  enum Lie: Sendable {
    case amount, currency, id, signature
  }
}
