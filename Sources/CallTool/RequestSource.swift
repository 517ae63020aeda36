import Wire

/// The requests of a call, out of JSON text that may still be coming in.
public struct RequestSource: Sendable {
  /// Gives the next piece of the text; nil at its end.
  private let read: @Sendable () async -> [UInt8]?
  private var splitter = JSONSplitter()
  private var values: [JSONSplitter.Value] = []
  private var isAtEnd = false

  /// Requests out of what `read` gives, piece by piece, until it gives nil.
  public init(read: @escaping @Sendable () async -> [UInt8]?) { self.read = read }

  /// Requests out of a text.
  public init(_ text: [UInt8]) {
    self.init(read: { nil })
    do throws(CallFailure) {
      values = try splitter.append(text)
      if let last = splitter.finish() { values.append(last) }
      isAtEnd = true
    } catch {
      // Too long: what stands there cannot be read either, which says where.
      values = [JSONSplitter.Value(bytes: text, line: 1, column: 1)]
    }
  }

  /// The next value; nil after the last.
  mutating func next() async throws(CallFailure) -> JSONSplitter.Value? {
    while values.isEmpty, !isAtEnd {
      if let piece = await read() {
        values = try splitter.append(piece)
      } else {
        isAtEnd = true
        if let last = splitter.finish() { values.append(last) }
      }
    }
    return values.isEmpty ? nil : values.removeFirst()
  }
}
