import Glibc

/// How long to go on.
enum Limit {
  case milliseconds(UInt64)
  /// To count what so many of them allocate.
  case operations(UInt64)
}

/// Repeats `operation`, which returns its checksum, and prints the line of results.
func measure(
  _ limit: Limit, encodedBytes: Int, _ operation: () throws -> UInt64
) throws {
  var checksum: UInt64 = 0
  switch limit {
  case .operations(let count):
    for _ in 0..<count { checksum = try operation() }
    print(count, 0, 0, checksum, encodedBytes)
  case .milliseconds(let milliseconds):
    // A tenth of the time warms up, and finds how many operations fit between two looks at the
    // clock.
    var batch: UInt64 = 1
    let begin = nanoseconds(CLOCK_MONOTONIC)
    while true {
      let batchBegin = nanoseconds(CLOCK_MONOTONIC)
      for _ in 0..<batch { checksum = try operation() }
      let now = nanoseconds(CLOCK_MONOTONIC)
      if now - batchBegin < 500_000 { batch *= 2 }
      if now - begin > milliseconds * 100_000 { break }
    }
    var operations: UInt64 = 0
    let wall = nanoseconds(CLOCK_MONOTONIC)
    let cpu = nanoseconds(CLOCK_PROCESS_CPUTIME_ID)
    var now = wall
    repeat {
      for _ in 0..<batch where try operation() != checksum {
        fail("an operation differs from the one before it")
      }
      operations += batch
      now = nanoseconds(CLOCK_MONOTONIC)
    } while now < wall + milliseconds * 1_000_000
    print(
      operations, now - wall, nanoseconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, checksum, encodedBytes)
  }
}

private func nanoseconds(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
