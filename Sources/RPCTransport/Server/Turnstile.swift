/// Lets one through at a time, in the order of coming: for what takes a long time, or much memory,
/// and is done in steps. Belongs to one loop.
///
/// Sendable, because only tasks on that loop come here.
final class Turnstile: @unchecked Sendable {
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  /// Waits until nobody else is within; whoever enters must `leave`.
  func enter() async {
    guard isTaken else { return isTaken = true }
    await withCheckedContinuation { waiting.append($0) }
  }

  /// Lets the next one in.
  func leave() {
    if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
  }
}
