/// The messages of a call that came in and were not taken yet, and how many bytes the peer may be
/// allowed to send in their place.
///
/// What waits to be taken counts against the peer, so that a slow reader slows it down. What belongs
/// to a message that is not whole does not, unless it is withheld: it may be larger than the window.
struct IncomingMessages<Element> {
  private var elements: [(element: Element, byteCount: Int)] = []
  private var first = 0
  private var receivedBytes = 0
  private var allowedBytes = 0
  /// Bytes of the messages that wait.
  private(set) var waitingBytes = 0

  /// How many messages wait.
  var count: Int { elements.count - first }

  /// Whether no message waits.
  var isEmpty: Bool { first == elements.count }

  /// Counts bytes that came in, whatever they belong to.
  mutating func received(byteCount: Int) { receivedBytes += byteCount }

  mutating func append(_ element: Element, byteCount: Int) {
    elements.append((element, byteCount))
    waitingBytes += byteCount
  }

  /// The message that has waited longest.
  mutating func take() -> Element? {
    guard first < elements.count else { return nil }
    let (element, byteCount) = elements[first]
    first += 1
    waitingBytes -= byteCount
    if first == elements.count {
      elements.removeAll(keepingCapacity: true)
      first = 0
    } else if first >= 64, first * 2 >= elements.count {
      // A reader that never catches up must not keep what it has taken.
      elements.removeSubrange(..<first)
      first = 0
    }
    return element
  }

  /// Forgets the messages that wait.
  mutating func removeAll() {
    elements = []
    first = 0
    waitingBytes = 0
  }

  /// How many further bytes the peer may send since this was last asked, if so many of those
  /// received are to be withheld.
  mutating func takeAllowance(withholding withheldBytes: Int = 0) -> Int {
    let allowance = receivedBytes - waitingBytes - withheldBytes - allowedBytes
    guard allowance > 0 else { return 0 }
    allowedBytes += allowance
    return allowance
  }
}
