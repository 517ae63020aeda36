import PaymentsContracts
import Platform

/// The rules of something asked of a provider, once.
///
/// It is sent at most once: what has been handed to the network counts as sent, whatever comes back,
/// and from then on the provider is only asked how it ended. A provider refuses what was signed more
/// than `tolerance` ago, so a request that it still does not know after that can never take effect:
/// this, and nothing sooner, makes silence a failure.
struct ProviderRequestMachine: Sendable, Hashable {
  /// How a request stands; the numbers are those of `Payments.ProviderRequestState`.
  enum State: Int32, Sendable, CaseIterable {
    case waiting = 1
    case sent, unknown, succeeded, failed

    /// Whether the outcome is certain.
    var isTerminal: Bool { self == .succeeded || self == .failed }
  }

  /// What a person says of an unknown outcome.
  struct Settlement: Sendable, Hashable {
    var succeeded: Bool
    var reference: String
    var makerID: String
  }

  /// What can happen to a request.
  enum Event: Sendable, Hashable {
    /// It is about to be handed to the network.
    case sendStarted
    /// The connection could not be made: nothing left the house.
    case notSent
    /// Answered, verified: money moved, or for certain did not.
    case succeeded(reference: String), failed
    /// No answer, an unclear or an unbelievable one.
    case unclear
    /// The provider says that it does not know the request.
    case notKnown
    /// A person says how it ended.
    case settled(Settlement)
  }

  /// How old a signature may be, on either side.
  static let tolerance: Duration = .seconds(300)
  /// When a request that the provider does not know is given up: the signature is too old then,
  /// even if the two clocks differ by as much again.
  static let lostAfter: Duration = tolerance * 2

  var state: State
  var sentAt: Duration?
  var reference = ""
  var settlement: Settlement?
  var settlementCheckerID = ""

  /// Takes an event.
  ///
  /// - Returns: whether anything changed; false for what comes after a certain outcome.
  mutating func apply(_ event: Event, at now: Duration) throws(PaymentsError) -> Bool {
    switch (state, event) {
    case (.waiting, .sendStarted):
      state = .sent
      sentAt = now
    case (.sent, .notSent):
      state = .waiting
      sentAt = nil
    case (.sent, .unclear), (.unknown, .unclear):
      state = .unknown
    case (.sent, .notKnown), (.unknown, .notKnown):
      state = now - (sentAt ?? now) > Self.lostAfter ? .failed : .unknown
    case (.sent, .succeeded(let reference)), (.unknown, .succeeded(let reference)),
      (.waiting, .succeeded(let reference)):
      state = .succeeded
      self.reference = reference
    case (.sent, .failed), (.unknown, .failed):
      state = .failed
    case (_, .settled(let settlement)):
      return try settle(settlement)
    case (.succeeded, .succeeded), (.failed, .failed), (_, .unclear), (_, .notKnown), (_, .notSent):
      return false
    default:
      throw .refused(.requestState, "the request is \(state): it does not take \(event)")
    }
    return true
  }

  /// The first who says it makes, a different one checks.
  private mutating func settle(_ said: Settlement) throws(PaymentsError) -> Bool {
    if state.isTerminal {
      let isRepeated =
        settlement?.succeeded == said.succeeded
        && (said.makerID == settlementCheckerID || said.makerID == settlement?.makerID)
      if isRepeated, !settlementCheckerID.isEmpty { return false }
      throw .refused(.requestState, "the outcome is known already: the request \(state)")
    }
    guard state == .unknown else {
      throw .refused(.requestState, "the request is \(state): only an unknown outcome is settled")
    }
    guard let first = settlement else {
      settlement = said
      return true
    }
    if first.makerID == said.makerID {
      if first == said { return false }
      throw .refused(.samePerson, "you said it already: another person must say the same")
    }
    guard first.succeeded == said.succeeded, first.reference == said.reference else {
      throw .refused(
        .settlementDiffers, "your colleague said otherwise: agree, then say the same")
    }
    settlementCheckerID = said.makerID
    state = said.succeeded ? .succeeded : .failed
    if !said.reference.isEmpty { reference = said.reference }
    return true
  }
}
