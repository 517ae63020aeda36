import Glibc

/// Jobs that wait for the threads of a database: bounded, first come, first served.
@safe
final class JobQueue: @unchecked Sendable {
  // Sendable, because everything below is only touched under `mutex`.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let hasWork: UnsafeMutablePointer<pthread_cond_t>
  private var jobs: [any TransactionJob] = []
  private var first = 0
  private var isStopped = false
  private let waitingMax: Int

  init(waitingMax: Int) {
    self.waitingMax = waitingMax
    unsafe mutex = .allocate(capacity: 1)
    unsafe hasWork = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(hasWork, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(hasWork)
    unsafe pthread_mutex_destroy(mutex)
    unsafe hasWork.deallocate()
    unsafe mutex.deallocate()
  }

  /// Adds a job.
  ///
  /// - Throws: `busy` when too many wait, `stopped` after `stop()`.
  func add(_ job: any TransactionJob) throws(StorageError) {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    if isStopped { throw StorageError(.stopped, "the database has been stopped") }
    guard jobs.count - first < waitingMax else {
      throw StorageError(.busy, "\(waitingMax) transactions wait already; try again later")
    }
    jobs.append(job)
    unsafe pthread_cond_signal(hasWork)
  }

  /// Up to `countMax` jobs, once there is one; none when the queue has been stopped and is empty.
  func take(_ countMax: Int) -> [any TransactionJob] {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while first == jobs.count {
      if isStopped { return [] }
      unsafe pthread_cond_wait(hasWork, mutex)
    }
    let end = min(jobs.count, first + countMax)
    let taken = Array(jobs[first..<end])
    first = end
    if first == jobs.count || first > 1_024 {
      jobs.removeFirst(first)
      first = 0
    }
    return taken
  }

  /// Takes no further jobs; those that wait are still done.
  func stop() {
    unsafe pthread_mutex_lock(mutex)
    isStopped = true
    unsafe pthread_cond_broadcast(hasWork)
    unsafe pthread_mutex_unlock(mutex)
  }
}
