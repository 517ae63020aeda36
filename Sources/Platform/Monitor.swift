import Glibc

/// A value that threads change one at a time, and wait for changes of. Only for threads that may
/// block: never for one that runs a loop or tasks.
@safe
public final class Monitor<Value>: @unchecked Sendable {
  // Sendable, because `value` is only touched between lock and unlock of `mutex`.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var value: Value

  /// Who is woken by a change.
  public enum Woken {
    /// One of those who wait, whichever.
    case one
    /// All of them.
    case all
    /// Nobody: what changed lets none of them go on.
    case nobody
  }

  /// A monitor of `value`.
  public init(_ value: consuming sending Value) {
    unsafe mutex = .allocate(capacity: 1)
    unsafe changed = .allocate(capacity: 1)
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe changed.initialize(to: pthread_cond_t())
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    let status = unsafe pthread_mutex_init(mutex, nil) | pthread_cond_init(changed, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
    precondition(status == 0, "the system is out of locks")
    self.value = value
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Runs `body` with the value, then wakes who waits.
  public func change<Result, Failure: Error>(
    waking woken: Woken, _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try change { (value) throws(Failure) in (try body(&value), woken) }
  }

  /// The same, where `body` finds out who is to be woken.
  public func change<Result, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> (Result, Woken)
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    let (result, woken) = try body(&value)
    switch woken {
    case .one: unsafe pthread_cond_signal(changed)
    case .all: unsafe pthread_cond_broadcast(changed)
    case .nobody: break
    }
    return result
  }

  /// Runs `body` with the value after each change until it gives something.
  public func wait<Result>(_ body: (inout Value) -> Result?) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      unsafe pthread_cond_wait(changed, mutex)
    }
  }

  /// The same for at most so long; nil if `body` gave nothing in that time.
  public func wait<Result>(
    atMost duration: Duration, _ body: (inout Value) -> Result?
  ) -> Result? {
    let end = SystemTime().now() + duration
    var limit = timespec(
      tv_sec: Int(end.nanoseconds / 1_000_000_000), tv_nsec: Int(end.nanoseconds % 1_000_000_000))
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let result = body(&value) { return result }
      if unsafe pthread_cond_timedwait(changed, mutex, &limit) == ETIMEDOUT { return body(&value) }
    }
  }
}
