import Platform

/// What a call answered, message by message.
final class Answers: Sendable {
  private let messages = Lock<[String]>([])

  func add(_ bytes: [UInt8]) {
    messages.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
  }

  var text: String { messages.withLock { $0.joined(separator: "\n") } }
}
