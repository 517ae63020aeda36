import RPC

/// Cuts the lines of a JSON stream: `{"result":MESSAGE}` for each message, `{"end":CALLEND}` last.
struct JSONLines {
  private static let result = Array("{\"result\":".utf8)
  private static let end = Array("{\"end\":".utf8)

  /// What stands around a message, so that a line's limit is the message's, too.
  private static let frameBytes = result.count + 1

  private let messageBytesMax: Int
  private var line: [UInt8] = []

  init(messageBytesMax: Int) { self.messageBytesMax = messageBytesMax }

  /// Takes bytes in and appends the messages that are whole now.
  ///
  /// - Returns: the call's end, once it has come.
  mutating func receive(
    _ bytes: Span<UInt8>, _ messages: inout [[UInt8]]
  ) throws(RPCError) -> [UInt8]? {
    for index in bytes.indices {
      guard bytes[index] == UInt8(ascii: "\n") else {
        line.append(bytes[index])
        if line.count > messageBytesMax + Self.frameBytes {
          throw .messageTooLarge(line.count, max: messageBytesMax)
        }
        continue
      }
      if let message = content(behind: Self.result) {
        messages.append(message)
      } else if let end = content(behind: Self.end) {
        return end
      } else {
        throw RPCError(.internal, "a line of the answer is neither a result nor the end")
      }
      line.removeAll(keepingCapacity: true)
    }
    return nil
  }

  private func content(behind head: [UInt8]) -> [UInt8]? {
    guard line.starts(with: head), line.last == UInt8(ascii: "}") else { return nil }
    return Array(line[head.count..<line.count - 1])
  }
}
