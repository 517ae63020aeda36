import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  init() {}

  /// Adds to it.
  public func add(_ more: Int) {
    precondition(more >= 0, "a counter only grows")
    count.add(more, ordering: .relaxed)
  }

  /// The count so far.
  public var value: Int { count.load(ordering: .relaxed) }
}
