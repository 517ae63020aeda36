import Glibc
import Platform

/// Writes lines to a file descriptor, such as 2 for standard error, on a thread of its own.
public final class DescriptorSink: LogSink {
  private struct State {
    var waiting: [UInt8] = []
    var isWriting = false
    var droppedCount = 0
  }

  private let state = Monitor(State())
  private let descriptor: Int32

  /// Bytes that wait at most: some thousand lines.
  private static let waitingBytesMax = 1 << 20

  /// A sink that lives as long as the process.
  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
    Thread.start { self.run() }
  }

  /// Takes a line; counts it as dropped when too much waits.
  public func write(_ line: String) {
    state.change(waking: .all) { state in
      if state.waiting.count + line.utf8.count < Self.waitingBytesMax {
        state.waiting += line.utf8
        state.waiting.append(UInt8(ascii: "\n"))
      } else {
        state.droppedCount += 1
      }
    }
  }

  /// Returns when all lines so far have been written, or nobody has read them for so long: before
  /// the process ends.
  public func flush(atMost duration: Duration) {
    _ = state.wait(atMost: duration) { state in
      state.waiting.isEmpty && !state.isWriting ? () : nil
    }
  }

  private func run() {
    while true {
      let bytes = state.wait { state -> [UInt8]? in
        if state.waiting.isEmpty { return nil }
        var bytes: [UInt8] = []
        swap(&bytes, &state.waiting)
        if state.droppedCount > 0 {
          bytes += "(\(state.droppedCount) lines were dropped: the log is read too slowly)\n".utf8
          state.droppedCount = 0
        }
        state.isWriting = true
        return bytes
      }
      Self.writeAll(bytes, to: descriptor)
      state.change(waking: .all) { $0.isWriting = false }
    }
  }

  /// Writes a line at once; for a program that ends before it has a log.
  static func writeNow(_ descriptor: Int32, _ line: String) {
    writeAll(Array(line.utf8) + [UInt8(ascii: "\n")], to: descriptor)
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) {
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(
          descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      }
      if count > 0 {
        offset += count
      } else if errno == EAGAIN {
        // Whoever has the other end made it non-blocking.
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&wanted, 1, -1)
      } else if errno != EINTR {
        // Nobody reads the log any more: there is nobody to tell.
        return
      }
    }
  }
}
