import Platform

/// Whether a service takes calls, and if not, why.
public final class Readiness: Sendable {
  /// How a copy is.
  public enum State: String, Sendable {
    /// Not ready yet.
    case starting
    /// Takes calls.
    case ready
    /// Finishes what it has.
    case draining
  }

  private struct Status {
    var state = State.starting
    var faults: [String: String] = [:]
  }

  private let status = Lock(Status())
  private let changed: @Sendable (Bool) -> Void

  /// - Parameter changed: is told after each change whether calls are taken.
  init(changed: @escaping @Sendable (Bool) -> Void) { self.changed = changed }

  /// How the copy is.
  public var state: State { status.withLock { $0.state } }

  /// Why calls are not taken, a line each; empty when they are.
  public var reasons: [String] {
    status.withLock { status in
      (status.state == .ready ? [] : [status.state.rawValue])
        + status.faults.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    }
  }

  /// Whether calls are taken.
  public var isReady: Bool { reasons.isEmpty }

  func enter(_ state: State) {
    status.withLock { $0.state = state }
    changed(isReady)
  }

  /// Says what is wrong with something that the service cannot do without; nil when it is well.
  func set(_ name: String, _ fault: String?) {
    let isNew = status.withLock { status in
      defer { status.faults[name] = fault }
      return status.faults[name] != fault
    }
    if isNew { changed(isReady) }
  }
}
