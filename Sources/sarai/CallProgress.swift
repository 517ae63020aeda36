import Platform
import RPC
import Terminal

/// What `-v` tells of a call, on standard error.
final class CallProgress: Sendable {
  private let isVerbose: Bool
  private let time = SystemTime()
  private let start: MonotonicTime
  private let answers = Lock(0)

  init(isVerbose: Bool) {
    self.isVerbose = isVerbose
    start = time.now()
  }

  func begins(_ method: MethodDescriptor, _ connection: ServiceConnection, _ options: CallOptions) {
    tell("> \(method.path) at \(connection.description)")
    for entry in options.metadata.entries {
      tell("> \(entry.name): \(entry.name == "authorization" ? "..." : entry.value)")
    }
    if let timeout = options.timeout { tell("> deadline: \(timeout)") }
  }

  func answered(_ byteCount: Int) {
    let count = answers.withLock { count in
      count += 1
      return count
    }
    tell("< answer \(count), \(byteCount) bytes of JSON, after \(elapsed)")
  }

  func received(_ metadata: ReplyMetadata) {
    for entry in metadata.initial.entries { tell("< \(entry.name): \(entry.value)") }
    for entry in metadata.trailing.entries { tell("< trailer \(entry.name): \(entry.value)") }
  }

  func ended() { tell("ended after \(elapsed)") }

  private var elapsed: String {
    let microseconds = (time.now() - start) / .microseconds(1)
    return "\((microseconds / 10).rounded() / 100) ms"
  }

  private func tell(_ line: String) { if isVerbose { Output.complain(line) } }
}
