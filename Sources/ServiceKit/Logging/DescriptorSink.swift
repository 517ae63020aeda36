import Glibc
import Platform

/// Writes lines to a file descriptor, such as 2 for standard error, on a thread of its own.
@safe
public final class DescriptorSink: LogSink, @unchecked Sendable {
  // Sendable, because everything that changes is only touched under `mutex`.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private let descriptor: Int32
  private var waiting: [UInt8] = []
  private var isWriting = false
  private var droppedCount = 0

  /// Bytes that wait at most: some thousand lines.
  private static let waitingBytesMax = 1 << 20

  /// A sink that lives as long as the process.
  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
    unsafe mutex = .allocate(capacity: 1)
    unsafe changed = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
    Thread.start { self.run() }
  }

  /// Takes a line; counts it as dropped when too much waits.
  public func write(_ line: String) {
    unsafe pthread_mutex_lock(mutex)
    if waiting.count + line.utf8.count < Self.waitingBytesMax {
      waiting += line.utf8
      waiting.append(UInt8(ascii: "\n"))
      unsafe pthread_cond_broadcast(changed)
    } else {
      droppedCount += 1
    }
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Returns when all lines so far have been written: before the process ends.
  public func flush() {
    unsafe pthread_mutex_lock(mutex)
    while !waiting.isEmpty || isWriting { unsafe pthread_cond_wait(changed, mutex) }
    unsafe pthread_mutex_unlock(mutex)
  }

  private func run() {
    while true {
      unsafe pthread_mutex_lock(mutex)
      isWriting = false
      unsafe pthread_cond_broadcast(changed)
      while waiting.isEmpty { unsafe pthread_cond_wait(changed, mutex) }
      var bytes: [UInt8] = []
      swap(&bytes, &waiting)
      if droppedCount > 0 {
        bytes += "(\(droppedCount) lines were dropped: the log is read too slowly)\n".utf8
        droppedCount = 0
      }
      isWriting = true
      unsafe pthread_mutex_unlock(mutex)
      writeAll(bytes)
    }
  }

  private func writeAll(_ bytes: [UInt8]) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno != EINTR {
        // Nobody reads the log any more: there is nobody to tell.
        return
      }
    }
  }
}
