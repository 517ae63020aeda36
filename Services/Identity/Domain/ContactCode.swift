internal import Cryptography
internal import IdentityContracts
internal import Platform
internal import Wire

/// The six-digit codes that prove a contact: how long they last, how often they are sent and tried.
enum ContactCode {
  /// What a code is good for; the numbers are stored.
  enum Purpose: Int64, Sendable {
    case verification = 1
    case reset = 2

    /// How long such a code works.
    var lifetime: Duration { self == .verification ? .seconds(600) : .seconds(900) }
  }

  /// How often one may be wrong.
  static let triesMax: Int64 = 5
  /// How long to wait for the next code to the same address.
  static let spacing: Duration = .seconds(60)
  /// How many codes an address gets a day.
  static let perDayMax = 5
  private static let day: Duration = .seconds(86_400)

  /// A new code.
  static func make(_ random: any RandomSource) -> String {
    let digits = String(random.number(below: 1_000_000))
    return String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// Refuses a code that follows others too soon.
  ///
  /// - Parameter sent: when the address got its codes of the last day.
  static func checkSpacing(sent: [Duration], at now: Duration) throws(IdentityError) {
    let recent = sent.filter { now - $0 < day }.sorted()
    guard let last = recent.last else { return }
    var wait = last + spacing - now
    if recent.count >= perDayMax {
      wait = max(wait, recent[recent.count - perDayMax] + day - now)
    }
    if wait > .zero { throw .refused(.codeTooSoon, retryAfter: wait) }
  }

  /// A code as it is stored.
  struct Stored: Sendable, Hashable {
    var digest: [UInt8]
    var expiresAt: Duration
    var triesLeft: Int64
    var usedAt: Duration?
  }

  /// What a try at a code comes to.
  enum Outcome: Sendable, Hashable {
    /// It is right, for the first time.
    case right
    /// It was right before; nothing changes.
    case rightAgain
    /// It is refused; `spendsTry` when that counts.
    case refused(IdentityError, spendsTry: Bool)
  }

  /// Judges a try.
  static func judge(_ stored: Stored, digest: [UInt8], at now: Duration) -> Outcome {
    let isRight = stored.digest.equalsInConstantTime(digest)
    if stored.usedAt != nil {
      return isRight ? .rightAgain : .refused(.refused(.codeExpired), spendsTry: false)
    }
    if stored.triesLeft <= 0 { return .refused(.refused(.codeSpent), spendsTry: false) }
    if now >= stored.expiresAt { return .refused(.refused(.codeExpired), spendsTry: false) }
    if isRight { return .right }
    let left = stored.triesLeft - 1
    if left == 0 { return .refused(.refused(.codeSpent), spendsTry: true) }
    return .refused(.refused(.codeWrong, facts: ["tries_left": "\(left)"]), spendsTry: true)
  }
}
